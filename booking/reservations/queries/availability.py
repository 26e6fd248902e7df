"""What is free and what is in the way.

`active = 1` is written as a literal: a bound value would miss the partial index on PostgreSQL.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from booking.core.errors import Taken
from booking.core.period import Period, to_epoch
from booking.infra.db import BigInt, run
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Allocation, Hold
from booking.reservations.queries.asking import Asked
from booking.reservations.queries.facts import BOOKABLE, CLEANUP, WARMUP, units_of
from booking.reservations.rules.slots import Slot, UnitFacts, all_starts, earliest_slots

ACTIVE: ColumnElement[bool] = literal_column("allocation.active = 1")
WINDOWS = (1, 3, 10, 30)  # days: most pools answer in the first, the rest in one more query each
NEVER = literal_column(str(-(2**62)), BigInt)  # an end before any start
FAR = 30 * 86_400


@dataclass(frozen=True, slots=True)
class FreeUnit:
    """A unit free for a period, and the seconds left free around it (30 days at most a side)."""

    unit_id: int
    warmup_minutes: int
    cleanup_minutes: int
    slack_seconds: int


@dataclass(frozen=True, slots=True)
class Stock:
    """The bookable units of a pool by id, and those free for a period, best fit first."""

    units: tuple[UnitFacts, ...]
    free: tuple[FreeUnit, ...]


def stock_of(session: Session, pool_id: int, period: Period) -> Stock:
    """Return the pool's bookable units and which of them are free for `period`, buffers included.

    One query, two index steps a unit: the neighbour before tells whether the unit is free, both
    tell the gap that would be left (DESIGN §4: smallest left + right, then id).
    """
    start, end = to_epoch(period.start), to_epoch(period.end)
    asked = {"pool_id": pool_id, "start": start, "end": end}
    return stock_from(run(session, _NEIGHBOURS, asked).all(), start, end)


def stock_from(rows: Iterable[Sequence[Any]], start: int, end: int) -> Stock:
    """Return the stock that rows of NEIGHBOURS, by unit, tell of."""
    units, found = [], []
    for row in rows:
        unit = UnitFacts(*row[:4])
        units.append(unit)
        free = _free(unit, start, end, row[4], row[5])
        if free:
            found.append(free)
    found.sort(key=lambda unit: (unit.slack_seconds, unit.unit_id))
    return Stock(tuple(units), tuple(found))


def free_units(session: Session, pool_id: int, period: Period) -> list[FreeUnit]:
    """Return the pool's bookable units free for `period`, best fit first. One query."""
    return list(stock_of(session, pool_id, period).free)


def free_unit_ids(
    units: ColumnElement[bool], start: ColumnElement[int], end: ColumnElement[int]
) -> Select[int]:
    """Return a query for the ids of bookable units that match `units` and are free in [start, end).

    In epoch seconds, buffers not included. Joins Pool, so `units` may speak of it. Ordered by id.
    """
    return (
        select(Unit.id)
        .join(Pool, Pool.id == Unit.pool_id)
        .where(units, BOOKABLE, Pool.retired_at.is_(None), is_free(start, end))
        .order_by(Unit.id)
    )


