"""How much an institution's units are used and booked: numbers, never by whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from booking.core.errors import NotFound
from booking.core.period import to_epoch
from booking.infra.db import BigInt
from booking.inventory.models import Unit
from booking.reservations.models import LIVE, Allocation, Closure, Reservation

WINDOWS = (30, 90)  # days back
# A reservation that began so long before a window is not looked for: an index step, not history.
_LONGEST = timedelta(days=31)
Counted = ColumnElement[int] | InstrumentedAttribute[int]


@dataclass(frozen=True, slots=True)
class Use:
    """Hours used in the last 30 and 90 days, and reservations to come."""

    hours: tuple[float, float] = (0.0, 0.0)
    coming: int = 0


def use_of_pools(session: Session, pool_ids: Collection[int], now: datetime) -> dict[int, Use]:
    """Return the use of each pool that has any: hours of its units, all together. Two queries.

    The caller has asked whether the reader may see the pools.
    """
    key = Reservation.pool_id
    whole = select(key).where(key.in_(sorted(pool_ids))).group_by(key)
    return _use(session, whole, Reservation.quantity, now)


def use_of_units(session: Session, pool_id: int, now: datetime) -> dict[int, Use]:
    """Return the use of each unit of a pool that has any. Two queries.

    The caller has asked whether the reader may see the pool.
    """
    key = Allocation.unit_id
    held = (
        select(key)
        .join(Reservation, Reservation.id == Allocation.reservation_id)
        .where(Reservation.pool_id == pool_id)
        .group_by(key)
    )
    return _use(session, held, literal(1), now)


def unit_of_pool(session: Session, pool_id: int, unit_id: int) -> Unit:
    """Return a live unit of the pool. Raises NotFound. One query."""
    query = select(Unit).where(Unit.id == unit_id, Unit.pool_id == pool_id)
    unit = session.scalars(query.where(Unit.retired_at.is_(None))).one_or_none()
    if unit is None:
        raise NotFound("unit")
    return unit


def units_with_own_use(
    session: Session, pool_id: int, now: datetime
) -> list[tuple[Unit, list[Closure]]]:
    """Return the pool's live units by id, each with its coming times of own use. Two queries."""
    units = session.scalars(
        select(Unit).where(Unit.pool_id == pool_id, Unit.retired_at.is_(None)).order_by(Unit.id)
    ).all()
    taken: dict[int, list[Closure]] = {}
    for closure in session.scalars(
        select(Closure)
        .where(Closure.pool_id == pool_id, Closure.kind == "own_use")
        .where(Closure.cancelled_at.is_(None), Closure.end_at > now)
        .order_by(Closure.start_at, Closure.id)
    ):
        taken.setdefault(closure.unit_id, []).append(closure)
    return [(unit, taken.get(unit.id, [])) for unit in units]


def _use(session: Session, grouped: Select[Any], units: Counted, now: datetime) -> dict[int, Use]:
    """Return the use by the first column of `grouped`."""
    since = [now - timedelta(days=days) for days in WINDOWS]
    past = grouped.add_columns(*(func.sum(units * _seconds(first, now)) for first in since)).where(
        Reservation.status.in_(("approved", "in_use", "completed")),
        Reservation.start_at > min(since) - _LONGEST, Reservation.start_at < now,
    )  # fmt: skip
    ahead = grouped.add_columns(func.count(Reservation.id.distinct())).where(
        Reservation.status.in_(LIVE), Reservation.start_at >= now
    )
    coming = {key: int(count) for key, count in session.execute(ahead)}
    hours = {
        key: (round(int(month) / 3600, 1), round(int(quarter) / 3600, 1))
        for key, month, quarter in session.execute(past)
    }
    keys = sorted({*coming, *hours})
    return {key: Use(hours.get(key, (0.0, 0.0)), coming.get(key, 0)) for key in keys}


def _seconds(first: datetime, now: datetime) -> ColumnElement[int]:
    """Return how many seconds of a reservation lie between `first` and `now`."""
    begin = type_coerce(Reservation.start_at, BigInt)
    end = type_coerce(Reservation.end_at, BigInt)
    least, most = to_epoch(first), to_epoch(now)
    starts = case((begin < least, least), else_=begin)
    ends = case((end > most, most), else_=end)
    return case((end <= least, 0), else_=ends - starts)
