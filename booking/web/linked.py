"""Plain text with its web addresses as links; nothing else in it is markup."""

import re

from markupsafe import Markup, escape

# An address ends at white space, quotes, brackets and the marks of Chinese text, which stand
# against it without a space.
_ADDRESS = re.compile(r"https?://[^\s<>\"'`，。；：！？、（）《》〈〉「」“”‘’【】]+")
_NOT_LAST = ".,;:!?)]}"


def linked(text: str) -> Markup:
    """Return the text escaped, each http and https address in it a link that leads outside.

    >>> str(linked("see https://a.example/x?a=1&b=2."))
    'see <a href="https://a.example/x?a=1&amp;b=2" rel="noopener nofollow">https://a.example/x?a=1&amp;b=2</a>.'
    """
    parts, last = [], 0
    for match in _ADDRESS.finditer(text):
        address = match.group().rstrip(_NOT_LAST)
        shown = escape(address)
        parts += [
            escape(text[last : match.start()]),
            Markup('<a href="{0}" rel="noopener nofollow">{0}</a>').format(shown),
        ]
        last = match.start() + len(address)
    return Markup("").join([*parts, escape(text[last:])])
