"""After a step of several is agreed to: the next who decides, told and given their time."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.period import Period
from booking.reservations.models import ApprovalStep, Hold, Reservation
from booking.reservations.queries.facts import PoolFacts, pool_facts
from booking.reservations.rules.life import change_by, decide_by
from booking.reservations.services.notices import About, drop_questions
from booking.reservations.services.stepping import next_step, take_step, tell_deciders


def hand_on(
    session: Session,
    actor: Actor,
    row: Reservation,
    hold: Hold | None,
    step: ApprovalStep,
    reason: str,
    now: datetime,
) -> bool:
    """Return whether somebody else decides after this step; they are told and have their time."""
    pool = pool_facts(session, [row.pool_id])[row.pool_id]
    take_step(session, actor, step, "approved", now)
    last = _last_moment(pool, row, hold, now)
    following = next_step(session, step, now, last)
    if following is None:
        return False
    row.version += 1
    if hold is None:
        row.decide_by = last
    else:
        hold.expires_at = last
    session.flush()
    _tell(session, pool, row, hold, now)
    record(
        session, actor, "reservation.approve_step", ("reservation", row.id), now,
        before={"step": step.kind}, after={"step": following.kind, "version": row.version},
        reason=reason.strip() or None,
    )  # fmt: skip
    return True


def _last_moment(pool: PoolFacts, row: Reservation, hold: Hold | None, now: datetime) -> datetime:
    """Return until when whoever is next may decide."""
    within = pool.rules.decide_within_hours.value
    if hold is None:
        return decide_by(now, row.start_at, within)
    period, asked = Period(row.start_at, row.end_at), Period(hold.start_at, hold.end_at)
    return change_by(now, period, asked, within)


def _tell(
    session: Session, pool: PoolFacts, row: Reservation, hold: Hold | None, now: datetime
) -> None:
    about = About.of(row)
    drop_questions(session, about)
    if hold is None:
        tell_deciders(session, about, "request_received", pool, row.company_id, now)
    else:
        tell_deciders(
            session, about, "change_requested", pool, row.company_id, now,
            new_start=hold.start_at, new_end=hold.end_at, quantity=hold.quantity,
        )  # fmt: skip
