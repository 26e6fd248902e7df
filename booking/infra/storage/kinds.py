"""What a file is, told by its content; its name only has to agree."""

import io
import re
import struct
import zipfile
from dataclasses import dataclass

from booking.core.errors import Invalid

BINARY = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of file: what it is called, sent as, and the endings its name may have."""

    name: str
    content_type: str
    endings: tuple[str, ...]


JPEG = Kind("JPEG", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif"))
PNG = Kind("PNG", "image/png", ("png",))
WEBP = Kind("WebP", "image/webp", ("webp",))
PDF = Kind("PDF", "application/pdf", ("pdf",))
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
DOCX = Kind("Word", f"{_OFFICE}wordprocessingml.document", ("docx",))
XLSX = Kind("Excel", f"{_OFFICE}spreadsheetml.sheet", ("xlsx",))
PPTX = Kind("PowerPoint", f"{_OFFICE}presentationml.presentation", ("pptx",))
ODT = Kind("OpenDocument", f"{_OPEN}text", ("odt",))
ODS = Kind("OpenDocument", f"{_OPEN}spreadsheet", ("ods",))
ZIP = Kind("ZIP", "application/zip", ("zip",))
# Sequences, spectra and logs are text too. No HTML, no SVG, no scripts: not even as text.
TEXT = Kind(
    "text", "text/plain; charset=utf-8",
    ("txt", "csv", "tsv", "md", "json", "log", "fasta", "fa", "fastq", "fq", "gb", "pdb", "mol",
     "sdf", "cif", "jcamp", "dx"),
)  # fmt: skip
PICTURES = (JPEG, PNG, WEBP)
DOCUMENTS = (PDF, DOCX, XLSX, PPTX, ODT, ODS, TEXT, ZIP)
EVERY = (*PICTURES, *DOCUMENTS)

MOST_ENTRIES = 1_000
MOST_DIRECTORY_BYTES = MOST_ENTRIES * 256
MOST_UNPACKED = 200 * 1024**2
MOST_RATIO = 100
SMALL = 1024**2  # below it a ratio says nothing
_END = b"PK\x05\x06"
_MACROS = ("vbaproject.bin", "activex")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_INSIDE = {"word/": DOCX, "xl/": XLSX, "ppt/": PPTX}
_BY_TYPE = {ODT.content_type: ODT, ODS.content_type: ODS}


def kind_of(content: bytes, field: str = "file") -> Kind:
    """Return what a file is. Raises Invalid `file_kind` when it is nothing that is taken.

    Also Invalid `file_packed`: an archive that unpacks to too much or out of its folder, or that
    holds macros.
    """
    picture = picture_of(content)
    if picture is not None:
        return picture
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"PK\x03\x04"):
        return _packed(content, field)
    if _is_text(content):
        return TEXT
    raise Invalid("file_kind", field=field)


def picture_of(content: bytes) -> Kind | None:
    """Return which of PICTURES a file begins as, None for anything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    return WEBP if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def _packed(content: bytes, field: str) -> Kind:
    """Return what kind of archive it is; its directory is read, nothing is unpacked but a label."""
    end = content.rfind(_END, max(0, len(content) - 70_000))
    if end < 0 or end + 22 > len(content):
        raise Invalid("file_kind", field=field)
    entries, size = struct.unpack_from("<HI", content, end + 10)
    if entries > MOST_ENTRIES or size > MOST_DIRECTORY_BYTES:
        raise Invalid("file_packed", field=field)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        found = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error):
        raise Invalid("file_kind", field=field) from None
    unpacked = sum(entry.file_size for entry in found)
    names = [entry.filename for entry in found]
    too_much = unpacked > MOST_UNPACKED or unpacked > max(SMALL, MOST_RATIO * len(content))
    if too_much or any(_leads_out(name) for name in names):
        raise Invalid("file_packed", field=field)
    return _kind_of_archive(archive, names, field)


def _kind_of_archive(archive: zipfile.ZipFile, names: list[str], field: str) -> Kind:
    lower = [name.lower() for name in names]
    if any(word in name for name in lower for word in _MACROS):
        raise Invalid("file_packed", field=field)
    if "[content_types].xml" in lower:
        for folder, kind in _INSIDE.items():
            if any(name.startswith(folder) for name in lower):
                return kind
    if names[:1] == ["mimetype"] and archive.infolist()[0].file_size < 100:
        try:
            label = archive.read("mimetype").decode("ascii", "replace").strip()
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError):
            raise Invalid("file_kind", field=field) from None
        return _BY_TYPE.get(label, ZIP)
    return ZIP


def _leads_out(name: str) -> bool:
    """Return whether an archive's entry would be written outside of its folder."""
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0] or "\x00" in name


def _is_text(content: bytes) -> bool:
    """Return whether it reads as UTF-8 or GB18030 without control characters."""
    if not content or _CONTROL.search(content):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
