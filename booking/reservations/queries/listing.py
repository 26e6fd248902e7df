"""Lists of the reservations an actor may see, narrowed by what was asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from booking.core.actor import Actor
from booking.inventory.models import Unit
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.reservations import visible_reservations


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed by; None leaves it wide. `since`/`until`: meets that time."""

    unit_id: int | None = None
    pool_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    status: str | None = None
    mine: bool = False


def wanted_reservations(actor: Actor, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    """Return a query for the visible reservations that are `wanted`, order start, id."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.pool_id is not None:
        conditions.append(Reservation.pool_id == wanted.pool_id)
    if wanted.unit_id is not None:
        conditions.append(_of_unit(wanted.unit_id))
    if wanted.since is not None:
        conditions.append(Reservation.end_at > wanted.since)
    if wanted.until is not None:
        conditions.append(Reservation.start_at < wanted.until)
    if wanted.status is not None:
        conditions.append(Reservation.status == wanted.status)
    if wanted.mine:
        conditions.append(Reservation.user_id == actor.user_id)
    return visible_reservations(actor).where(*conditions)


def _of_unit(unit_id: int) -> ColumnElement[bool]:
    """Return the condition: holds the unit now, or held it last (as `unit_ids_of` shows it)."""
    own, other = aliased(Allocation), aliased(Allocation)
    same = other.reservation_id == Reservation.id
    holds_any = exists().where(same, other.active == 1).correlate(Reservation)
    newer = (
        select(func.count()).where(same, other.id > own.id).correlate(Reservation, own)
    ).scalar_subquery()
    held_last = ~holds_any & (newer < Reservation.quantity)
    holds_it = exists().where(
        own.reservation_id == Reservation.id,
        own.unit_id == unit_id,
        or_(own.active == 1, held_last),
    )
    # The pool's index finds the few candidates; retired allocations have no index by unit.
    pool = select(Unit.pool_id).where(Unit.id == unit_id).scalar_subquery()
    return (Reservation.pool_id == pool) & holds_it
