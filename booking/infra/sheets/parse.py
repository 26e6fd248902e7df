"""A file's bytes to sheets, within the limits. Runs in the child process."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice

from booking.core.errors import Invalid
from booking.core.table import Row, Sheet
from booking.infra.sheets import delimited, encoding, workbook
from booking.infra.sheets.limits import Limits

# What people upload by mistake, by its first bytes; the value is shown as it is.
MAGIC = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7-Zip",
    b"\x1f\x8b": "gzip",
    b"MZ": "EXE",
    b"\x7fELF": "ELF",
    b"{\\rtf": "RTF",
}
MARKUP = {"<!doctype html": "HTML", "<html": "HTML", "<table": "HTML", "<?xml": "XML"}
# More control characters than this are no text, whatever the encoding.
CONTROL_SHARE = 0.1
# No text of ours holds them, and PostgreSQL refuses the first; tab and line ends stay.
_UNPRINTED = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


def parse(content: bytes, limits: Limits) -> list[Sheet]:
    """Return the sheets that have rows. Raises Invalid, whose code says why the file is refused.

    Of several sheets one too large does not spoil the others.
    """
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Invalid("import_empty")
    for magic, kind in MAGIC.items():
        if content.startswith(magic):
            raise Invalid("import_not_a_table", kind=kind)
    found, refusals = [], []
    for name, first_column, rows in _raw_sheets(content, limits):
        try:
            kept = tuple(_kept(rows, first_column, limits))
        except Invalid as refusal:
            refusals.append(refusal)
            continue
        if kept:
            found.append(Sheet(name, kept))
    if not found:
        raise refusals[0] if refusals else Invalid("import_empty")
    return found


def _raw_sheets(content: bytes, limits: Limits) -> Iterable[tuple[str, int, Iterator[list[str]]]]:
    if workbook.is_workbook(content):
        return workbook.sheets(content, limits)
    if len(content) > limits.unpacked_bytes:
        limit = limits.unpacked_bytes // 1024**2
        raise Invalid("import_unpacked", limit=limit, actual=len(content) // 1024**2)
    text, _ = encoding.decode(content)
    _check_is_table(text)
    return [("", 0, delimited.rows(text))]


def _check_is_table(text: str) -> None:
    """Refuse what is text but no table: markup, JSON, binary. Raises Invalid."""
    head = text[:1024].lstrip().lower()
    for start, kind in MARKUP.items():
        if head.startswith(start):
            raise Invalid("import_not_a_table", kind=kind)
    if "<html" in head or "<!doctype" in head:
        raise Invalid("import_not_a_table", kind="HTML")
    if _is_json(head, text):
        raise Invalid("import_not_a_table", kind="JSON")
    sample = text[: 64 * 1024]
    controls = sum(ch < " " and ch not in "\0\t\r\n\f" for ch in sample)
    if controls > CONTROL_SHARE * len(sample):
        raise Invalid("import_not_a_table", kind="binary")


def _is_json(head: str, text: str) -> bool:
    if not head.startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        # JSON with a slip, such as a comma before a bracket, is no table either.
        return head[1:].lstrip()[:1] in ("{", '"') and '":' in head
    return True


def _kept(rows: Iterator[list[str]], first_column: int, limits: Limits) -> Iterator[Row]:
    count = 0
    for number, raw in enumerate(rows, start=1):
        cells = [_clean(cell) for cell in raw]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        count += 1
        width = first_column + len(cells)
        if width > limits.columns:
            raise Invalid("import_columns", limit=limits.columns, actual=width)
        if count > limits.rows:
            rest = sum(1 for _ in islice(rows, 10 * limits.rows))
            raise Invalid("import_rows", limit=limits.rows, actual=number + rest)
        yield Row(number, ("",) * first_column + tuple(cells))


def _clean(cell: str) -> str:
    # Asking first is what makes it fast: nearly every cell is printable.
    return cell.strip() if cell.isprintable() else cell.translate(_UNPRINTED).strip()
