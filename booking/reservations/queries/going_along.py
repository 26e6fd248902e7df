"""Which reservations could not go along when their unit changes pools: the new pool's rules."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from booking.core.errors import Violation
from booking.core.period import Period
from booking.reservations.models import Reservation
from booking.reservations.queries.asking import Intent, asking, booker_of
from booking.reservations.queries.facts import PoolFacts, units_of

# Of making a booking, not of its times: they were kept when it was made.
_OF_MAKING = frozenset(
    {"horizon", "no_time_to_decide", "note_needed", "fair_opening", "being_drawn"}
)


def misfits(
    session: Session, rows: Iterable[Reservation], pool: PoolFacts, more_units: int, now: datetime
) -> dict[int, tuple[Violation, ...]]:
    """Return what each reservation would break of a pool's rules if it were there, by id.

    `more_units` come with them. One that has begun stays as it is; what was overridden for it
    once, is.
    """
    units = len(units_of(session, pool.pool_id)) + more_units
    found = {}
    for row in rows:
        if row.start_at <= now:
            continue
        period = Period(row.start_at, row.end_at)
        intent = Intent(
            period, row.quantity, now, purpose=row.purpose, note=row.note, besides=row.id,
            was=period, keeps_start=True, group_id=row.group_id,
        )  # fmt: skip
        broken = asking(session, pool, units, booker_of(row), intent).violations()
        let = _OF_MAKING | set((row.overridden or "").split())
        left = tuple(one for one in broken if one.code not in let)
        if left:
            found[row.id] = left
    return found
