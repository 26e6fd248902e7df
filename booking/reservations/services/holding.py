"""Holding concrete units for a reservation, a hold or a closure: the only writer of allocations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select, type_coerce, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from booking.core.errors import Conflict
from booking.core.period import Period
from booking.infra.db import BigInt, fits, is_overlap, is_postgresql, run
from booking.reservations.models import Allocation, Hold
from booking.reservations.queries.availability import ACTIVE, FreeUnit, free_units, in_the_way
from booking.reservations.queries.facts import PoolFacts, units_of
from booking.reservations.rules.slots import UnitFacts

# After the pool's lock is held only a writer that skips it can be in the way: rare, then retried.
ATTEMPTS = 3
_INSERT = insert(cast(Table, Allocation.__table__))
# One that the guard refuses makes no row on PostgreSQL; on SQLite the statement alone is undone.
_ON_POSTGRESQL = postgresql.insert(cast(Table, Allocation.__table__)).on_conflict_do_nothing()
_INSERT_ONE = {
    True: _ON_POSTGRESQL.returning(Allocation.id), False: _INSERT.returning(Allocation.id),
}  # fmt: skip
OWNER_COLUMN = {"reservation": "reservation_id", "hold": "hold_id", "closure": "closure_id"}


@dataclass(frozen=True, slots=True)
class Block:
    """A unit and the interval to block on it, buffers included."""

    unit_id: int
    period: Period


def hold_any(
    session: Session,
    pool: PoolFacts,
    period: Period,
    quantity: int,
    owner: tuple[str, int],
    preferred: Sequence[int] = (),
    looked: Sequence[FreeUnit] = (),
) -> list[int]:
    """Return the units now held for `owner`: the preferred that are free, then by best fit.

    `looked` is what was free when the caller, who holds the pool's lock, looked just now.
    Raises Conflict, with what is in the way, when fewer than `quantity` are free.
    """
    for _ in range(ATTEMPTS):
        free = looked or free_units(session, pool.pool_id, period)
        looked = ()
        if len(free) < quantity:
            break
        chosen = preferred_first(free, preferred)[:quantity]
        blocks = [block_of(unit, period) for unit in chosen]
        if try_blocks(session, blocks, owner, pinned=False):
            return [block.unit_id for block in blocks]
    raise Conflict(in_the_way(session, units_of(session, pool.pool_id), period))


def preferred_first(free: Sequence[FreeUnit], preferred: Sequence[int]) -> list[FreeUnit]:
    """Return free units in the order they are taken: the preferred, the others as they come."""
    rank = {unit_id: n for n, unit_id in enumerate(preferred)}
    return sorted(free, key=lambda unit: rank.get(unit.unit_id, len(rank)))


def block_of(unit: FreeUnit | UnitFacts, period: Period) -> Block:
    """Return what a unit is blocked for, its buffers included."""
    return Block(unit.unit_id, period.widened(unit.warmup_minutes, unit.cleanup_minutes))


def hold_unit(
    session: Session, unit: UnitFacts, period: Period, owner: tuple[str, int]
) -> list[int]:
    """Return the named unit, now held for `owner`. Raises Conflict when something is in the way."""
    if not try_blocks(session, [block_of(unit, period)], owner, pinned=True):
        raise Conflict(in_the_way(session, [unit], period))
    return [unit.unit_id]


def try_blocks(
    session: Session,
    blocks: Sequence[Block],
    owner: tuple[str, int],
    *,
    pinned: bool,
    after: Callable[[], None] | None = None,
) -> bool:
    """Return whether all blocks were inserted; none is when the guard refuses one.

    `after` makes room first, and is undone with them.
    """
    kind, owner_id = owner
    rows = [
        {
            OWNER_COLUMN[kind]: owner_id,
            "kind": kind,
            "unit_id": block.unit_id,
            "block_start": block.period.start,
            "block_end": block.period.end,
            "active": 1,
            "pinned": int(pinned),
        }
        for block in blocks
    ]

    if len(rows) == 1 and after is None:
        return _try_one(session, rows[0])

    def insert_all() -> None:
        if after is not None:
            after()
        run(session, _INSERT, rows)

    return fits(session, insert_all)


def _try_one(session: Session, row: dict[str, Any]) -> bool:
    """Return whether one block was inserted. Without a savepoint: two statements of a booking."""
    try:
        made = run(session, _INSERT_ONE[is_postgresql(session)], row)
        return made.one_or_none() is not None
    except DBAPIError as error:
        if is_overlap(error):
            return False
        raise


def trim(session: Session, owner: tuple[str, int], old: Period, new: Period, quantity: int) -> None:
    """Take from the first `quantity` units' blocks what `new` lacks of `old`; free the others.

    Buffers stay as they were held, whatever they are today, so nothing can be in the way.
    """
    kept = [block.unit_id for block in held_blocks(session, owner)][:quantity]
    kind, owner_id = owner
    own = (getattr(Allocation, OWNER_COLUMN[kind]) == owner_id, ACTIVE)
    later = int((new.start - old.start).total_seconds())
    sooner = int((old.end - new.end).total_seconds())
    session.execute(
        update(Allocation).where(*own, Allocation.unit_id.not_in(kept)).values(active=0)
    )
    session.execute(
        update(Allocation)
        .where(*own)
        .values(
            block_start=type_coerce(Allocation.block_start, BigInt) + later,
            block_end=type_coerce(Allocation.block_end, BigInt) - sooner,
        )
        .execution_options(synchronize_session=False)
    )


def stretch(session: Session, owner: tuple[str, int], old: Period, new: Period) -> bool:
    """Return whether `owner` holds its units for the longer `new` now; else all is as it was.

    Buffers stay as they were held.
    """
    kind, owner_id = owner
    sooner = int((old.start - new.start).total_seconds())
    later = int((new.end - old.end).total_seconds())
    longer = (
        update(Allocation)
        .where(getattr(Allocation, OWNER_COLUMN[kind]) == owner_id, ACTIVE)
        .values(
            block_start=type_coerce(Allocation.block_start, BigInt) - sooner,
            block_end=type_coerce(Allocation.block_end, BigInt) + later,
        )
        .execution_options(synchronize_session=False)
    )
    return fits(session, lambda: session.execute(longer))


def release(session: Session, owner: tuple[str, int]) -> None:
    """Free everything `owner` holds; the rows stay as history."""
    kind, owner_id = owner
    column = getattr(Allocation, OWNER_COLUMN[kind])
    session.execute(update(Allocation).where(column == owner_id, ACTIVE).values(active=0))


def release_hold(session: Session, hold: Hold, now: datetime) -> None:
    """Free what a hold holds, and end it."""
    release(session, ("hold", hold.id))
    hold.released_at = now
    session.flush()


def held_blocks(session: Session, owner: tuple[str, int]) -> list[Block]:
    """Return what `owner` holds now, by unit and start."""
    kind, owner_id = owner
    column = getattr(Allocation, OWNER_COLUMN[kind])
    rows = session.execute(
        select(Allocation.unit_id, Allocation.block_start, Allocation.block_end)
        .where(column == owner_id, ACTIVE)
        .order_by(Allocation.unit_id, Allocation.block_start)
    )
    return [Block(r.unit_id, Period(r.block_start, r.block_end)) for r in rows]


def plain(period: Period) -> dict[str, Any]:
    """Return a period as audit rows keep it: epoch seconds."""
    return {"start": int(period.start.timestamp()), "end": int(period.end.timestamp())}
