"""How far people are with courses: one's own, and what waits for those who sign off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.infra.storage.files import StoredFile
from booking.training.models import Attempt, Course, Evidence, Quiz, Record
from booking.training.queries.courses import CourseFacts, course_facts
from booking.training.rules.courses import QUIZ, SESSION, SIGNOFF, Steps


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """A record with whose it is, its course, evidence (its id and name) and attempts."""

    record: Record
    user_id: int
    name: str
    email: str
    facts: CourseFacts
    evidence: tuple[tuple[int, str], ...]
    attempts: tuple[Attempt, ...]


def steps_of(course: Course, record: Record | None) -> Steps:
    """Return what the course asks for and what of it is done."""
    asked = {
        step
        for step, needed in (
            (SESSION, course.needs_session),
            (QUIZ, course.needs_quiz),
            (SIGNOFF, course.needs_signoff),
        )
        if needed
    }
    if record is None:
        return Steps(frozenset(asked))
    return Steps(
        frozenset(asked), record.attended_at is not None, record.quiz_passed_at is not None,
        record.requested_at is not None,
    )  # fmt: skip


def open_record_of(session: Session, user_id: int, course_id: int) -> Record | None:
    """Return the record a person has open for a course. One query."""
    query = select(Record).where(
        Record.course_id == course_id, Record.user_id == user_id, Record.state == "open"
    )
    return session.scalars(query).one_or_none()


def latest_record_of(session: Session, user_id: int, course_id: int) -> Record | None:
    """Return a person's newest record of a course, open or over. One query."""
    query = select(Record).where(Record.course_id == course_id, Record.user_id == user_id)
    return session.scalars(query.order_by(Record.id.desc()).limit(1)).one_or_none()


def open_records(session: Session, user_id: int) -> list[tuple[Record, Course]]:
    """Return the courses a person is in, oldest first. One query."""
    rows = session.execute(
        select(Record, Course)
        .join(Course, Course.id == Record.course_id)
        .where(Record.user_id == user_id, Record.state == "open")
        .order_by(Record.id)
    )
    return [(record, course) for record, course in rows]


def waiting_for_signature(
    session: Session, course_ids: Sequence[int]
) -> list[tuple[Record, Course, User]]:
    """Return the requests to sign off, oldest first, at most 200. One query, none for none."""
    if not course_ids:
        return []
    rows = session.execute(
        select(Record, Course, User)
        .join(Course, Course.id == Record.course_id)
        .join(User, User.id == Record.user_id)
        .where(Record.state == "open", Record.requested_at.is_not(None))
        .where(Record.course_id.in_(course_ids))
        .order_by(Record.requested_at, Record.id)
        .limit(200)
    )
    return [(record, course, user) for record, course, user in rows]


def people_of_course(session: Session, course_id: int) -> list[tuple[Record, User]]:
    """Return who is in a course, those who ask for a signature first, at most 200. One query."""
    rows = session.execute(
        select(Record, User)
        .join(User, User.id == Record.user_id)
        .where(Record.course_id == course_id, Record.state == "open")
        .order_by(Record.requested_at.is_(None), Record.requested_at, Record.id)
        .limit(200)
    )
    return [(record, user) for record, user in rows]


def record_to_run(session: Session, actor: Actor, record_id: int, now: datetime) -> RecordFacts:
    """Return a record of a course that the actor runs. Raises NotFound."""
    found = _record(session, actor, record_id, now)
    if not found.facts.runs(actor):
        raise NotFound("record")
    return found


def record_to_read(session: Session, actor: Actor, record_id: int, now: datetime) -> RecordFacts:
    """Return a record of a course whose people the actor may read. Raises NotFound."""
    found = _record(session, actor, record_id, now)
    if not found.facts.shows(actor):
        raise NotFound("record")
    return found


def visible_evidence(
    session: Session, actor: Actor, evidence_id: int, now: datetime
) -> Evidence:  # fmt: skip
    """Return a file given by the actor, or for a course that the actor runs. Raises NotFound."""
    row = session.get(Evidence, evidence_id)
    if row is None:
        raise NotFound("file")
    record = session.get_one(Record, row.record_id)
    own = record.user_id == actor.user_id
    if not own and not course_facts(session, actor, record.course_id, now).shows(actor):
        raise NotFound("file")
    return row


def evidence_of(session: Session, record_id: int) -> tuple[tuple[int, str], ...]:
    """Return the files of a record as (id, name), oldest first. One query."""
    rows = session.execute(
        select(Evidence.id, StoredFile.name)
        .join(StoredFile, StoredFile.id == Evidence.file_id)
        .where(Evidence.record_id == record_id)
        .order_by(Evidence.id)
    )
    return tuple((key, name) for key, name in rows)


def attempts_of(session: Session, record_id: int) -> tuple[Attempt, ...]:
    """Return the attempts of a record, in order. One query."""
    query = select(Attempt).where(Attempt.record_id == record_id).order_by(Attempt.number)
    return tuple(session.scalars(query))


def live_quiz(session: Session, course_id: int) -> Quiz | None:
    """Return the version of a course's quiz that is asked now. One query."""
    query = select(Quiz).where(Quiz.course_id == course_id, Quiz.retired_at.is_(None))
    return session.scalars(query.order_by(Quiz.version.desc()).limit(1)).one_or_none()


def own_attempt(session: Session, actor: Actor, attempt_id: int) -> tuple[Attempt, Record, Quiz]:
    """Return an attempt of the actor's own, its record and quiz. Raises NotFound. One query."""
    row = session.execute(
        select(Attempt, Record, Quiz)
        .join(Record, Record.id == Attempt.record_id)
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .where(Attempt.id == attempt_id, Record.user_id == actor.user_id)
    ).one_or_none()
    if row is None:
        raise NotFound("attempt")
    return row[0], row[1], row[2]


def _record(session: Session, actor: Actor, record_id: int, now: datetime) -> RecordFacts:
    row = session.execute(
        select(Record, User).join(User, User.id == Record.user_id).where(Record.id == record_id)
    ).one_or_none()
    if row is None:
        raise NotFound("record")
    record, user = row
    return RecordFacts(
        record, user.id, user.name, user.email, course_facts(session, actor, record.course_id, now),
        evidence_of(session, record_id), attempts_of(session, record_id),
    )  # fmt: skip
