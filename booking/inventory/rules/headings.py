"""Which row of a sheet is its heading, and which column holds which field.

The words come from a vocabulary: field → headings, the best first, as `key` writes them.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from booking.core.errors import Invalid
from booking.core.table import Row, Sheet, column_letters

Vocabulary = Mapping[str, tuple[str, ...]]

# Titles, notes and group headings stand above the heading; official forms have one or two.
SEARCHED_ROWS = 20
MOST_LABEL_CHARACTERS = 60
# Where instructions inside a heading begin: "原值（单位万元）", "Name: as on the label".
_INSTRUCTIONS = re.compile(r"[(\[【{:;\n*=/\\]")
_CHINESE = re.compile(r"[^\u4e00-\u9fff]")
_LATIN = re.compile(r"[^a-z0-9]")
_LETTERS = re.compile(r"[A-Za-z]{1,3}")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field's text comes from: columns (from 0, joined by a space) or a constant."""

    columns: tuple[int, ...] = ()
    const: str | None = None

    def text(self, row: Row) -> str:
        """Return the field's text in `row`, empty where the row says nothing."""
        if self.const is not None:
            return self.const
        return " ".join(filter(None, (row.cell(column) for column in self.columns)))


@dataclass(frozen=True, slots=True)
class Header:
    """A sheet's heading: a label for each column, and the index of the first row below it."""

    labels: tuple[str, ...]
    first_row: int
    score: int

    def label(self, column: int) -> str:
        """Return the column's label, its letters beyond the heading."""
        return self.labels[column] if column < len(self.labels) else column_letters(column)


def key(text: str) -> str:
    """Return a heading's letters and digits alone, lower case, of one width.

    >>> key(" Serial No. "), key("规格／型号")
    ('serialno', '规格型号')
    """
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).lower()))


def guess(labels: Sequence[str], words: Vocabulary, joined: Collection[str]) -> dict[str, Source]:
    """Return the fields whose headings are recognised; fields in `joined` take several columns.

    A heading's whole text counts before its text without instructions or second language.
    """
    found: dict[str, Source] = {}
    free = dict.fromkeys(range(len(labels)))
    for keys in ([_whole(label) for label in labels], [_parts(label) for label in labels]):
        for field, headings in words.items():
            if field in found:
                continue
            columns = [c for word in headings for c in free if word in keys[c]]
            if columns:
                chosen = sorted(set(columns)) if field in joined else columns[:1]
                found[field] = Source(tuple(chosen))
                for column in chosen:
                    free.pop(column)
    return found


def _whole(label: str) -> set[str]:
    return {key(label)}


def _parts(label: str) -> set[str]:
    text = unicodedata.normalize("NFKC", label).lower().lstrip("* \n")
    before = _INSTRUCTIONS.split(text, maxsplit=1)[0]
    parts = {key(before), _CHINESE.sub("", before), _LATIN.sub("", before)}
    return {part for part in parts if len(part) > 1}


def find_header(
    rows: Sequence[Row], words: Vocabulary, joined: Collection[str], named: Collection[str] = ()
) -> Header:
    """Return the heading among the first rows: the row, or two rows read as one, that names most.

    `named` are columns somebody named by hand: they count double. Without any recognised word the
    first row is the heading. `rows` must not be empty.
    """
    wanted = {key(name) for name in named}
    best = Header(_labels(rows[0]), 1, 0)
    for index in range(min(SEARCHED_ROWS, len(rows))):
        below = rows[index + 1] if index + 1 < len(rows) else None
        for labels, height in ((_labels(rows[index]), 1), (_two(rows[index], below), 2)):
            if labels:
                score = len(guess(labels, words, joined))
                score += 2 * len(wanted & {key(label) for label in labels})
                if score > best.score:
                    best = Header(labels, index + height, score)
    return best


def best_sheet(
    sheets: Sequence[Sheet], words: Vocabulary, joined: Collection[str], named: Collection[str] = ()
) -> tuple[Sheet, Header]:
    """Return the sheet whose heading names most, the first of equals, and its heading."""
    headed = [(sheet, find_header(sheet.rows, words, joined, named)) for sheet in sheets]
    return max(headed, key=lambda pair: pair[1].score)


def _labels(row: Row) -> tuple[str, ...]:
    labels: list[str] = []
    for column, cell in enumerate(row.cells):
        label = " ".join(cell.split())[:MOST_LABEL_CHARACTERS]
        if not label:
            label = column_letters(column)
        elif label in labels:
            label = f"{label} ({column_letters(column)})"
        labels.append(label)
    return tuple(labels)


def _two(upper: Row, lower: Row | None) -> tuple[str, ...]:
    """Return the labels of two rows as one heading: the lower's, else the upper's."""
    if lower is None:
        return ()
    width = max(len(upper.cells), len(lower.cells))
    cells = tuple(lower.cell(column) or upper.cell(column) for column in range(width))
    return _labels(Row(lower.number, cells))


def field_named(name: str, words: Vocabulary) -> str | None:
    """Return the field a mapping's key means: its own name or any heading known for it."""
    if name in words:
        return name
    wanted = key(name)
    return next((field for field, known in words.items() if wanted in known), None)


def mapped(
    spec: Mapping[str, object], labels: Sequence[str], words: Vocabulary
) -> dict[str, Source]:
    """Return the sources a hand-made mapping names; None takes a field away (an empty source).

    Values are a column, a list of columns joined by a space, or {"const": text}. A column is a
    heading, or else a column's letters. Raises Invalid naming the unknown field or column.
    """
    found = {}
    for name, value in spec.items():
        field = field_named(name, words)
        if field is None:
            raise Invalid("import_unknown_field", field=name, actual=name, limit=", ".join(words))
        found[field] = _source(name, value, labels)
    return found


def _source(name: str, value: object, labels: Sequence[str]) -> Source:
    match value:
        case None:
            return Source()
        case {"const": str() | int() | float() as const, **rest} if not rest:
            return Source(const=str(const).strip())
        case str():
            return Source((column_named(value, labels),))
        case list() if value and all(isinstance(item, str) for item in value):
            return Source(tuple(column_named(item, labels) for item in value))
    raise Invalid("import_bad_mapping", field=name, actual=name)


def column_named(name: str, labels: Sequence[str]) -> int:
    """Return the column with that heading, else with those letters. Raises Invalid if none."""
    wanted = key(name)
    exact = [c for c, label in enumerate(labels) if label == name.strip()]
    alike = [c for c, label in enumerate(labels) if key(label) == wanted]
    if exact or alike:
        return (exact or alike)[0]
    if _LETTERS.fullmatch(name):
        letters = [column_letters(c) for c in range(len(labels))]
        if name.upper() in letters:
            return letters.index(name.upper())
    raise Invalid("import_unknown_column", field=name, actual=name, limit=", ".join(labels[:30]))
