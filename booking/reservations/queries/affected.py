"""Who is hit when a unit, a group or an agreement goes, and where they could sit instead."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from booking.core.period import Period
from booking.reservations.models import LIVE, Allocation, Hold, Reservation
from booking.reservations.queries.availability import ACTIVE
from booking.reservations.queries.facts import units_of
from booking.reservations.queries.movable import coming, standing
from booking.reservations.queries.named import (
    Named,
    UnitName,
    named,
    named_reservations,
    unit_names,
)
from booking.reservations.rules.dealing import KEEP, MOVE, places
from booking.reservations.rules.eject import Relocation

MOST_SHOWN = 100  # on one page; what becomes of the others is chosen at once


@dataclass(frozen=True, slots=True)
class Affected:
    """A reservation that is hit: the units it could have instead, and what is proposed for it."""

    found: Named
    places: tuple[UnitName, ...]
    started: bool
    fate: str | None


def holds_unit_during(unit_id: int, period: Period) -> ColumnElement[bool]:
    """Return the condition that a reservation, or a change asked of it, holds the unit then."""
    held = (
        select(Allocation.reservation_id, Hold.reservation_id.label("moving"))
        .outerjoin(Hold, Hold.id == Allocation.hold_id)
        .where(Allocation.unit_id == unit_id, ACTIVE)
        .where(Allocation.block_start < period.end, Allocation.block_end > period.start)
        .subquery()
    )
    return or_(
        Reservation.id.in_(select(held.c.reservation_id)),
        Reservation.id.in_(select(held.c.moving)),
    )


def affected(
    session: Session,
    pool_id: int,
    where: ColumnElement[bool],
    hit: Collection[int],
    now: datetime,
    *,
    otherwise: str | None = KEEP,
) -> list[Affected]:
    """Return the live reservations `where` chooses, by start, each with what is proposed for it.

    What may move (any unit, not begun) and has a free unit beside those `hit` is to be moved;
    the others get `otherwise`, None: somebody must say. Seven queries. The caller has asked
    whether the reader may see the pool's reservations.
    """
    rows = session.execute(
        named_reservations()
        .where(where, Reservation.status.in_(LIVE), Reservation.end_at > now)
        .order_by(Reservation.start_at, Reservation.id)
    ).all()
    shown = [named(row) for row in rows]
    if not shown:
        return []
    free = free_places(session, pool_id, [one.row.id for one in shown], hit, now)[0]
    names = unit_names(session, {move.to_unit for moves in free.values() for move in moves})
    found = []
    for one in shown:
        to = tuple(names[move.to_unit] for move in free.get(one.row.id, ()))
        moves = bool(to) and not one.row.named_unit
        found.append(Affected(one, to, one.row.start_at <= now, MOVE if moves else otherwise))
    return found


def free_places(
    session: Session,
    pool_id: int,
    reservation_ids: Collection[int],
    hit: Collection[int],
    now: datetime,
) -> tuple[dict[int, tuple[Relocation, ...]], set[int]]:
    """Return where these reservations on the units `hit` can go, and which of them are there.

    One that has begun stays. Five queries.
    """
    if not hit or not reservation_ids:
        return {}, set()
    units = units_of(session, pool_id)
    rows = session.execute(
        select(Reservation.start_at, Reservation.end_at).where(Reservation.id.in_(reservation_ids))
    ).all()
    whole = Period(min(row.start_at for row in rows), max(row.end_at for row in rows))
    stands = standing(session, units, whole, coming(reservation_ids, now), lock=False, also=hit)
    found = places(stands.units, stands.held, hit, stands.reservations, stands.supervised)
    there = [one.allocation_id for unit_id in hit for one in stands.held.get(unit_id, ())]
    return found, {stands.reservations[key] for key in there if key in stands.reservations}
