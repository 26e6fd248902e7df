"""What holds the units of a pool, and which of it may be given another unit (DESIGN §4)."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from booking.core.period import Period
from booking.infra.db import run
from booking.infra.settings import times
from booking.inventory.models import Contribution, Unit
from booking.reservations.models import Allocation, Hold, Reservation
from booking.reservations.queries.availability import ACTIVE
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.rules.eject import Held, reach
from booking.reservations.rules.slots import UnitFacts

# Statements are built once: whoever loses a race for a hot slot asks all of them.
_CHANGING = exists().where(Hold.reservation_id == Reservation.id, Hold.released_at.is_(None))
_WHICH: dict[str, ColumnElement[bool]] = {
    "provisional": and_(
        Reservation.status.in_(("pending", "approved")),
        Reservation.named_unit == 0,
        Reservation.start_at > bindparam("final"),
        ~_CHANGING,
    ),
    "displaceable": and_(
        Reservation.status == "pending",
        Reservation.start_at >= bindparam("displaced_from"),
        Reservation.institution_id.is_distinct_from(bindparam("owner_id")),
        ~_CHANGING,
    ),
    "named": and_(
        Reservation.id.in_(bindparam("named_ids", expanding=True)),
        Reservation.start_at > bindparam("begun"),
    ),
}
_BLOCKS = (
    select(
        Allocation.id, Allocation.unit_id, Allocation.reservation_id,
        Allocation.block_start, Allocation.block_end,
    )
    .where(Allocation.unit_id.in_(bindparam("unit_ids", expanding=True)), ACTIVE)
    .where(Allocation.block_start < bindparam("end"), Allocation.block_end > bindparam("start"))
    .order_by(Allocation.unit_id, Allocation.block_start)
)  # fmt: skip
_CUSTOMS = select(Unit.id).where(
    Unit.id.in_(bindparam("unit_ids", expanding=True)), Unit.customs_supervised == 1
)


@dataclass(frozen=True, slots=True)
class Movable:
    """Which reservations may be given another unit: those of any of these kinds."""

    kinds: tuple[str, ...]
    values: Mapping[str, Any]

    def __or__(self, other: "Movable") -> "Movable":
        """Return those of either."""
        return Movable((*self.kinds, *other.kinds), {**self.values, **other.values})


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
    movable: Movable,
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
    supervised = run(session, _CUSTOMS, {"unit_ids": ids}).scalars() if shown else ()
    return Standing(tuple(units), held, reservations, frozenset(supervised))


def provisional(pool: PoolFacts, now: datetime) -> Movable:
    """Return those whose unit may still change: any unit, and not final.

    One with an undecided change stays: its hold is on the units it has.
    """
    # Never later than pages and mail call it final, which know the park's own hours only.
    hours = max(pool.rules.unit_fixed_hours.value, times().unit_fixed_hours)
    return Movable(("provisional",), {"final": now + timedelta(hours=hours)})


def displaceable(pool: PoolFacts, now: datetime, hours: int) -> Movable:
    """Return those that the owner may displace: another's request of a named unit.

    Only while it is not approved, and until `hours` before its start (`Contribution`).
    """
    values = {"displaced_from": now + timedelta(hours=hours), "owner_id": pool.institution_id}
    return Movable(("displaceable",), values)


def coming(reservation_ids: Collection[int], now: datetime) -> Movable:
    """Return these reservations, but for those that have begun."""
    return Movable(("named",), {"named_ids": sorted(reservation_ids), "begun": now})


def owner_priority_hours(session: Session, pool_id: int) -> int:
    """Return the owner's priority by the pool's agreement, in hours; 0: none. One query."""
    query = select(Contribution.owner_priority_hours).where(
        Contribution.pool_id == pool_id, Contribution.ended_at.is_(None)
    )
    return session.execute(query).scalar() or 0


def _blocks(session: Session, unit_ids: Sequence[int], within: Period) -> Sequence[Any]:
    values = {"unit_ids": unit_ids, "start": within.start, "end": within.end}
    return run(session, _BLOCKS, values).all()


def _movable(
    session: Session, ids: Set[int | None], movable: Movable, *, lock: bool
) -> dict[int, Period]:
    values = {"ids": sorted(i for i in ids if i is not None), **movable.values}
    found = run(session, _of_kinds(movable.kinds, lock=lock), values)
    return {row.id: Period(row.start_at, row.end_at) for row in found}


@cache
def _of_kinds(kinds: tuple[str, ...], *, lock: bool) -> Select[int, datetime, datetime]:
    query = select(Reservation.id, Reservation.start_at, Reservation.end_at)
    query = query.where(Reservation.id.in_(bindparam("ids", expanding=True)))
    query = query.where(or_(*(_WHICH[kind] for kind in kinds))).order_by(Reservation.id)
    return query.with_for_update(skip_locked=True, of=Reservation) if lock else query
