"""Names of files as people give them: made harmless to show, to save and to send in a header."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 120
_LONGEST_ENDING = 10
# Names that Windows takes for devices, whatever ending follows.
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")
_UNFIT = re.compile(r'[<>:"|?*;%\x7f]')


def tidy_name(name: str, ending: str) -> str:
    """Return a name without folders, control or direction marks, ending in `.ending`.

    >>> tidy_name("../../etc/passwd", "txt"), tidy_name("C:\\\\x\\\\样品.PDF", "pdf")
    ('passwd.txt', '样品.pdf')
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFKC", name))[-1]
    # Cc, Cf and the like: line ends, NUL, and marks that turn the order of letters round.
    shown = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in last)
    stem = " ".join(_UNFIT.sub(" ", shown).split()).strip(". ")
    before, dot, own = stem.rpartition(".")
    if dot and own.lower() == ending:
        stem = before.rstrip(". ")
    stem = stem[: LONGEST - _LONGEST_ENDING].rstrip(". ")
    if not stem or _DEVICES.match(stem):
        stem = f"file-{stem}".rstrip("-")
    return f"{stem}.{ending}"


def ending_of(name: str) -> str:
    """Return what follows the last dot of a name, in lower case; empty without one."""
    return name.rpartition(".")[2].strip().lower() if "." in name else ""


def disposition(name: str) -> str:
    """Return the Content-Disposition of a download (RFC 6266): an ASCII name and the real one.

    >>> disposition("样品 1.pdf")
    'attachment; filename="__ 1.pdf"; filename*=UTF-8\\'\\'%E6%A0%B7%E5%93%81%201.pdf'
    """
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
