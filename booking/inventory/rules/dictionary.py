"""Making a tree of classes from the rows of a dictionary, whatever they say about their parents."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from booking.inventory.rules.classes import InstrumentClass

_CODE = re.compile(r"\d{5,6}")  # spreadsheets drop the zero in front


@dataclass(frozen=True, slots=True)
class DictionaryRow:
    """One row as read. `line` is the file's, the first is 1."""

    line: int
    code: str
    parent_code: str
    name_zh: str
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class DictionaryProblem:
    """A row that was not taken as it stands.

    reason: bad_code, no_name, repeated_code, unknown_parent, in_a_loop: left out;
    own_parent: taken as a top class.
    """

    line: int
    reason: str
    value: str


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The classes of a file, parents before children, and what was wrong with its rows."""

    classes: tuple[InstrumentClass, ...]
    problems: tuple[DictionaryProblem, ...]


def read_dictionary(rows: Iterable[DictionaryRow], known: Mapping[str, str | None]) -> Dictionary:
    """Return the tree the rows describe; of rows with one code the first counts.

    `known` is code → parent of classes already there, which may be parents too. A row without a
    parent hangs below the class its code belongs to (010203 below 010200), else stands at the top.
    """
    problems: list[DictionaryProblem] = []
    kept = _first_of_each(rows, problems)
    parents = {code: _parent(row, kept, known, problems) for code, row in kept.items()}
    everything = {**known, **parents}
    classes = []
    for code, row in kept.items():
        level = _level(code, everything)
        if isinstance(level, str):
            problems.append(DictionaryProblem(row.line, level, row.parent_code or code))
        else:
            classes.append(
                InstrumentClass(code, parents[code], level, row.name_zh.strip(), row.name_en)
            )
    classes.sort(key=lambda c: (c.level, c.code))
    return Dictionary(tuple(classes), tuple(sorted(problems, key=lambda p: p.line)))


def _first_of_each(
    rows: Iterable[DictionaryRow], problems: list[DictionaryProblem]
) -> dict[str, DictionaryRow]:
    kept: dict[str, DictionaryRow] = {}
    for row in rows:
        code = row.code.strip()
        if not _CODE.fullmatch(code):
            problems.append(DictionaryProblem(row.line, "bad_code", code))
        elif not row.name_zh.strip():
            problems.append(DictionaryProblem(row.line, "no_name", code))
        elif code.zfill(6) in kept:
            problems.append(DictionaryProblem(row.line, "repeated_code", code))
        else:
            kept[code.zfill(6)] = row
    return kept


def _parent(
    row: DictionaryRow,
    kept: Collection[str],
    known: Collection[str],
    problems: list[DictionaryProblem],
) -> str | None:
    code, given = row.code.strip().zfill(6), row.parent_code.strip()
    if given and given.zfill(6) != code:
        return given.zfill(6)
    if given:
        problems.append(DictionaryProblem(row.line, "own_parent", code))
    for above in (f"{code[:4]}00", f"{code[:2]}0000"):
        if above != code and (above in kept or above in known):
            return above
    return None


def _level(code: str, parents: Mapping[str, str | None]) -> int | str:
    """Return the depth below the top, from 1, or the reason why there is none."""
    above: list[str] = []
    at: str | None = code
    while at is not None:
        if at in above:
            return "in_a_loop"
        if at not in parents:
            return "unknown_parent"
        above.append(at)
        at = parents[at]
    return len(above)
