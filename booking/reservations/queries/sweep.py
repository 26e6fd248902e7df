"""The invariants of a live database, each as one query for what breaks it; empty is healthy.

Here are the allocations and whose they are; holds, waitlist and messages are in `sweep_held`,
quotas in `sweep_quotas`. Each query reads sets, so a million reservations take seconds.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from booking.infra.db import BigInt
from booking.inventory.models import Unit
from booking.policies.models import RuleEdition
from booking.policies.queries.book import current_book
from booking.policies.queries.buffers import stale_buffers
from booking.reservations.models import LIVE, Allocation, Closure, Hold, Reservation
from booking.reservations.queries import quota_ledgers, sweep_held, sweep_quotas
from booking.reservations.queries.availability import ACTIVE
from booking.reservations.queries.lists import AGREED, PENDING
from booking.reservations.rules.using import LOOKED_BACK

SHOWN = 20
GRACE = timedelta(days=1)  # allocations stay live a day past their end
Check = Callable[[Session, datetime], list[int]]
START, END = (type_coerce(column, BigInt) for column in (
    Allocation.block_start, Allocation.block_end,
))  # fmt: skip


def broken(session: Session, now: datetime) -> dict[str, list[int]]:
    """Return what breaks each invariant, up to 20 ids each; an empty dict is a healthy database."""
    return _found(BROKEN, session, now)


def overdue(session: Session, now: datetime) -> dict[str, list[int]]:
    """Return what a job should have done by now, up to 20 ids each: is a scheduler running?"""
    return _found(OVERDUE, session, now)


def overlaps(session: Session, _now: datetime) -> list[int]:
    """Return allocations that start before an earlier one of their unit has ended."""
    before = func.lag(END).over(
        partition_by=Allocation.unit_id, order_by=(Allocation.block_start, Allocation.block_end)
    )
    # Only what the live index holds, so that PostgreSQL sorts nothing; ids are looked up after.
    inner = (
        select(Allocation.unit_id, START.label("starts"), before.label("before"))
        .where(ACTIVE)
        .subquery()
    )
    first = select(inner.c.unit_id, inner.c.starts).where(inner.c.before > inner.c.starts)
    bad = first.order_by(inner.c.unit_id, inner.c.starts).limit(SHOWN).subquery()
    query = select(Allocation.id).join(
        bad, (bad.c.unit_id == Allocation.unit_id) & (bad.c.starts == START)
    )
    return _ids(session, query.where(ACTIVE).distinct(), Allocation.id)


def without_owner(session: Session, _now: datetime) -> list[int]:
    """Return active allocations whose reservation, hold or closure is not there."""
    there = or_(
        exists().where(Reservation.id == Allocation.reservation_id),
        exists().where(Hold.id == Allocation.hold_id),
        exists().where(Closure.id == Allocation.closure_id),
    )
    return _ids(session, select(Allocation.id).where(ACTIVE, ~there), Allocation.id)


def short_of_units(session: Session, now: datetime) -> list[int]:
    """Return live reservations that hold fewer or more units than their quantity."""
    held = (
        select(func.count())
        .select_from(Allocation)
        .where(Allocation.reservation_id == Reservation.id, ACTIVE)
        .correlate(Reservation)
        .scalar_subquery()
    )
    query = select(Reservation.id).where(_live(now), held != Reservation.quantity)
    return _ids(session, query, Reservation.id)


def held_for_nothing(session: Session, _now: datetime) -> list[int]:
    """Return active allocations whose reservation, hold or closure has ended."""
    ended = exists().where(
        Reservation.id == Allocation.reservation_id,
        Reservation.status.not_in((*LIVE, "completed")),
    )
    released = exists().where(Hold.id == Allocation.hold_id, Hold.released_at.is_not(None))
    reopened = exists().where(
        Closure.id == Allocation.closure_id, Closure.cancelled_at.is_not(None)
    )
    query = select(Allocation.id).where(ACTIVE).where(ended | released | reopened)
    return _ids(session, query, Allocation.id)


def shown_but_not_blocked(session: Session, _now: datetime) -> list[int]:
    """Return active allocations that do not cover the shown times of their reservation."""
    short = (Allocation.block_start > Reservation.start_at) | (
        Allocation.block_end < Reservation.end_at
    )
    query = select(Allocation.id).join(Reservation, Reservation.id == Allocation.reservation_id)
    return _ids(session, query.where(ACTIVE, short), Allocation.id)


def astray(session: Session, now: datetime) -> list[int]:
    """Return live reservations of one pool that hold a unit of another."""
    query = (
        select(Reservation.id)
        .join(Allocation, Allocation.reservation_id == Reservation.id)
        .join(Unit, Unit.id == Allocation.unit_id)
        .where(ACTIVE, Unit.pool_id != Reservation.pool_id, _live(now))
    )
    return _ids(session, query, Reservation.id)


def untrue_buffers(session: Session, _now: datetime) -> list[int]:
    """Return pools whose inherited buffers are not what the rules above them say."""
    edition = session.execute(select(RuleEdition.number, RuleEdition.buffers_number)).one_or_none()
    if edition is not None and edition.number != edition.buffers_number:
        return []  # a job is still at it
    return stale_buffers(session, current_book(session))[:SHOWN]


def forgotten(session: Session, now: datetime) -> list[int]:
    """Return allocations still active two days past their end: nobody retires them."""
    query = select(Allocation.id).where(ACTIVE, Allocation.block_end < now - 2 * GRACE)
    return _ids(session, query, Allocation.id)


def not_completed(session: Session, now: datetime) -> list[int]:
    """Return reservations still approved or in use long after their end."""
    late = now - LOOKED_BACK - GRACE
    # What has ended has begun: in order of start few of the live ones are looked at.
    query = select(Reservation.id).where(
        AGREED, Reservation.start_at < late, Reservation.end_at < late
    )
    return _ids(session, query, Reservation.id)


def not_expired(session: Session, now: datetime) -> list[int]:
    """Return requests still undecided an hour after they should have been decided."""
    query = select(Reservation.id).where(PENDING, Reservation.decide_by < now - sweep_held.LATE)
    return _ids(session, query, Reservation.id)


def _live(now: datetime) -> ColumnElement[bool]:
    """Return the condition: it holds units now or later. A literal, so that its index is used."""
    return and_(
        literal_column("reservation.status IN ('pending','approved','in_use')"),
        Reservation.end_at > now,
    )


def _ids(session: Session, query: Select[int], order: Any) -> list[int]:
    return list(session.scalars(query.order_by(order).limit(SHOWN)))


def _found(checks: Mapping[str, Check], session: Session, now: datetime) -> dict[str, list[int]]:
    found = {name: check(session, now) for name, check in checks.items()}
    return {name: ids for name, ids in found.items() if ids}


BROKEN: Mapping[str, Check] = MappingProxyType({
    "overlapping allocations": overlaps,
    "allocations without an owner": without_owner,
    "reservations without their units": short_of_units,
    "allocations held for nothing": held_for_nothing,
    "allocations shorter than the shown times": shown_but_not_blocked,
    "reservations on a unit of another pool": astray,
    "pools whose inherited buffers are not their rule's": untrue_buffers,
    "quotas overdrawn": sweep_quotas.overdrawn,
    "quota ledgers that do not say what reservations do": quota_ledgers.untrue,
    **sweep_held.BROKEN,
})  # fmt: skip
OVERDUE: Mapping[str, Check] = MappingProxyType({
    "allocations not retired": forgotten,
    "reservations not completed": not_completed,
    "requests not expired": not_expired,
    **sweep_held.OVERDUE,
})  # fmt: skip
