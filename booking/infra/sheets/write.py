"""Tables to files: CSV and XLSX in which no cell is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from xlsxwriter import Workbook

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What makes a spreadsheet take text for a formula; the full-width ones too, which some convert.
TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LONGEST_CELL = 32_000  # of Excel's 32,767

# XML knows no other control characters.
_UNFIT = {code: " " for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: "", 0xFFFF: ""}


def escaped(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe goes before it.

    >>> escaped("=1+1"), escaped("-"), escaped("a=b")
    ("'=1+1", "'-", 'a=b')
    """
    return f"'{cell}" if cell.startswith(TRIGGERS) else cell


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Return the rows as CSV in UTF-8 with the mark by which Excel knows it."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\r\n").writerows(
        [escaped(_fit(cell)) for cell in row] for row in rows
    )
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def xlsx_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Return the rows as a workbook of one sheet; every cell is typed as text."""
    target = io.BytesIO()
    with Workbook(target, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, _fit(cell))
    return target.getvalue()


def _fit(cell: str) -> str:
    whole = cell.encode("utf-8", "replace").decode()  # half a surrogate pair is no character
    return whole.translate(_UNFIT)[:LONGEST_CELL]
