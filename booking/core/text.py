"""Text that people type, made fit to be stored and shown."""

import dataclasses
import re
import unicodedata
from typing import Any, ClassVar, Protocol, TypeVar

from booking.core.errors import Invalid


class Fields(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


T = TypeVar("T", bound=Fields)

LINE = 200  # characters of a name, an address, a model
TEXT = 20_000  # characters of a description
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


def one_line(text: str) -> str:
    """Return the text in one line: NFC, control characters and repeated spaces gone."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def many_lines(text: str) -> str:
    """Return the text with plain line ends and without other control characters or end spaces."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = (
        "".join(c for c in line if c == "\t" or unicodedata.category(c) != "Cc").rstrip()
        for line in lines
    )
    return unicodedata.normalize("NFC", "\n".join(kept)).strip()


def tidy(fields: T, required: tuple[str, ...] = (), texts: tuple[str, ...] = ()) -> T:
    """Return `fields` with every string in one line; those named in `texts` keep their lines.

    Raises Invalid `required` for a required one that is empty, `too_long_text` above the limit.
    """
    tidied: dict[str, str] = {}
    for field in dataclasses.fields(fields):
        value = getattr(fields, field.name)
        if not isinstance(value, str):
            continue
        limit, clean = (TEXT, many_lines) if field.name in texts else (LINE, one_line)
        tidied[field.name] = clean(value)
        if len(tidied[field.name]) > limit:
            raise Invalid("too_long_text", field=field.name, limit=limit)
        if field.name in required and not tidied[field.name]:
            raise Invalid("required", field=field.name)
    return dataclasses.replace(fields, **tidied)


def is_keepable(text: str) -> bool:
    """Return whether every database can store `text`: no NUL, no half of a surrogate pair.

    >>> is_keepable("离心机"), is_keepable("a\\x00"), is_keepable("\\ud800")
    (True, False, False)
    """
    return _UNKEEPABLE.search(text) is None
