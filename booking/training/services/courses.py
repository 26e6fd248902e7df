"""Setting up courses and the quizzes they ask."""

from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, require
from booking.audit.services import record
from booking.companies.models import Lab
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState
from booking.core.text import many_lines
from booking.inventory.models import Category, Pool
from booking.training.models import Course, CoursePool, Quiz
from booking.training.queries.courses import course_to_manage
from booking.training.rules.courses import (
    QUIZ,
    SESSION,
    SIGNOFF,
    CourseWanted,
    checked_course,
)
from booking.training.rules.quizzes import QuizWanted, checked_quiz


def create_course(
    session: Session, actor: Actor, lab_id: int, wanted: CourseWanted, now: datetime
) -> int:
    """Return the id of a lab's new course. Raises NotFound, Invalid.

    Only an operator makes one for a class: it holds for the pools of all labs.
    """
    lab = session.get(Lab, lab_id)
    if lab is None or lab.retired_at is not None:
        raise NotFound("lab")
    require(actor, "training.manage", Subject(lab_id=lab_id))
    fit = _checked(session, actor, lab_id, wanted)
    row = Course(lab_id=lab_id, created_at=now, created_by_id=actor.user_id, **_columns(fit))
    session.add(row)
    session.flush()
    _set_pools(session, row.id, fit)
    record(session, actor, "training_course.create", ("training_course", row.id), now,
           after=_plain(fit))  # fmt: skip
    return row.id


def edit_course(
    session: Session, actor: Actor, course_id: int, wanted: CourseWanted, now: datetime
) -> int:
    """Change a course; what it gave already stays. Return its id. Raises NotFound, Invalid."""
    facts = course_to_manage(session, actor, course_id, now)
    if facts.course.retired_at is not None:
        raise WrongState("retired")
    if facts.course.category_code is not None:
        require(actor, "park.edit")
    fit = _checked(session, actor, facts.course.lab_id, wanted)
    for name, value in _columns(fit).items():
        setattr(facts.course, name, value)
    session.flush()
    _set_pools(session, course_id, fit)
    record(session, actor, "training_course.edit", ("training_course", course_id), now,
           after=_plain(fit))  # fmt: skip
    return course_id


def retire_course(session: Session, actor: Actor, course_id: int, now: datetime) -> int:
    """Offer a course no longer; who is in it finishes, and what it gave stays. Return its lab."""
    facts = course_to_manage(session, actor, course_id, now)
    if facts.course.retired_at is None:
        facts.course.retired_at = now
        session.flush()
        record(session, actor, "training_course.retire", ("training_course", course_id), now)
    return facts.course.lab_id


def set_quiz(
    session: Session, actor: Actor, course_id: int, wanted: QuizWanted, now: datetime
) -> int:
    """Return the new version of a course's quiz; attempts keep the version they were asked.

    Raises NotFound, Invalid naming the line of the bank that cannot be read.
    """
    course_to_manage(session, actor, course_id, now)
    bank = checked_quiz(wanted)
    # Two at once: the later is the newer version.
    session.execute(select(Course.id).where(Course.id == course_id).with_for_update())
    last = session.scalar(select(func.max(Quiz.version)).where(Quiz.course_id == course_id)) or 0
    live = select(Quiz).where(Quiz.course_id == course_id, Quiz.retired_at.is_(None))
    for old in session.scalars(live.order_by(Quiz.id)):
        old.retired_at = now
    session.add(
        Quiz(
            course_id=course_id, version=last + 1, questions=many_lines(wanted.questions),
            asked=wanted.asked, pass_percent=wanted.pass_percent, attempts=wanted.attempts,
            set_at=now, set_by_id=actor.user_id,
        )
    )  # fmt: skip
    session.flush()
    record(
        session, actor, "training_quiz.set", ("training_course", course_id), now,
        after={"version": last + 1, "questions": len(bank), "asked": wanted.asked,
               "pass_percent": wanted.pass_percent, "attempts": wanted.attempts},
    )  # fmt: skip
    return last + 1


def _checked(session: Session, actor: Actor, lab_id: int, wanted: CourseWanted) -> CourseWanted:
    fit = checked_course(wanted)
    if fit.category_code is not None:
        require(actor, "park.edit")
        if session.get(Category, fit.category_code) is None:
            raise Invalid("unknown_choice", field="category_code")
        return fit
    own = select(func.count(Pool.id)).where(Pool.id.in_(fit.pool_ids), Pool.lab_id == lab_id)
    if session.scalar(own) != len(set(fit.pool_ids)):
        raise Invalid("unknown_choice", field="pool_ids")
    return fit


def _columns(wanted: CourseWanted) -> dict[str, object]:
    return {
        "name_zh": wanted.name_zh, "name_en": wanted.name_en, "text": wanted.text,
        "category_code": wanted.category_code, "level": wanted.level,
        "valid_days": wanted.valid_days, "needs_evidence": int(wanted.needs_evidence),
        **{f"needs_{step}": int(step in wanted.steps) for step in (SESSION, QUIZ, SIGNOFF)},
    }  # fmt: skip


def _plain(wanted: CourseWanted) -> dict[str, object]:
    return {**_columns(wanted), "pools": sorted(wanted.pool_ids)}


def _set_pools(session: Session, course_id: int, wanted: CourseWanted) -> None:
    session.execute(delete(CoursePool).where(CoursePool.course_id == course_id))
    rows = [{"course_id": course_id, "pool_id": key} for key in sorted(set(wanted.pool_ids))]
    if rows:
        session.execute(insert(CoursePool), rows)
