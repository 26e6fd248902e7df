"""What a search asks for and what a pool is found by; the database only compares text (LIKE).

A pool's text has four parts, best first, so that one column both finds and ranks:
names ‖ other words (model, maker, category, lab, place …) ‖ codes ‖ pinyin.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MOST_CHARACTERS = 100
MOST_WORDS = 8
SHORTEST_CORRECTED = 4  # letters; shorter words have too many neighbours
NOT_FOUND, PINYIN, TEXT, NAME, EXACT = range(5)

ESCAPE = "\\"
# Separators nobody can type: normalising turns control characters into spaces.
NAMES_END, WORDS_END, CODES_END, CODE = "\x1c", "\x1d", "\x1e", "\x1f"
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]")
_BETWEEN_WORDS = re.compile(r"[\s,;、。]+")
_QUOTES = str.maketrans(dict.fromkeys('"“”「」', " "))  # they say only that words are words
_LATIN_WORD = re.compile(f"(?<![a-z0-9])[a-z]{{{SHORTEST_CORRECTED},40}}(?![a-z0-9])")


@dataclass(frozen=True, slots=True)
class Query:
    """A search as typed: its normalised text and its words, all of which must be found."""

    text: str
    words: tuple[str, ...]

    @property
    def correctable(self) -> tuple[str, ...]:
        """Return the words in which one wrong letter may be mended, each once."""
        return tuple(dict.fromkeys(w for w in self.words if _LATIN_WORD.fullmatch(w)))

    def corrected(self, better: Mapping[str, str]) -> "Query":
        """Return the query with words replaced as `better` says."""
        words = tuple(better.get(word, word) for word in self.words)
        return Query(" ".join(words), words)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one pool is found by; `spoken` is the pinyin of its names and maker."""

    names: Iterable[str]
    words: Iterable[str]
    codes: Iterable[str]
    spoken: Iterable[str]


def normalise(text: str) -> str:
    """Return `text` as it is compared: NFKC, lower case, single spaces, nothing invisible."""
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return _BLANK.sub(" ", text.lower()).strip()


def parse(typed: str | None) -> Query:
    """Return the search for what was typed; beyond 100 characters and 8 words it is cut off."""
    text = normalise((typed or "")[:MOST_CHARACTERS].translate(_QUOTES))[:MOST_CHARACTERS].strip()
    words = [word for word in _BETWEEN_WORDS.split(text) if word]
    return Query(text, tuple(dict.fromkeys(words))[:MOST_WORDS])


def search_text(entry: Entry) -> str:
    """Return the stored text of a pool; see the module for its parts."""
    codes = _distinct(entry.codes)
    return "".join(
        (
            "\n".join(_distinct(entry.names)), NAMES_END,
            "\n".join(_distinct(entry.words)), WORDS_END,
            CODE, CODE.join(codes), CODE, CODES_END,
            " ".join(_distinct(entry.spoken)),
        )
    )  # fmt: skip


def latin_words(text: str) -> frozenset[str]:
    """Return the words of a stored text that corrections are chosen from: not codes or pinyin."""
    return frozenset(_LATIN_WORD.findall(text.partition(WORDS_END)[0]))


def anywhere(word: str) -> str:
    """Return the LIKE pattern of texts with `word` in any part."""
    return f"%{_escaped(word)}%"


def in_names(word: str) -> str:
    """Return the LIKE pattern of texts with `word` in a name."""
    return f"%{_escaped(word)}%{NAMES_END}%"


def in_text(word: str) -> str:
    """Return the LIKE pattern of texts with `word` outside of pinyin."""
    return f"%{_escaped(word)}%{CODES_END}%"


def is_code(query: Query) -> str:
    """Return the LIKE pattern of texts of which the whole query is a model, asset or serial."""
    return f"%{CODE}{_escaped(query.text)}{CODE}%"


def ends_of(word: str) -> tuple[str, str]:
    """Return a start and an end of `word`; one wrong letter leaves at least one of them whole.

    Between the two there is a letter or two, so a swap of neighbours cannot touch both.
    """
    size = (len(word) - 1) // 2
    return word[:size], word[-size:]


def within_one_slip(typed: str, word: str) -> bool:
    """Return whether one letter changed, added, left out, or swapped with its neighbour differs.

    >>> within_one_slip("centrifgue", "centrifuge")
    True
    """
    if abs(len(typed) - len(word)) > 1:
        return False
    start = 0
    while start < min(len(typed), len(word)) and typed[start] == word[start]:
        start += 1
    a, b = typed[start:], word[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])
    return a[1:] == b if len(a) > len(b) else a == b[1:]


def nearest_word(typed: str, known: Iterable[tuple[str, int]]) -> str | None:
    """Return the most used known word one slip away from `typed`, by word where equal.

    None when `typed` is itself known or nothing is near. `known` is (word, uses).
    """
    near = []
    for word, uses in known:
        if word == typed:
            return None
        if within_one_slip(typed, word):
            near.append((-uses, word))
    return min(near)[1] if near else None


def _distinct(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(map(normalise, texts)) if text]


def _escaped(word: str) -> str:
    for special in (ESCAPE, "%", "_"):
        word = word.replace(special, ESCAPE + special)
    return word
