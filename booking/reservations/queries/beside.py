"""A person's own reservation beside a time, with which that time may become one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from booking.core.actor import Party
from booking.core.period import Period
from booking.policies.rules.values import NEVER
from booking.reservations.models import Reservation
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.formalities import asked_of


@dataclass(frozen=True, slots=True)
class Alike:
    """What two must have in common to become one; `besides` is the one that moves."""

    person_id: int
    party: Party
    quantity: int
    purpose: str
    note: str
    named: bool
    besides: int | None = None


def own_beside(
    session: Session, pool: PoolFacts, alike: Alike, period: Period, now: datetime
) -> int | None:
    """Return the nearest own reservation that may become one with `period`, the earlier of equals.

    None where the pool's rule is off, where somebody decides or the pool asks questions: nothing
    that was agreed or answered gets lost. Nor is one of a group, an import, or with an exception
    joined. One query, none where the rule is off.
    """
    minutes = pool.rules.merge_minutes.value
    if minutes is None or minutes == NEVER or pool.approval != "auto":
        return None
    if asked_of(session, pool) is not None:
        return None
    rows = session.execute(
        select(Reservation.id, Reservation.start_at, Reservation.end_at, Reservation.note)
        .where(Reservation.user_id == alike.person_id, Reservation.pool_id == pool.pool_id)
        .where(_near(period, timedelta(minutes=minutes)), Reservation.end_at > now)
        .where(*_as(alike))
        .order_by(Reservation.start_at, Reservation.id)
    ).all()
    fit = [row for row in rows if not (row.note and alike.note and row.note != alike.note)]
    near = min(fit, key=lambda row: _gap(period, row.start_at, row.end_at), default=None)
    return None if near is None else int(near.id)


def _near(period: Period, reach: timedelta) -> ColumnElement[bool]:
    before = and_(Reservation.end_at <= period.start, Reservation.end_at >= period.start - reach)
    after = and_(Reservation.start_at >= period.end, Reservation.start_at <= period.end + reach)
    return or_(before, after)


def _as(alike: Alike) -> tuple[ColumnElement[bool], ...]:
    return (
        Reservation.status.in_(("approved", "in_use")),
        Reservation.id.is_distinct_from(alike.besides),
        Reservation.company_id.is_not_distinct_from(alike.party.company_id),
        Reservation.institution_id.is_not_distinct_from(alike.party.institution_id),
        Reservation.quantity == alike.quantity,
        Reservation.purpose == alike.purpose,
        Reservation.named_unit == int(alike.named),
        Reservation.source == "booked",
        Reservation.group_id.is_(None),
        Reservation.override_reason == "",
    )


def _gap(period: Period, start: datetime, end: datetime) -> timedelta:
    return period.start - end if end <= period.start else start - period.end
