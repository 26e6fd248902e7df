"""The way through a course: its steps, the signature, and what the person gets at its end."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.audit.services import record as audit
from booking.core.actor import Actor
from booking.core.errors import Invalid, WrongState
from booking.infra.storage.files import use
from booking.policies.services.qualifications import Given, give_level
from booking.reservations.rules.proposal import require_text
from booking.training.models import Evidence, Record
from booking.training.queries.courses import CourseFacts, visible_course
from booking.training.queries.records import open_record_of, record_to_run, steps_of
from booking.training.rules.courses import MOST_FILES, valid_until
from booking.training.services.telling import managers_of, tell

_OPEN = {
    engine.dialect.name: engine.insert(Record.__table__).on_conflict_do_nothing()
    for engine in (postgresql, sqlite)
}


def open_record(session: Session, user_id: int, course_id: int, now: datetime) -> Record:
    """Return the record a person has open for a course, locked; a new one where there is none."""
    values = {
        "course_id": course_id, "user_id": user_id, "state": "open", "opened_at": now,
        "request_note": "", "decision_note": "", "extra_attempts": 0,
    }  # fmt: skip
    session.flush()
    session.execute(_OPEN[session.get_bind().dialect.name], values)
    found = open_record_of(session, user_id, course_id)
    if found is None:  # decided on at this very moment
        raise WrongState("record_decided")
    return locked_record(session, found.id)


def locked_record(session: Session, record_id: int) -> Record:
    """Return a record as it is now, locked."""
    return session.scalars(
        select(Record)
        .where(Record.id == record_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def request_signature(
    session: Session,
    actor: Actor,
    course_id: int,
    note: str,
    files: Sequence[int],
    now: datetime,
) -> int:
    """Return the id of the record for which the lab is asked to sign off.

    `files` are ids of kept ones. Asking again adds to it. Raises NotFound, Invalid, WrongState.
    """
    facts = visible_course(session, actor, course_id, now)
    if not facts.course.needs_signoff or facts.course.retired_at is not None:
        raise WrongState("nothing_to_sign")
    require_text("note", note)
    row = open_record(session, actor.user_id, course_id, now)
    given = _keep(session, row.id, files, now)
    if facts.course.needs_evidence and not given:
        raise Invalid("file_missing", field="file")
    first = row.requested_at is None
    row.request_note = note.strip() or row.request_note
    row.requested_at = row.requested_at or now
    session.flush()
    audit(session, actor, "training_record.request", ("training_record", row.id), now,
          after={"files": len(files)})  # fmt: skip
    if first:
        readers = managers_of(session, facts.course.lab_id)
        tell(session, "signoff_requested", readers, f"record:{row.id}", now, key="first")
    return row.id


def sign_off(
    session: Session, actor: Actor, record_id: int, note: str, now: datetime
) -> int:  # fmt: skip
    """Qualify the person of a record; return its course. Raises NotFound, WrongState.

    Nobody signs for themselves, nor before the other steps are done.
    """
    facts, row = _to_decide(session, actor, record_id, note, now)
    if steps_of(facts.course, row).missing:
        raise WrongState("steps_missing")
    complete(session, actor, row, facts, now, note)
    return facts.course.id


def refuse(
    session: Session, actor: Actor, record_id: int, note: str, now: datetime
) -> int:  # fmt: skip
    """End a record without a qualification, for a reason; return its course.

    The person may begin anew. Raises NotFound, WrongState, Invalid without a reason.
    """
    facts, row = _to_decide(session, actor, record_id, note, now)
    if not note.strip():
        raise Invalid("reason_needed", field="note")
    _close(session, actor, row, "refused", note, now)
    tell(session, "signoff_refused", [row.user_id], f"record:{row.id}", now, key="end")
    return facts.course.id


def allow_attempt(session: Session, actor: Actor, record_id: int, now: datetime) -> int:
    """Give a person one more attempt; return the course. Raises NotFound, WrongState."""
    facts, row = _to_decide(session, actor, record_id, "", now)
    row.extra_attempts += 1
    session.flush()
    audit(session, actor, "training_record.attempt", ("training_record", row.id), now,
          after={"extra_attempts": row.extra_attempts})  # fmt: skip
    return facts.course.id


def advance(
    session: Session, actor: Actor, row: Record, facts: CourseFacts, now: datetime
) -> bool:  # fmt: skip
    """Return whether a record is complete now; the person is then qualified."""
    if row.state != "open" or not steps_of(facts.course, row).complete:
        return False
    complete(session, actor, row, facts, now)
    return True


def complete(
    session: Session, actor: Actor, row: Record, facts: CourseFacts, now: datetime, note: str = ""
) -> None:
    """Give what the course gives; the caller has made sure that it is earned."""
    until = valid_until(facts.course.valid_days, now)
    given = Given(row.user_id, facts.course.level, until, note.strip()[:500], facts.course.id)
    for scope in facts.scopes:
        give_level(session, actor, scope, given, now)
    _close(session, actor, row, "done", note, now)
    tell(session, "qualified", [row.user_id], f"record:{row.id}", now, key="end")


def _to_decide(
    session: Session, actor: Actor, record_id: int, note: str, now: datetime
) -> tuple[CourseFacts, Record]:
    require_text("note", note)
    found = record_to_run(session, actor, record_id, now)
    if found.user_id == actor.user_id:
        raise WrongState("own_record")
    row = locked_record(session, record_id)
    if row.state != "open":
        raise WrongState("record_decided")
    return found.facts, row


def _close(
    session: Session, actor: Actor, row: Record, state: str, note: str, now: datetime
) -> None:
    row.state, row.decided_at, row.decided_by_id = state, now, actor.user_id
    row.decision_note = note.strip()
    session.flush()
    # About the person, with whom the personal text is erased.
    audit(session, actor, f"training_record.{state}", ("user_account", row.user_id), now,
          after={"course": row.course_id, "record": row.id},
          reason=note.strip() or None)  # fmt: skip


def _keep(session: Session, record_id: int, files: Sequence[int], now: datetime) -> int:
    """Return how many files a record has with these."""
    there = select(func.count(Evidence.id)).where(Evidence.record_id == record_id)
    given = session.execute(there).scalar_one() + len(files)
    if given > MOST_FILES:
        raise Invalid("too_many_evidence", field="file", limit=MOST_FILES)
    if files:
        rows = [{"record_id": record_id, "file_id": key, "created_at": now} for key in files]
        session.execute(insert(Evidence), rows)
    for key in files:
        use(session, key)
    return given
