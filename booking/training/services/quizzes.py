"""Attempts at a quiz: drawing the questions, counting the tries, and what an answer comes to."""

import json
from collections.abc import Mapping
from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from booking.audit.services import record as audit
from booking.core.actor import Actor
from booking.core.errors import WrongState
from booking.training.models import Attempt
from booking.training.queries.courses import course_facts, visible_course
from booking.training.queries.records import attempts_of, live_quiz, own_attempt
from booking.training.rules.quizzes import Result, draw, graded, parse_bank
from booking.training.services.records import advance, locked_record, open_record


def start_attempt(
    session: Session, actor: Actor, course_id: int, rng: Random, now: datetime
) -> int:
    """Return the id of an attempt at a course's quiz: the one begun, else a new one.

    Raises NotFound, WrongState `no_quiz`, `no_attempts` or `quiz_passed`.
    """
    facts = visible_course(session, actor, course_id, now)
    quiz = live_quiz(session, course_id)
    if quiz is None or not facts.course.needs_quiz or facts.course.retired_at is not None:
        raise WrongState("no_quiz")
    record = open_record(session, actor.user_id, course_id, now)  # locked: tries are counted
    if record.quiz_passed_at is not None:
        raise WrongState("quiz_passed")
    tries = attempts_of(session, record.id)
    begun = next((one for one in tries if one.finished_at is None), None)
    if begun is not None:
        return begun.id
    if len(tries) >= quiz.attempts + record.extra_attempts:
        raise WrongState("no_attempts")
    row = Attempt(
        record_id=record.id, quiz_id=quiz.id, number=len(tries) + 1, started_at=now,
        drawn=json.dumps(draw(len(parse_bank(quiz.questions)), quiz.asked, rng)),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def answer_attempt(
    session: Session,
    actor: Actor,
    attempt_id: int,
    answers: Mapping[int, frozenset[int]],
    now: datetime,
) -> Result:
    """Return what the answers come to; who passes with nothing else to do is qualified.

    Raises NotFound for another's attempt, WrongState once it was answered.
    """
    row, record, quiz = own_attempt(session, actor, attempt_id)
    locked_record(session, record.id)  # one answer at a time; `record` is fresh after it
    session.refresh(row)
    if row.finished_at is not None or record.state != "open":
        raise WrongState("attempt_over")
    drawn = json.loads(row.drawn)
    result = graded(parse_bank(quiz.questions), drawn, answers, quiz.pass_percent)
    row.answers = json.dumps([sorted(answers.get(n, ())) for n in range(len(drawn))])
    row.percent, row.passed, row.finished_at = result.percent, int(result.passed), now
    if result.passed:
        record.quiz_passed_at = record.quiz_passed_at or now
    session.flush()
    audit(session, actor, "training_attempt.finish", ("training_record", record.id), now,
          after={"quiz": quiz.id, "percent": result.percent, "passed": result.passed})  # fmt: skip
    if result.passed:
        advance(session, actor, record, course_facts(session, actor, record.course_id, now), now)
    return result
