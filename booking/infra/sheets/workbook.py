"""Workbooks (xlsx, xlsm, xlsb, ods, xls) to rows, by their content and not their name."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import python_calamine

from booking.core.errors import Invalid
from booking.infra.sheets.limits import Limits

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_SHEETS = 20
# How the formats say that they are locked: calamine 0.9 calls such files undetectable.
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")  # xlsx and xlsb inside OLE
_FILEPASS = re.compile(rb"\x09\x08(\x10\x00.{16}|\x08\x00.{8})\x2f\x00", re.DOTALL)  # xls

Cell = int | float | str | bool | time | date | datetime | timedelta


def is_workbook(content: bytes) -> bool:
    """Return whether the bytes are a ZIP or an OLE file."""
    return content.startswith((ZIP_MAGIC, OLE_MAGIC))


def check_zip(content: bytes, limits: Limits) -> None:
    """Refuse a ZIP whose directory promises too much. Raises Invalid; nothing is unpacked."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Invalid("import_damaged") from None
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > limits.zip_entries:
        raise Invalid("import_zip_entries", limit=limits.zip_entries, actual=len(entries))
    if unpacked > limits.unpacked_bytes:
        raise Invalid(
            "import_unpacked",
            limit=limits.unpacked_bytes // 1024**2,
            actual=unpacked // 1024**2,
        )
    if unpacked > limits.zip_ratio * len(content):
        actual = unpacked // max(len(content), 1)
        raise Invalid("import_zip_ratio", limit=limits.zip_ratio, actual=actual)


def sheets(content: bytes, limits: Limits) -> Iterator[tuple[str, int, Iterator[list[str]]]]:
    """Yield each sheet's name, the column its rows begin at (from 0), and its rows as text.

    Raises Invalid when the file is encrypted, damaged or no workbook.
    """
    if content.startswith(ZIP_MAGIC):
        check_zip(content, limits)
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(content))
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        locked = isinstance(error, python_calamine.PasswordError) or _is_locked(content)
        raise Invalid("import_encrypted" if locked else "import_damaged") from None
    for name in workbook.sheet_names[:MAX_SHEETS]:
        try:
            sheet = workbook.get_sheet_by_name(name)
        except (python_calamine.CalamineError, OSError, ValueError):
            continue  # a chart or a damaged sheet; the others may be fine
        if sheet.start is not None:
            yield name, sheet.start[1], _rows(sheet)


def _is_locked(content: bytes) -> bool:
    if content.startswith(OLE_MAGIC):
        return _ENCRYPTED_STREAM in content or bool(_FILEPASS.search(content))
    archive = zipfile.ZipFile(io.BytesIO(content))
    manifest = "META-INF/manifest.xml"  # ods
    return manifest in archive.namelist() and b"encryption-data" in archive.read(manifest)


def _rows(sheet: python_calamine.CalamineSheet) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        yield [cell_text(cell) for cell in row]


def cell_text(cell: Cell | None) -> str:
    """Return a cell as text: whole numbers without `.0`, days and instants in ISO form.

    >>> cell_text(6.0), cell_text(0.5), cell_text(True), cell_text(date(2026, 1, 2))
    ('6', '0.5', 'true', '2026-01-02')
    """
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime():
            return cell.isoformat(" ")
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell)
