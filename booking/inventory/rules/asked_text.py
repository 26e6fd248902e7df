"""Taking what is understood out of a typed text, so that what is left are words to search for."""

import re
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from booking.inventory.rules.search import MOST_CHARACTERS

T = TypeVar("T")
# Stands where something was taken: nobody can type it, and nothing matches across it.
GAP = "\x00"
DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
NUMERAL = r"[一二两三四五六七八九十]{1,3}"
_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”|「[^」]*」')
_BEFORE = re.compile(
    r"(?:(?<![a-z])(?:on|at|from|for|between|in(?: the)?)\s+|(?<!现)[从在用约]\s*)$", re.IGNORECASE
)
_AFTER = re.compile(r"\s*的")
_EDGES = " ,;、。，；"


def compiled(pattern: str) -> re.Pattern[str]:
    """Return the pattern, capitals not minded."""
    return re.compile(pattern, re.IGNORECASE)


def tidy(typed: str) -> tuple[str, list[str]]:
    """Return the text as it is read, at most 100 characters, and what stood in quotes.

    Quotes say that these are words, whatever they look like; they are kept around them.
    """
    text = unicodedata.normalize("NFKC", typed[:MOST_CHARACTERS])[:MOST_CHARACTERS]
    text = _CONTROL.sub(" ", text)
    return _QUOTED.sub(GAP, text), _QUOTED.findall(text)


def take(
    pattern: re.Pattern[str], text: str, meaning: Callable[[re.Match[str]], T | None]
) -> tuple[T | None, str]:
    """Return the meaning of the first match that has one, and the text without it.

    Small words that belong to it go along: on Friday, 明天的.
    """
    for match in pattern.finditer(text):
        meant = meaning(match)
        if meant is not None:
            before, after = text[: match.start()], text[match.end() :]
            return meant, _BEFORE.sub("", before) + GAP + _AFTER.sub("", after, count=1)
    return None, text


def left_words(text: str, quoted: list[str]) -> str:
    """Return what was not understood, as words for the catalogue."""
    parts = [part.strip(_EDGES) for part in text.split(GAP)]
    return " ".join(filter(None, [*(" ".join(part.split()) for part in parts), *quoted]))


def number_of(text: str) -> float | None:
    """Return a number written in figures or in Chinese, up to 99; None for none.

    >>> number_of("十一"), number_of("1.5"), number_of("两")
    (11, 1.5, 2)
    """
    if text in DIGITS:
        return DIGITS[text]
    if "十" in text:
        tens, _ten, ones = text.partition("十")
        if (tens and tens not in DIGITS) or (ones and ones not in DIGITS):
            return None
        return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)
    return float(text) if "." in text else int(text) if text.isdecimal() else None
