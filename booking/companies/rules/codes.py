"""The unified social credit code of a Chinese licence (统一社会信用代码), GB 32100-2015."""

# 31 characters: no I, O, S, V, Z, which are taken for digits or other letters.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}
LENGTH = 18


def check_letter(first: str) -> str:
    """Return the eighteenth character for the first seventeen. Raises KeyError for a foreign one.

    >>> check_letter("91350100M000100Y4")
    '3'
    """
    total = sum(_VALUE[letter] * weight for letter, weight in zip(first, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def is_credit_code(code: str) -> bool:
    """Return whether all of the code can be, its check character included.

    >>> is_credit_code("91350100M000100Y43"), is_credit_code("91350100M000100Y34")
    (True, False)
    """
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        return False
    return check_letter(code[:-1]) == code[-1]


def plain_code(text: str) -> str:
    """Return a code as it is kept: capitals, without the spaces and dashes people write."""
    return "".join(text.split()).replace("-", "").upper()
