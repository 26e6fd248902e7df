"""Which passwords are refused: by length and by what everybody would guess, by nothing else.

As current advice has it (ASVS 5.0 V6.2, NIST SP 800-63B): no rules about kinds of characters, no
forced change, the password taken exactly as typed.
"""

import re
from collections.abc import Collection, Iterable

MIN_PASSWORD = 8  # characters; ASVS V6.2.1
ADVISED_PASSWORD = 15
MAX_PASSWORD = 200
# A word shorter than this says nothing; letters around one that still leave it easy to guess.
_SHORTEST_WORD = 3
_LETTERS_AROUND = 3
_SEPARATORS = re.compile(r"[\s@._\-/·()]+")


def refused(password: str, own_words: Iterable[str], common: Collection[str]) -> str | None:
    """Return the code of why a password may not be set, None when it may.

    `own_words` are texts an attacker knows: the person's name and address, their company, the
    park; `common` holds passwords from leaks in lower case.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        return "password_length"
    folded = password.lower()
    if folded in common or len(set(folded)) <= 2:
        return "password_common"
    if any(_little_more_than(folded, word) for word in _parts(own_words)):
        return "password_guessable"
    return None


def _parts(texts: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for text in texts:
        folded = text.lower().strip()
        found |= {folded, "".join(_SEPARATORS.split(folded)), *_SEPARATORS.split(folded)}
    return {word for word in found if len(word) >= _SHORTEST_WORD}


def _little_more_than(password: str, word: str) -> bool:
    """Return whether nothing but digits, signs and a few letters stand around the word."""
    if word not in password:
        return False
    rest = password.replace(word, "")
    return sum(character.isalpha() for character in rest) <= _LETTERS_AROUND
