"""How much longer a reservation can be made."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from booking.core.period import Period
from booking.reservations.models import Reservation
from booking.reservations.queries.availability import busy_blocks
from booking.reservations.queries.facts import PoolFacts, units_of
from booking.reservations.rules.using import longest

MOST_STEPS = 8


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
