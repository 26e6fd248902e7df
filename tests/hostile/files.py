"""Hostile files: each is of a kind that has hurt somebody's upload once."""

import io
import struct
import zipfile
import zlib

from tests.park.test_pictures import bomb, drawn


def packed(entries, method=zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP of name -> content."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


def chunked_png(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG of these chunks, whatever they say."""
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


_XXE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
_LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha">%s]><a>&z;</a>' % b"".join(
    b'<!ENTITY c%d "%s">' % (n, b"&b;" * 10) for n in range(50)
)
_SCRIPT = b"<script>alert(1)</script>"
_TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_HEAD = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)

# name, content
FILES = (
    ("empty.png", b""),
    ("svg.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ("page.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
    ("page.html", b"<!doctype html>" + _SCRIPT),
    ("page.pdf", b"<!doctype html>" + _SCRIPT),
    ("gif.png", b"GIF89a/*" + bytes(40) + b"*/=alert(1)"),
    ("bomb.png", bomb(30_000)),
    ("cut.png", drawn("PNG")[:50]),
    ("cut.jpg", drawn("JPEG")[:100]),
    ("text.png", chunked_png((b"IHDR", _HEAD), (b"zTXt", b"k\0\0" + zlib.compress(bytes(10**7))))),
    ("wrong.png", chunked_png((b"IHDR", b"\xff" * 13), (b"IEND", b""))),
    ("tail.png", drawn("PNG") + _SCRIPT),
    ("polyglot.jpg", drawn("JPEG") + packed({"x.html": _SCRIPT})),
    ("exif.jpg", drawn("JPEG", exif=b"Exif\0\0" + b"\xff" * 200)),
    ("bomb.zip", packed({"x": bytes(40_000_000)})),
    ("bomb.xlsx", packed({"[Content_Types].xml": _TYPES, "xl/workbook.xml": bytes(60_000_000)})),
    ("many.zip", packed({f"{n}": b"" for n in range(3000)}, zipfile.ZIP_STORED)),
    ("slip.zip", packed({"../../../../tmp/slip": b"x"})),
    ("macro.docx", packed({"[Content_Types].xml": _TYPES, "word/vbaProject.bin": b"x"})),
    ("xxe.xlsx", packed({"[Content_Types].xml": _XXE, "xl/workbook.xml": _XXE})),
    ("laughs.xlsx", packed({"[Content_Types].xml": _LAUGHS, "xl/workbook.xml": _LAUGHS})),
    ("lying.zip", packed({"x": b"y"}).replace(b"PK\x01\x02", b"PK\x01\xff")),
    ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 2000),
    ("program.exe", b"MZ" + bytes(100)),
    ("zeros.csv", bytes(100_000)),
    ("wide.csv", b"," * 200_000),
    ("long.csv", b"a\n" * 100_000),
    ("formula.csv", b"=cmd|' /C calc'!A0,@x,+1,-1\n"),
    ("surrogate.csv", b"\xed\xa0\x80,\xff\xfe"),
    ("../../../../tmp/escape.csv", b"a,b"),
    ("x\r\nSet-Cookie: a=b.csv", b"a,b"),
    ("\u202evsc.exe", b"a,b"),
    ("x" * 3000 + ".csv", b"a,b"),
    ("nul\x00.csv", b"a,b"),
    ("CON.csv", b"a,b"),
)
