"""Photographs: taken by content, shrunk, written anew; whatever else is refused with a reason."""

import io
import struct
import zlib

import pytest
from PIL import Image

from booking.core.errors import Invalid
from booking.infra.pictures.read import MOST_BYTES, small_picture


def drawn(form: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **more) -> bytes:
    """Return the bytes of a red picture."""
    target = io.BytesIO()
    Image.new(mode, size, "red").save(target, form, **more)
    return target.getvalue()


def bomb(side: int) -> bytes:
    """Return a PNG that says it is `side` pixels wide and high; its data is a few bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(side * 3 + 1) * 4)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [drawn("JPEG"), drawn("PNG"), drawn("WEBP"), drawn("PNG", mode="RGBA"), drawn("PNG", mode="P")],
)
def test_a_picture_is_written_anew_as_webp(content: bytes) -> None:
    small = small_picture(content)
    with Image.open(io.BytesIO(small)) as picture:
        assert (picture.format, picture.size, picture.mode) == ("WEBP", (60, 40), "RGB")


def test_a_large_picture_is_shrunk_and_turned_upright_without_its_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # on its side
    exif[0x010E] = "secret"
    small = small_picture(drawn("JPEG", (2600, 1300), exif=exif))
    with Image.open(io.BytesIO(small)) as picture:
        assert picture.size == (640, 1280)
        assert not picture.getexif()
    assert b"secret" not in small


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "not_a_picture"),
        (b"GIF89a" + bytes(20), "not_a_picture"),
        (drawn("GIF"), "not_a_picture"),  # a picture, but not of the three kinds
        (drawn("PNG")[:60], "not_a_picture"),  # cut off
        (bomb(30_000), "picture_too_large"),
        (bytes(MOST_BYTES + 1), "too_many_bytes"),
    ],
)  # fmt: skip
def test_what_is_no_picture_or_too_large_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        small_picture(content)
    assert (refused.value.code, refused.value.field) == (code, "photo")
