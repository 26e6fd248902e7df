"""What is free of very many units, by looking through what is held about a time once.

A step of an index for each of 12,000 units costs PostgreSQL three times what reading the day's
blocks in the order of their ends does (docs/decisions/007).
"""

from sqlalchemy import ColumnElement, Select, func, literal_column, select, type_coerce, union_all

from booking.infra.db import BigInt
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Allocation
from booking.reservations.models.booked import LONG_BLOCK, LONG_SECONDS
from booking.reservations.queries.availability import ACTIVE, with_buffers
from booking.reservations.queries.facts import BOOKABLE

_LONG: ColumnElement[bool] = literal_column(LONG_BLOCK)


def free_at_once(
    units: ColumnElement[bool], start: ColumnElement[int], end: ColumnElement[int]
) -> Select[int]:
    """Return a query for the same as `availability.free_unit_ids`, in the same order."""
    first, last = with_buffers(start, end)
    begins, ends = (
        type_coerce(Allocation.block_start, BigInt),
        type_coerce(Allocation.block_end, BigInt),
    )
    wanted = (
        select(Unit.id, first.label("first"), last.label("last"))
        .join(Pool, Pool.id == Unit.pool_id)
        .where(units, BOOKABLE, Pool.retired_at.is_(None))
        .cte("wanted")
    )
    edges = select(
        func.min(wanted.c.first).label("first"), func.max(wanted.c.last).label("last")
    ).cte("edges")
    held = select(Allocation.unit_id, begins.label("first"), ends.label("last")).join_from(
        edges, Allocation, begins < edges.c.last
    )
    # What ends later than a day after the last of them does, and still meets one, is long.
    later = edges.c.last + LONG_SECONDS
    about = union_all(
        held.where(ACTIVE, ends > edges.c.first, ends < later), held.where(_LONG, ends >= later)
    ).cte("held")
    met = select(about.c.unit_id).where(
        about.c.unit_id == wanted.c.id,
        about.c.first < wanted.c.last,
        about.c.last > wanted.c.first,
    )
    return select(wanted.c.id).where(~met.correlate(wanted).exists()).order_by(wanted.c.id)
