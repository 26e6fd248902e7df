"""Questions as a lab writes them, the draw for an attempt, and what is right of the answers.

A bank is plain text: questions apart by an empty line, its first line the question, then a line a
choice: `[x]` before a right one, `[ ]` before a wrong one. With several right ones all must be
ticked. A last line that begins with `>` explains the answer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from booking.core.errors import Invalid
from booking.core.text import is_keepable, many_lines

MOST_QUESTIONS = 300
MOST_CHARACTERS = 60_000
CHOICES = range(2, 11)
_CHOICE = re.compile(r"\[(?P<right>[xX✓√ ]?)\]\s*(?P<text>.+)")


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its choices; `right` are the positions of all that must be ticked."""

    text: str
    choices: tuple[str, ...]
    right: frozenset[int]
    why: str = ""

    @property
    def kind(self) -> str:
        """Return single, multiple, or truefalse for one of two."""
        if len(self.right) > 1:
            return "multiple"
        return "truefalse" if len(self.choices) == 2 else "single"


@dataclass(frozen=True, slots=True)
class QuizWanted:
    """A quiz as it is set: its bank, how many are asked of it, what passes, how many tries."""

    questions: str
    asked: int
    pass_percent: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an attempt: the share of questions answered right, and which were not."""

    percent: int
    passed: bool
    wrong: tuple[int, ...]  # positions in the order they were asked


def parse_bank(text: str) -> tuple[Question, ...]:
    """Return the questions of a bank. Raises Invalid naming the line that cannot be read."""
    if len(text) > MOST_CHARACTERS or not is_keepable(text):
        raise Invalid("too_long_text", field="questions", limit=MOST_CHARACTERS)
    found: list[Question] = []
    lines: list[str] = []
    for number, line in enumerate([*many_lines(text).split("\n"), ""], start=1):
        if line.strip():
            lines.append(line.strip())
        elif lines:
            found.append(_question(lines, number - len(lines)))
            lines = []
    if not found:
        raise Invalid("required", field="questions")
    if len(found) > MOST_QUESTIONS:
        raise Invalid("too_many_questions", field="questions", limit=MOST_QUESTIONS)
    return tuple(found)


def checked_quiz(wanted: QuizWanted) -> tuple[Question, ...]:
    """Return the questions of a quiz that can be asked. Raises Invalid naming the unfit field."""
    bank = parse_bank(wanted.questions)
    bounds = {"asked": len(bank), "pass_percent": 100, "attempts": 99}
    for field, most in bounds.items():
        actual = getattr(wanted, field)
        if not 1 <= actual <= most:
            raise Invalid("out_of_range", field=field, least=1, most=most, actual=actual)
    return bank


def draw(count: int, asked: int, rng: Random) -> list[int]:
    """Return the positions of the questions of one attempt, in the order they are asked."""
    return rng.sample(range(count), min(asked, count))


def graded(
    bank: Sequence[Question], drawn: Sequence[int], answers: Mapping[int, frozenset[int]],
    pass_percent: int,
) -> Result:  # fmt: skip
    """Return what the answers come to; `answers` maps a question's place in the draw to ticks.

    A question counts whole or not at all. The share is rounded down: 69.9 does not pass at 70.
    """
    wrong = tuple(
        place
        for place, position in enumerate(drawn)
        if answers.get(place, frozenset()) != bank[position].right
    )
    right = len(drawn) - len(wrong)
    passed = bool(drawn) and right * 100 >= pass_percent * len(drawn)
    return Result(right * 100 // max(len(drawn), 1), passed, wrong)


def _question(lines: Sequence[str], first: int) -> Question:
    why = ""
    if lines[-1].startswith(">"):
        why, lines = lines[-1][1:].strip(), lines[:-1]
    matches = [_CHOICE.fullmatch(line) for line in lines[1:]]
    for number, match in enumerate(matches, start=first + 1):
        if match is None:
            raise Invalid("question_line", field="questions", line=number)
    choices = [match["text"].strip() for match in matches if match is not None]
    right = frozenset(
        n for n, match in enumerate(matches) if match is not None and match["right"].strip()
    )
    if len(choices) not in CHOICES or not right or len(set(choices)) != len(choices):
        raise Invalid("question_choices", field="questions", line=first)
    return Question(lines[0], tuple(choices), right, why)
