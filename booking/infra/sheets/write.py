"""Tables to files: CSV and XLSX in which no cell is a formula."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What makes a spreadsheet take text for a formula; the full-width ones too, which some convert.
TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LONGEST_CELL = 32_000  # of Excel's 32,767

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.'
    'openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="'
    'application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
    'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="'
    f'{XLSX_TYPE}.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="'
    'application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_SCHEMA = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.'
    f'openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="{_SCHEMA}/{{}}" '
    'Target="{}"/></Relationships>'
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_BOOK = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><workbook xmlns="{_MAIN}" '
    f'xmlns:r="{_SCHEMA}"><sheets><sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>'
)
_SHEET = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="{_MAIN}"><sheetData>'
)
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
    return b"\xef\xbb\xbf" + target.getvalue().encode("utf-8", "replace")


def xlsx_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Return the rows as a workbook of one sheet; every cell is typed as text."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", _TYPES)
        book.writestr("_rels/.rels", _RELATIONS.format("officeDocument", "xl/workbook.xml"))
        book.writestr("xl/workbook.xml", _BOOK)
        relation = _RELATIONS.format("worksheet", "worksheets/sheet1.xml")
        book.writestr("xl/_rels/workbook.xml.rels", relation)
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(_SHEET.encode())
            for row in rows:
                sheet.write(f"<row>{''.join(map(_typed, row))}</row>".encode("utf-8", "replace"))
            sheet.write(b"</sheetData></worksheet>")
    return target.getvalue()


def _typed(cell: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(_fit(cell))}</t></is></c>'


def _fit(cell: str) -> str:
    return cell.translate(_UNFIT)[:LONGEST_CELL]
