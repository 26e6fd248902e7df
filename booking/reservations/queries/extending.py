"""How much longer a reservation can be made, at its end and at its start."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.errors import Taken
from booking.core.period import Period
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.availability import ACTIVE, busy_blocks
from booking.reservations.queries.facts import PoolFacts, units_of
from booking.reservations.rules.using import longest

MOST_STEPS = 8


def before_start(
    session: Session, reservation_id: int, old: Period, new: Period
) -> tuple[Taken, ...]:
    """Return what is in the way of a start at `new` on the units it has, in order. Two queries."""
    rows = session.execute(
        select(Allocation.unit_id, Allocation.block_start)
        .where(Allocation.reservation_id == reservation_id, ACTIVE)
        .order_by(Allocation.unit_id)
    ).all()
    if not rows:
        return ()
    sooner = old.start - new.start
    wanted = {row.unit_id: Period(row.block_start - sooner, row.block_start) for row in rows}
    whole = Period(min(p.start for p in wanted.values()), max(p.end for p in wanted.values()))
    blocks = busy_blocks(session, list(wanted), whole, besides=reservation_id)
    return tuple(
        Taken(unit_id, block)
        for unit_id, found in blocks.items()
        for block in found
        if block.overlaps(wanted[unit_id])
    )


def later_ends(
    session: Session, pool: PoolFacts, row: Reservation, unit_ids: Sequence[int]
) -> Sequence[datetime]:
    """Return up to eight later ends on the grid that its units and lengths leave, soonest first.

    Other rules are asked when it is made longer. Two queries.
    """
    period = Period(row.start_at, row.end_at)
    ahead = Period(period.end, period.end + timedelta(minutes=pool.rules.max_minutes.value + 1440))
    blocks = busy_blocks(session, unit_ids, ahead, besides=row.id)
    cleanup = max(
        (u.cleanup_minutes for u in units_of(session, pool.pool_id) if u.unit_id in unit_ids),
        default=0,
    )
    nexts = [block.start for found in blocks.values() for block in found]
    last = longest(period, pool.rules, nexts, cleanup)
    step = timedelta(minutes=pool.rules.granularity_minutes.value)
    ends = [period.end + step * n for n in range(1, MOST_STEPS + 1)]
    return [end for end in ends if end <= last]
