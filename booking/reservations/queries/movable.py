"""What holds the units of a pool, and which of it may be given another unit (DESIGN §4)."""

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from booking.core.period import Period
from booking.infra.settings import times
from booking.inventory.models import Contribution, Unit
from booking.reservations.models import Allocation, Hold, Reservation
from booking.reservations.queries.availability import ACTIVE
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.rules.eject import Held, reach
from booking.reservations.rules.slots import UnitFacts

_CHANGING = exists().where(Hold.reservation_id == Reservation.id, Hold.released_at.is_(None))


@dataclass(frozen=True, slots=True)
class Standing:
    """The units of a pool with what holds them around a time, and which customs supervises."""

    units: tuple[UnitFacts, ...]
    held: dict[int, list[Held]]
    reservations: dict[int, int]  # allocation -> the reservation it is of, of those that may move
    supervised: frozenset[int]


def standing(
    session: Session,
    units: Sequence[UnitFacts],
    period: Period,
    movable: ColumnElement[bool],
    *,
    lock: bool,
    also: Collection[int] = (),
) -> Standing:
    """Return what stands around `period` on these units; `movable` says which may be moved.

    `also` are units to look at that cannot be booked.

    Three queries, four with `lock`: then the rows of reservations that may move are locked, and
    those somebody else has locked stay where they are, so that waiting never goes in a circle.
    """
    ids = sorted({*(unit.unit_id for unit in units), *also})
    rows = _blocks(session, ids, reach(units, [period]))
    free = _movable(session, {row.reservation_id for row in rows}, movable, lock=lock)
    shown = [free[row.reservation_id] for row in rows if row.reservation_id in free]
    around = _blocks(session, ids, reach(units, [period, *shown])) if shown else rows
    held: dict[int, list[Held]] = {}
    reservations = {}
    for row in around:
        block = Period(row.block_start, row.block_end)
        one = Held(row.id, row.unit_id, block, free.get(row.reservation_id))
        held.setdefault(row.unit_id, []).append(one)
        if row.reservation_id in free:
            reservations[row.id] = row.reservation_id
    customs = select(Unit.id).where(Unit.id.in_(ids), Unit.customs_supervised == 1)
    supervised = frozenset(session.scalars(customs)) if shown else frozenset()
    return Standing(tuple(units), held, reservations, supervised)


def provisional(pool: PoolFacts, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a reservation's unit may still change: any unit, and not final.

    One with an undecided change stays: its hold is on the units it has.
    """
    # Never later than pages and mail call it final, which know the park's own hours only.
    hours = max(pool.rules.unit_fixed_hours.value, times().unit_fixed_hours)
    final = now + timedelta(hours=hours)
    return and_(
        Reservation.status.in_(("pending", "approved")),
        Reservation.named_unit == 0,
        Reservation.start_at > final,
        ~_CHANGING,
    )


def displaceable(pool: PoolFacts, now: datetime, hours: int) -> ColumnElement[bool]:
    """Return the condition that the owner may displace another's request of a named unit.

    Only while it is not approved, and until `hours` before its start (`Contribution`).
    """
    return and_(
        Reservation.status == "pending",
        Reservation.start_at >= now + timedelta(hours=hours),
        Reservation.institution_id.is_distinct_from(pool.institution_id),
        ~_CHANGING,
    )


def owner_priority_hours(session: Session, pool_id: int) -> int:
    """Return the owner's priority by the pool's agreement, in hours; 0: none. One query."""
    query = select(Contribution.owner_priority_hours).where(
        Contribution.pool_id == pool_id, Contribution.ended_at.is_(None)
    )
    return session.execute(query).scalar() or 0


def _blocks(session: Session, unit_ids: Sequence[int], within: Period) -> Sequence[Any]:
    return session.execute(
        select(
            Allocation.id, Allocation.unit_id, Allocation.reservation_id,
            Allocation.block_start, Allocation.block_end,
        )
        .where(Allocation.unit_id.in_(unit_ids), ACTIVE)
        .where(Allocation.block_start < within.end, Allocation.block_end > within.start)
        .order_by(Allocation.unit_id, Allocation.block_start)
    ).all()  # fmt: skip


def _movable(
    session: Session, ids: Set[int | None], movable: ColumnElement[bool], *, lock: bool
) -> dict[int, Period]:
    query = select(Reservation.id, Reservation.start_at, Reservation.end_at).where(
        Reservation.id.in_(sorted(ids - {None})), movable
    )
    query = query.order_by(Reservation.id)
    if lock:
        query = query.with_for_update(skip_locked=True, of=Reservation)
    return {row.id: Period(row.start_at, row.end_at) for row in session.execute(query)}
