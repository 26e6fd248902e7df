"""Bytes to text: which encoding a file of unknown origin is in."""

import codecs
import unicodedata

BOMS = (
    # The longer first: UTF-32-LE's begins with UTF-16-LE's.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE = 64 * 1024
# Of the characters beyond ASCII, how many must be everyday Chinese for GB18030.
CHINESE_SHARE = 0.8
# Signs that people type in lists; the other Mac and Windows signs speak for a wrong guess.
EVERYDAY = frozenset("°±²³µ·×÷§©®™€£¥–—‘’“”«»¿¡…•ºª½¼¾\u00a0")


def decode(content: bytes) -> tuple[str, str]:
    """Return the text without byte-order mark, and the encoding it was read as. Never fails.

    Order: mark, UTF-16/32 by their zero bytes, UTF-8, GB18030, then Mac Roman or Windows-1252.
    """
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace"), encoding
    for guess in (_wide, _utf8, _gb18030, _one_byte):
        found = guess(content)
        if found:
            return content.decode(found, "replace"), found
    return content.decode("cp1252", "replace"), "cp1252"


def _wide(content: bytes) -> str | None:
    """Return UTF-16 or UTF-32 when the zero bytes of the sample sit where ASCII puts them."""
    sample = content[:SAMPLE]
    zeros = sample.count(0)
    if zeros < 2 or len(content) % 2:
        return None
    if zeros / len(sample) < 0.15 and _utf8(sample):
        return None  # stray zero bytes in an ordinary file
    if len(content) % 4 == 0 and zeros / len(sample) > 0.55:
        candidates = ("utf-32-le", "utf-32-be")
    else:
        candidates = ("utf-16-le", "utf-16-be")
    return max(candidates, key=lambda encoding: _plausible(sample, encoding))


def _plausible(sample: bytes, encoding: str) -> float:
    """Return how much of the sample reads as text: ASCII, Latin and Chinese, less the rest."""
    text = sample.decode(encoding, "replace")
    good = sum(ch in "\t\r\n" or " " <= ch < "\u0250" or _is_chinese(ch) for ch in text)
    return good / max(len(text), 1)


def _utf8(content: bytes) -> str | None:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        # A file cut in the middle of a letter, or one slip among many letters, is still UTF-8.
        head = content[: error.start]
        letters = len(head.decode("utf-8", "replace")) - sum(byte < 128 for byte in head)
        rest = content[error.end :]
        return (
            "utf-8" if letters > 20 and rest.count(b"\xef\xbf\xbd") == 0 and _rare(rest) else None
        )
    return "utf-8"


def _rare(rest: bytes) -> bool:
    text = rest.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    return wrong * 20 <= sum(ch > "\x7f" for ch in text)


def _gb18030(content: bytes) -> str | None:
    text = content[:SAMPLE].decode("gb18030", "replace")
    beyond = [ch for ch in text if ch > "\x7f"]
    everyday = sum(_in_gb2312(ch) for ch in beyond)
    return "gb18030" if beyond and everyday / len(beyond) >= CHINESE_SHARE else None


def _one_byte(content: bytes) -> str:
    """Return Mac Roman or Windows-1252, whichever puts letters and signs where they make sense."""
    sample = content[:SAMPLE] if any(b > 127 for b in content[:SAMPLE]) else content
    mac, windows = (_sense(sample.decode(e, "replace")) for e in ("mac_roman", "cp1252"))
    return "mac_roman" if mac > windows else "cp1252"


def _sense(text: str) -> int:
    score = 0
    for before, ch in zip(" " + text, text, strict=False):
        if ch <= "\x7f":
            continue
        if ch in EVERYDAY:
            score += 1
        elif not ch.isalpha() or ch > "\u024f":
            score -= 2
        elif ch.isupper() and before.islower():
            score -= 1  # a capital does not follow a small letter
        else:
            score += 1
    return score


def _is_chinese(ch: str) -> bool:
    return "\u4e00" <= ch <= "\u9fff" or "\u3000" <= ch <= "\u303f" or "\uff00" <= ch <= "\uffef"


def _in_gb2312(ch: str) -> bool:
    if not _is_chinese(ch) and unicodedata.category(ch)[0] not in "PSN":
        return False
    try:
        ch.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
