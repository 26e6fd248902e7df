"""Answers to a pool's own questions, in words."""

from collections.abc import Sequence

from booking.reservations.queries.formalities import Answered
from booking.web.locale import named


def answer_facts(answers: Sequence[Answered]) -> list[tuple[str, str]]:
    """Return questions and answers in words; a file's name."""
    return [
        (named(one.question.label_zh, one.question.label_en), one.filename or str(one.answer))
        for one in answers
    ]