def is_free(start: ColumnElement[int], end: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition on Unit joined to Pool: its block of [start, end) meets nothing held."""
    start, end = with_buffers(start, end)
    last_end = _neighbour(Allocation.block_end, Allocation.block_start < end, descending=True)
    # coalesce: written twice, the subquery would run twice for each of 12,000 units
    return func.coalesce(last_end, NEVER) <= start


def units_and_holders(
    session: Session, pool_ids: Sequence[int], period: Period
) -> dict[int, list[tuple[UnitFacts, int | None]]]:
    """Return the bookable units of each pool and until when, in epoch seconds, each is held.

    None: free for `period`, buffers included; else until the end of the last block that is in its
    way, before which no period as long that starts later can start either. One query, one index
    step a unit.
    """
    start, end = to_epoch(period.start), to_epoch(period.end)
    asked = {"pool_ids": list(pool_ids), "start": start, "end": end}
    found: dict[int, list[tuple[UnitFacts, int | None]]] = {}
    for pool_id, *unit, until in run(session, _HOLDERS, asked):
        facts = UnitFacts(*unit)
        free = until is None or until <= start - facts.warmup_minutes * 60
        found.setdefault(pool_id, []).append((facts, None if free else until))
    return found


def busy_blocks(
    session: Session, unit_ids: Sequence[int], period: Period, besides: int | None = None
) -> dict[int, list[Period]]:
    """Return the active blocks of these units that meet `period`, in order. One query.

    `besides` is a reservation about to move: what it and its undecided change hold is left out.
    """
    query = (
        select(Allocation.unit_id, Allocation.block_start, Allocation.block_end)
        .where(Allocation.unit_id.in_(unit_ids), ACTIVE)
        .where(Allocation.block_start < period.end, Allocation.block_end > period.start)
        .order_by(Allocation.unit_id, Allocation.block_start)
    )
    if besides is not None:
        asked = select(Hold.id).where(Hold.reservation_id == besides, Hold.released_at.is_(None))
        query = query.where(Allocation.reservation_id.is_distinct_from(besides))
        query = query.where(Allocation.hold_id.is_(None) | Allocation.hold_id.not_in(asked))
    rows = session.execute(query)
    blocks: dict[int, list[Period]] = {}
    for row in rows:
        blocks.setdefault(row.unit_id, []).append(Period(row.block_start, row.block_end))
    return blocks


def in_the_way(
    session: Session, units: Sequence[UnitFacts], period: Period, limit: int = 20
) -> tuple[Taken, ...]:
    """Return up to `limit` blocks that meet `period` with each unit's buffers; never whose."""
    widest = period.widened(
        max((u.warmup_minutes for u in units), default=0),
        max((u.cleanup_minutes for u in units), default=0),
    )
    blocks = busy_blocks(session, [u.unit_id for u in units], widest)
    taken = []
    for unit in units:
        block = period.widened(unit.warmup_minutes, unit.cleanup_minutes)
        taken += [Taken(unit.unit_id, b) for b in blocks.get(unit.unit_id, ()) if b.overlaps(block)]
    return tuple(taken[:limit])


def next_slots(
    session: Session,
    asked: Asked,
    limit: int,
    *,
    units: Sequence[UnitFacts] | None = None,
    until: datetime | None = None,
) -> list[Slot]:
    """Return the earliest slots of the pool from the asked start on that pass every rule.

    Looks at widening windows; at most four queries and the one for the units.
    """
    rules, proposal = asked.rules, asked.proposal
    units = units_of(session, asked.pool.pool_id) if units is None else units
    if proposal.quantity > min(len(units), rules.max_units.value):
        return []
    first = max(proposal.period.start, proposal.now)
    margin = _margin(units) + proposal.period.length
    slots: list[Slot] = []
    for days in (*WINDOWS, rules.horizon_days.value + 1):
        last = first + timedelta(days=days)
        window = Period(first, min(last, until) if until and until > first else last)
        looked = Period(window.start - margin, window.end + margin)
        blocks = busy_blocks(session, [u.unit_id for u in units], looked, proposal.besides)
        slots = earliest_slots(rules, proposal, units, blocks, window, limit)
        if len(slots) >= limit or (until and last >= until):
            break
    return slots


def starts_within(
    session: Session, asked: Asked, units: Sequence[UnitFacts], window: Period
) -> list[datetime]:
    """Return every start in `window` that passes the rules of time and is free. One query."""
    margin = _margin(units) + asked.proposal.period.length
    looked = Period(window.start - margin, window.end + margin)
    besides = asked.proposal.besides
    blocks = busy_blocks(session, [u.unit_id for u in units], looked, besides)
    return all_starts(asked.rules, asked.proposal, units, blocks, window)


def with_buffers(
    start: ColumnElement[int], end: ColumnElement[int]
) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return when the block of [start, end) on Unit joined to Pool begins and ends."""
    return start - WARMUP * 60, end + CLEANUP * 60


def _neighbour(column: Any, side: ColumnElement[bool], *, descending: bool) -> ColumnElement[Any]:
    order = Allocation.block_start.desc() if descending else Allocation.block_start.asc()
    query = (
        select(column)
        .where(and_(Allocation.unit_id == Unit.id, ACTIVE, side))
        .order_by(order)
        .limit(1)
        .correlate(Unit, Pool)
    )
    return query.scalar_subquery()


# Of a statement that is built once.
START, END = bindparam("start", type_=BigInt), bindparam("end", type_=BigInt)


_BLOCK_END = with_buffers(START, END)[1]
# Of a unit joined to its pool, and what holds it before and after a period. Plain seconds: a pool
# of 200 units is compared for each booking.
NEIGHBOURS = (
    Unit.id, Unit.state, WARMUP, CLEANUP,
    type_coerce(
        _neighbour(Allocation.block_end, Allocation.block_start < _BLOCK_END, descending=True),
        BigInt,
    ),
    type_coerce(
        _neighbour(Allocation.block_start, Allocation.block_start >= _BLOCK_END, descending=False),
        BigInt,
    ),
)  # fmt: skip


def _holders() -> Select[*tuple[Any, ...]]:
    """Return the query for the units of pools and the end of what was held last before an end."""
    _start, end = with_buffers(START, END)
    before = _neighbour(Allocation.block_end, Allocation.block_start < end, descending=True)
    return (
        select(Unit.pool_id, Unit.id, Unit.state, WARMUP, CLEANUP, type_coerce(before, BigInt))
        .join(Pool, Pool.id == Unit.pool_id)
        .where(Unit.pool_id.in_(bindparam("pool_ids", expanding=True)), BOOKABLE)
        .order_by(Unit.id)
    )


_HOLDERS = _holders()
_NEIGHBOURS = (
    select(*NEIGHBOURS)
    .join(Pool, Pool.id == Unit.pool_id)
    .where(Unit.pool_id == bindparam("pool_id"), BOOKABLE)
    .order_by(Unit.id)
)


def _free(
    unit: UnitFacts, start: int, end: int, before: int | None, after: int | None
) -> FreeUnit | None:
    warmup, cleanup = unit.warmup_minutes, unit.cleanup_minutes
    block_start, block_end = start - warmup * 60, end + cleanup * 60
    if before is not None and before > block_start:
        return None
    left = FAR if before is None else min(block_start - before, FAR)
    right = FAR if after is None else min(after - block_end, FAR)
    return FreeUnit(unit.unit_id, warmup, cleanup, left + right)


def _margin(units: Sequence[UnitFacts]) -> timedelta:
    return timedelta(minutes=max((u.warmup_minutes + u.cleanup_minutes for u in units), default=0))
