"""Plain text taken apart into words and web addresses, for templates to make links of."""

import re
from dataclasses import dataclass

# An address ends at white space, quotes, brackets and the marks of Chinese text, which stand
# against it without a space.
_ADDRESS = re.compile(r"https?://[^\s<>\"'`，。；：！？、（）《》〈〉「」“”‘’【】]+")
_NOT_LAST = ".,;:!?)]}"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a text; `is_link`: all of it is an http or https address."""

    text: str
    is_link: bool = False


def linked(text: str) -> list[Piece]:
    """Return the text in pieces, in order; nothing is lost.

    >>> [piece.text for piece in linked("see https://a.example/x.") if piece.is_link]
    ['https://a.example/x']
    """
    pieces, last = [], 0
    for match in _ADDRESS.finditer(text):
        address = match.group().rstrip(_NOT_LAST)
        pieces += [Piece(text[last : match.start()]), Piece(address, is_link=True)]
        last = match.start() + len(address)
    return [piece for piece in (*pieces, Piece(text[last:])) if piece.text]
