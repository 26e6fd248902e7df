"""Mobile numbers, in the one form they are kept and compared in."""

import re

_SEPARATORS = re.compile(r"[\s()./-]+")
_CHINA = re.compile(r"1[3-9]\d{9}")
_ABROAD = re.compile(r"\+[1-9]\d{7,14}")
HIDDEN = "••••"


def mobile_of(typed: str) -> str | None:
    """Return a number as +8613912345678, None for what is none.

    Without a country it is one of mainland China.

    >>> mobile_of("139 1234-5678"), mobile_of("0086 139 1234 5678"), mobile_of("+44 7700 900123")
    ('+8613912345678', '+8613912345678', '+447700900123')
    >>> mobile_of("010 8888 8888"), mobile_of("+86 12345678901")
    (None, None)
    """
    number = _SEPARATORS.sub("", typed)
    if not number.isascii():
        return None
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if _CHINA.fullmatch(number):
        return f"+86{number}"
    if number.startswith("+86"):
        return number if _CHINA.fullmatch(number[3:]) else None
    return number if _ABROAD.fullmatch(number) else None


def masked(number: str) -> str:
    """Return a number as it may be shown on a page: its beginning and end.

    >>> masked("+8613912345678")
    '+86139••••5678'
    """
    return f"{number[:-8]}{HIDDEN}{number[-4:]}"
