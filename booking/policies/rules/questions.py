"""A pool's own questions at booking, and agreements: what is asked and what an answer may be."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from booking.core.errors import Invalid, Violation
from booking.core.text import is_keepable
from booking.policies.rules.values import MANAGERS

KINDS = ("text", "number", "choice", "file")
MOST_QUESTIONS, MOST_CHOICES, MOST_LABEL, MOST_ANSWER = 20, 50, 200, 2000
FURTHEST = 10**12  # of a number from zero


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its key stays while labels are mended; `choices` of a choice only."""

    key: str
    kind: str
    label_zh: str
    label_en: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """The version of a pool's questions that is asked now."""

    questionnaire_id: int
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class ToAccept:
    """An agreement people accept before they book."""

    agreement_id: int
    scope: tuple[str, str]
    title: str


def parse_questions(stored: str) -> tuple[Question, ...]:
    """Return questions of their stored JSON."""
    return tuple(
        Question(**{**one, "choices": tuple(one["choices"])}) for one in json.loads(stored)
    )


def stored_questions(questions: Sequence[Question]) -> str:
    """Return the JSON that `parse_questions` reads."""
    return json.dumps([asdict(one) for one in questions], ensure_ascii=False)


def checked_questions(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Return the questions if they are fit. Raises Invalid."""
    if len(questions) > MOST_QUESTIONS:
        raise Invalid("too_many_questions", field="questions", limit=MOST_QUESTIONS)
    if len({one.key for one in questions}) < len(questions):
        raise Invalid("question_twice", field="questions")
    for one in questions:
        labels = (one.label_zh, one.label_en, *one.choices)
        if not one.label_zh or not all(is_keepable(t) and len(t) <= MOST_LABEL for t in labels):
            raise Invalid("unfit_question", field="questions", actual=one.label_zh[:40])
        fit = 2 <= len(one.choices) <= MOST_CHOICES
        if one.kind not in KINDS or (one.kind == "choice") is not fit:
            raise Invalid("unfit_question", field="questions", actual=one.label_zh[:40])
    return tuple(questions)


def answer_violations(
    questions: Sequence[Question], answers: Mapping[str, Any]
) -> Iterator[Violation]:
    """Yield each question without a fit answer, in order; then answers nobody asked for."""
    for one in questions:
        given = answers.get(one.key)
        if given is None or given == "":
            if one.required:
                yield _violation("answer_needed", one, MANAGERS)
        elif not _fits(one, given):
            yield _violation("answer_unfit", one)
    for key in sorted(set(answers) - {one.key for one in questions}):
        yield Violation("answer_unasked", None, key[:40], "pool", (), field=f"answers.{key[:40]}")


def _violation(code: str, one: Question, who: tuple[str, ...] = ()) -> Violation:
    limit = one.choices or None
    label = {"zh": one.label_zh, "en": one.label_en}
    return Violation(
        code, limit, None, "pool", who, field=f"answers.{one.key}", more={"question": label}
    )


def _fits(one: Question, given: Any) -> bool:
    if one.kind == "number":
        number = isinstance(given, int | float) and not isinstance(given, bool)
        return number and -FURTHEST <= given <= FURTHEST
    if one.kind == "file":
        return isinstance(given, int) and not isinstance(given, bool) and given > 0
    if not isinstance(given, str) or not is_keepable(given) or len(given) > MOST_ANSWER:
        return False
    return one.kind == "text" or given in one.choices
