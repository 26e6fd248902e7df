"""What a bulk load must know first: keys already there, and what its units are held by."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, and_, literal_column, select
from sqlalchemy.orm import Session

from booking.core.period import Period
from booking.reservations.models import Allocation, Closure, Reservation
from booking.reservations.rules.imports import Held

T = TypeVar("T")

# Far below the 32,766 parameters of SQLite; larger lists gain nothing.
CHUNK = 500


def known_keys(session: Session, keys: Collection[str]) -> set[str]:
    """Return those of the source keys that some reservation has. One query per 500 keys."""
    found: set[str] = set()
    for chunk in _chunks(keys):
        query = select(Reservation.source_key).where(Reservation.source_key.in_(chunk))
        found.update(key for key in session.scalars(query) if key)
    return found


def held_spans(
    session: Session,
    units: Mapping[int, int],
    within: Period,
    lines: Mapping[str, int],
    now: datetime,
) -> dict[int, list[Held]]:
    """Return what holds or held each unit in `within`, retired rows included, in no order.

    `units` is unit id → pool id; `lines` gives the line of a source key in the file being loaded.
    Blocks released by a move or cancellation hold nothing. Three queries per 500 units.
    """
    spans: dict[int, list[Held]] = defaultdict(list)
    for chunk in _chunks(units):
        pools = {units[unit_id] for unit_id in chunk}
        for query in _queries(chunk, pools, within, now):
            for unit_id, start, end, source_key in session.execute(query):
                line = lines.get(source_key) if source_key else None
                spans[unit_id].append(Held(start, end, line))
    return dict(spans)


def _queries(
    unit_ids: list[int], pool_ids: Collection[int], within: Period, now: datetime
) -> tuple[Select[int, datetime, datetime, str | None], ...]:
    held = (
        select(
            Allocation.unit_id,
            Allocation.block_start,
            Allocation.block_end,
            Reservation.source_key,
        )
        .where(
            Allocation.unit_id.in_(unit_ids),
            Allocation.block_start < within.end,
            Allocation.block_end > within.start,
        )
        .order_by(Allocation.unit_id, Allocation.block_start)
    )
    # Retired allocations have no index by unit: they are reached through what they belong to.
    # Released ones are inactive too, but lie ahead or off the times that are shown at last.
    used = ("approved", "in_use", "completed")
    retired = and_(literal_column("allocation.active = 0"), Allocation.block_end <= now)
    return (
        held.outerjoin(Reservation, Reservation.id == Allocation.reservation_id).where(
            literal_column("allocation.active = 1")
        ),
        held.join(Reservation, Reservation.id == Allocation.reservation_id).where(
            Reservation.pool_id.in_(pool_ids),
            Reservation.status.in_(used),
            Allocation.block_start <= Reservation.start_at,
            Allocation.block_end >= Reservation.end_at,
            retired,
        ),
        held.join(Closure, Closure.id == Allocation.closure_id)
        .outerjoin(Reservation, Reservation.id == Allocation.reservation_id)
        .where(
            Closure.pool_id.in_(pool_ids),
            Closure.cancelled_at.is_(None),
            retired,
        ),
    )


def _chunks(items: Collection[T]) -> Iterator[list[T]]:
    listed = list(items)
    for at in range(0, len(listed), CHUNK):
        yield listed[at : at + CHUNK]
