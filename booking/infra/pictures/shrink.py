"""Turning an untrusted picture into a small one of our own making."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from booking.core.errors import Invalid
from booking.infra.pictures.limits import LONGEST_SIDE, MOST_PIXELS

FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 82


def shrink(content: bytes, longest: int = LONGEST_SIDE) -> bytes:
    """Return the picture as WEBP of at most `longest` pixels a side, upright, without metadata.

    Only the first frame of an animation stays; what is transparent becomes white.
    Raises Invalid `not_a_picture` or `picture_too_large` on field photo. MemoryError may pass.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                return _written(_small(opened, longest))
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Invalid("not_a_picture", field="photo") from error


def _small(opened: Image.Image, longest: int) -> Image.Image:
    if opened.width * opened.height > MOST_PIXELS:
        raise _too_large()
    # JPEG alone can be read at a fraction of its size; others ignore this.
    opened.draft("RGB", (longest * 2, longest * 2))
    opened.thumbnail((longest, longest))
    upright = ImageOps.exif_transpose(opened)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        ground = Image.new("RGB", upright.size, "white")
        ground.paste(upright, mask=upright.convert("RGBA").getchannel("A"))
        return ground
    return upright.convert("RGB")


def _written(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "WEBP", quality=QUALITY)
    return target.getvalue()


def _too_large() -> Invalid:
    return Invalid("picture_too_large", field="photo", limit=MOST_PIXELS // 1_000_000)
