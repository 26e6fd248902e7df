"""Sessions of a course: planning, holding the units, seats, and who passed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, may
from booking.audit.services import record as audit
from booking.core.actor import Actor
from booking.core.errors import Conflict, Invalid, NotFound, Taken, WrongState
from booking.core.period import Period
from booking.core.text import LINE, is_keepable, one_line
from booking.reservations.models import Closure
from booking.reservations.rules.dealing import NOTHING_DECIDED
from booking.reservations.rules.proposal import require_period, require_text
from booking.reservations.services.closing import (
    Closing,
    closing_hits,
    end_closures,
    take_along,
    warn_dependents,
    write_closures,
)
from booking.reservations.services.dealing import deal
from booking.training.models import Seat, SessionHold, Signup, Training
from booking.training.queries.courses import CourseFacts, course_to_run
from booking.training.queries.sessions import session_to_run, units_to_hold
from booking.training.rules.courses import MOST_SEATS, MOST_UNITS
from booking.training.services.records import advance, open_record
from booking.training.services.telling import tell

CLOSURE = "training"
MARKS = ("seated", "passed", "failed", "absent")


@dataclass(frozen=True, slots=True)
class SessionWanted:
    """A session as it is planned; `unit_ids` are held for its time."""

    start: datetime
    end: datetime
    seats: int
    place: str = ""
    trainer: str = ""
    note: str = ""
    unit_ids: tuple[int, ...] = ()


def plan_session(
    session: Session, actor: Actor, course_id: int, wanted: SessionWanted, now: datetime
) -> int:
    """Return the id of a new session; what it uses is closed for its time.

    Raises NotFound, Invalid, WrongState `has_live_reservations` or Conflict where a unit is taken:
    nothing of the session is then made.
    """
    facts = course_to_run(session, actor, course_id, now)
    period = _checked(facts, wanted, now)
    row = Training(
        course_id=course_id, start_at=period.start, end_at=period.end, seats=wanted.seats,
        place=one_line(wanted.place), trainer=one_line(wanted.trainer), note=wanted.note.strip(),
        created_at=now, created_by_id=actor.user_id,
    )  # fmt: skip
    held = _hold(session, actor, facts, wanted, period, now)
    session.add(row)
    session.flush()
    seats = range(1, wanted.seats + 1)
    session.execute(insert(Seat), [{"session_id": row.id, "number": number} for number in seats])
    if held:
        rows = [{"session_id": row.id, "closure_id": key} for key in held]
        session.execute(insert(SessionHold), rows)
    audit(
        session, actor, "training_session.plan", ("training_session", row.id), now,
        after={"course": course_id, "start": row.start_at, "end": row.end_at,
               "seats": wanted.seats, "units": sorted(wanted.unit_ids)},
    )  # fmt: skip
    return row.id


def cancel_session(session: Session, actor: Actor, session_id: int, now: datetime) -> int:
    """Call a session off: seats and units are free again, its people are told; return its course.

    Raises NotFound, WrongState once it was called off or is over.
    """
    training, facts = session_to_run(session, actor, session_id, now)
    if training.cancelled_at is not None or training.end_at <= now:
        raise WrongState("session_over")
    held = select(SessionHold.closure_id).where(SessionHold.session_id == session_id)
    end_closures(session, actor, Closure.id.in_(held), now)
    training.cancelled_at = now
    people = session.scalars(
        select(Signup)
        .where(Signup.session_id == session_id, Signup.state.in_(("seated", "waiting")))
        .order_by(Signup.id)
    ).all()
    for one in people:
        _set(one, actor, "cancelled", None, now)
        tell(session, "training_cancelled", [one.user_id], f"signup:{one.id}", now, key="end")
    session.flush()
    audit(session, actor, "training_session.cancel", ("training_session", session_id), now,
          after={"people": len(people)})  # fmt: skip
    return facts.course.id


def mark(
    session: Session, actor: Actor, session_id: int, marks: Mapping[int, str], now: datetime
) -> int:
    """Return how many are qualified by noting who passed, failed or was absent; by sign-up.

    Who passed stays so. Raises NotFound, Invalid, WrongState before it begins.
    """
    training, facts = session_to_run(session, actor, session_id, now)
    if training.cancelled_at is not None or training.start_at > now:
        raise WrongState("session_not_begun")
    people = session.scalars(
        select(Signup)
        .where(Signup.session_id == session_id, Signup.seat_no.is_not(None))
        .order_by(Signup.user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    qualified = 0
    for one in people:
        state = marks.get(one.id, one.state)
        if state not in MARKS:
            raise Invalid("unknown_choice", field="marks")
        if state == one.state or one.state == "passed":
            continue
        if one.user_id == actor.user_id:
            raise WrongState("own_record")
        _set(one, actor, state, one.seat_no, now)
        audit(session, actor, "training_signup.mark", ("training_signup", one.id), now,
              after={"state": state})  # fmt: skip
        if state == "passed":
            qualified += _passed(session, actor, facts, one.user_id, now)
    session.flush()
    return qualified


def _passed(
    session: Session, actor: Actor, facts: CourseFacts, user_id: int, now: datetime
) -> bool:
    row = open_record(session, user_id, facts.course.id, now)
    row.attended_at = row.attended_at or now
    session.flush()
    return advance(session, actor, row, facts, now)


def _checked(facts: CourseFacts, wanted: SessionWanted, now: datetime) -> Period:
    if facts.course.retired_at is not None:
        raise WrongState("retired")
    period = require_period(wanted.start, wanted.end)
    if period.start <= now:
        raise Invalid("session_past", field="start")
    if not 1 <= wanted.seats <= MOST_SEATS:
        raise Invalid("out_of_range", field="seats", least=1, most=MOST_SEATS, actual=wanted.seats)
    for field in ("place", "trainer"):
        given = getattr(wanted, field)
        if len(given) > LINE or not is_keepable(given):
            raise Invalid("too_long_text", field=field, limit=LINE)
    require_text("note", wanted.note)
    if len(wanted.unit_ids) > MOST_UNITS:
        raise Invalid("out_of_range", field="unit_ids", least=0, most=MOST_UNITS,
                      actual=len(wanted.unit_ids))  # fmt: skip
    return period


def _hold(
    session: Session,
    actor: Actor,
    facts: CourseFacts,
    wanted: SessionWanted,
    period: Period,
    now: datetime,
) -> Sequence[int]:
    """Return the closures by which the units are held, like any other closing of a unit."""
    if not wanted.unit_ids:
        return ()
    offered = {unit.id: pool for unit, pool in units_to_hold(session, facts)}
    chosen = sorted(set(wanted.unit_ids))
    if not set(chosen) <= offered.keys():
        raise Invalid("unknown_choice", field="unit_ids")
    for pool in {offered[unit].id: offered[unit] for unit in chosen}.values():
        subject = Subject(lab_id=pool.lab_id, institution_id=pool.institution_id)
        if not may(actor, "unit.close", subject):
            raise NotFound("unit")
    closing = Closing((period,), CLOSURE, wanted.note)
    gones = [
        gone
        for unit in chosen
        for gone in closing_hits(session, unit, offered[unit].id, closing.periods)
    ]
    for unit in chosen:
        warn_dependents(session, unit, closing, now)
    deal(session, actor, gones, NOTHING_DECIDED, now)  # all at once: locks are taken in order
    made = []
    for unit in chosen:
        [written], kept = write_closures(session, actor, unit, offered[unit].id, closing, now)
        if kept:
            raise Conflict(tuple(Taken(unit, block) for block in kept))
        take_along(session, actor, unit, closing, written, now)
        made.append(written[0])
    return made


def _set(row: Signup, actor: Actor, state: str, seat_no: int | None, now: datetime) -> None:
    row.state, row.seat_no = state, seat_no
    row.changed_at, row.changed_by_id = now, actor.user_id
