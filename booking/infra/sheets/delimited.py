"""Text to rows: comma, tab, semicolon or bar, whatever ends the lines."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice

DELIMITERS = ",\t;|"
SAMPLE_CHARACTERS = 64 * 1024
SAMPLE_ROWS = 100
# Longer cells are a quote that was never closed.
MAX_CELL_CHARACTERS = 32 * 1024


def rows(text: str) -> Iterator[list[str]]:
    """Yield each record's cells, blank records as empty lists; a record is a spreadsheet's row.

    A first line `sep=;` names the delimiter and is yielded as a blank row. When quotes do not
    match up, the text is read again with quotes as ordinary characters.
    """
    text = text.replace("\0", "")
    delimiter, skip = _declared(text)
    if skip:
        yield []
        text = text[skip:]
    delimiter = delimiter or guess_delimiter(text)
    quoted = _quotes_close(text, delimiter)
    yield from _read(text, delimiter, quoted=quoted)


def guess_delimiter(text: str) -> str:
    """Return the character that splits most rows into the same number of cells; comma if none."""
    sample = text[:SAMPLE_CHARACTERS]
    return max(DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    widths: Counter[int] = Counter()
    try:
        for record in islice(_read(sample, delimiter, quoted=True), SAMPLE_ROWS):
            if any(cell.strip() for cell in record):
                widths[len(record)] += 1
    except csv.Error:
        return 0.0, 0
    split = [(count, width) for width, count in widths.items() if width > 1]
    if not split:
        return 0.0, 0
    count, width = max(split)
    return count / widths.total(), width


def _declared(text: str) -> tuple[str | None, int]:
    """Return the delimiter that Excel's `sep=` line names, and that line's length."""
    for end in ("\r\n", "\n", "\r"):
        line, found, _ = text[:12].partition(end)
        if found and len(line) == 5 and line.lower().startswith("sep="):
            return line[4], len(line) + len(end)
    return None, 0


def _quotes_close(text: str, delimiter: str) -> bool:
    if '"' not in text:
        return True
    try:
        return all(
            len(cell) <= MAX_CELL_CHARACTERS
            for record in _read(text, delimiter, quoted=True)
            for cell in record
        )
    except csv.Error:
        return False


def _read(text: str, delimiter: str, *, quoted: bool) -> Iterator[list[str]]:
    # newline="" leaves CR, LF and CRLF to the reader, inside quotes too.
    lines = io.StringIO(text, newline="")
    if quoted:
        yield from csv.reader(lines, delimiter=delimiter)
    else:
        yield from csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
