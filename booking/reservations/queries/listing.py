"""Lists of the reservations an actor may see, narrowed by what was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from booking.core.actor import Actor
from booking.core.period import from_epoch, to_epoch
from booking.inventory.models import Unit
from booking.reservations.models import FEW, LONG_SECONDS, Allocation, Reservation
from booking.reservations.queries.lists import AGREED
from booking.reservations.queries.reservations import visible_reservations

A_DAY = timedelta(days=1)
MOST = 10_201  # rows of a list that web.paging shows or counts


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed by; None leaves it wide. `since`/`until`: meets that time."""

    unit_id: int | None = None
    pool_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    status: str | None = None
    mine: bool = False


def wanted_reservations(
    actor: Actor, wanted: Wanted, columns: Sequence[Any], now: datetime
) -> Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]:
    """Return a query for `columns` of the visible reservations that are `wanted`, by start, id.

    `columns` hold start_at and id.
    """
    conditions: list[ColumnElement[bool]] = []
    if wanted.pool_id is not None:
        conditions.append(Reservation.pool_id == wanted.pool_id)
    if wanted.unit_id is not None:
        conditions.append(_of_unit(wanted.unit_id))
    if wanted.until is not None:
        conditions.append(Reservation.start_at < wanted.until)
    if wanted.status is not None:
        conditions += _of_status(wanted.status, now)
    if wanted.mine:
        conditions.append(Reservation.user_id == actor.user_id)
    found = visible_reservations(actor).where(*conditions).with_only_columns(*columns)
    if wanted.since is None:
        return found
    if wanted.pool_id or wanted.unit_id or wanted.mine:
        return found.where(Reservation.end_at > wanted.since)  # few: an index has found them
    return _ending_after(found, wanted.since)


def _ending_after(
    found: Select[*tuple[Any, ...]], since: datetime
) -> CompoundSelect[*tuple[Any, ...]]:
    """Return what of `found` ends after `since`, in order, without reading all history before.

    What began within a day is found in order of start, what began earlier by its length.
    """
    first = max(to_epoch(since) - LONG_SECONDS, 0)
    near = found.where(Reservation.start_at > from_epoch(first), Reservation.end_at > since)
    lasting = aliased(Reservation, name="lasting")
    earlier = select(lasting.id).where(
        literal_column(f"lasting.end_at - lasting.start_at > {LONG_SECONDS}"),
        lasting.end_at > since,
        # An expression: else the planner takes the order of starts, that is, all history.
        literal_column("lasting.start_at + 0") <= first,
    )
    # Each in order and no more than is ever shown or counted: PostgreSQL would sort all of it.
    few = found.where(Reservation.id.in_(earlier)).order_by(None)
    few = few.order_by(literal_column("reservation.start_at + 0"), Reservation.id)  # as above
    parts = [each.limit(MOST).subquery() for each in (near, few)]
    both = union_all(*(select(*part.c) for part in parts))
    # By place: SQLite takes no name here that is also the row's own.
    names = list(near.selected_columns.keys())
    places = (names.index("start_at") + 1, names.index("id") + 1)
    return both.order_by(*(literal_column(str(place)) for place in places))


def _of_status(status: str, now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions: `shown_status` is this, and as the partial index that has it says so.

    What has expired or ended counts as that, even if no job wrote it down.
    """
    of_it = Reservation.status == status
    if status == "approved":
        return [AGREED, of_it, Reservation.end_at > now]
    if status == "in_use":  # by check-in at most a day before its start: not all that is coming
        return [AGREED, of_it, Reservation.end_at > now, Reservation.start_at <= now + A_DAY]
    if status == "completed":  # what has ended has begun: not all that is coming
        ended = or_(of_it, AGREED & (Reservation.end_at <= now))
        return [ended, Reservation.start_at <= now]
    few: ColumnElement[bool] = literal_column(f"reservation.{FEW}")
    undecided = Reservation.decide_by.is_(None) | (Reservation.decide_by > now)
    if status == "pending":
        return [few, of_it, undecided]
    if status == "expired":
        return [few, or_(of_it, (Reservation.status == "pending") & ~undecided)]
    return [few, of_it]


# Built once: an alias alone takes longer to make than the query to run.
_OWN, _OTHER = aliased(Allocation), aliased(Allocation)
_SAME = _OTHER.reservation_id == Reservation.id
_HOLDS_ANY = exists().where(_SAME, _OTHER.active == 1).correlate(Reservation)
_NEWER = (
    select(func.count()).where(_SAME, _OTHER.id > _OWN.id).correlate(Reservation, _OWN)
).scalar_subquery()
_HOLDS = exists().where(
    _OWN.reservation_id == Reservation.id,
    or_(_OWN.active == 1, ~_HOLDS_ANY & (Reservation.quantity > _NEWER)),
)


def _of_unit(unit_id: int) -> ColumnElement[bool]:
    """Return the condition: holds the unit now, or held it last (as `unit_ids_of` shows it)."""
    # The pool's index finds the few candidates; retired allocations have no index by unit.
    pool = select(Unit.pool_id).where(Unit.id == unit_id).scalar_subquery()
    return (Reservation.pool_id == pool) & _HOLDS.where(_OWN.unit_id == unit_id)
