"""What a decider should know of who asks: how their reservations went, their level. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from booking.policies.rules.levels import Held, counted
from booking.policies.rules.proposal import FOR_EVER
from booking.policies.rules.tree import Place

LOOKED_BACK_DAYS = 365
LATE_HOURS = 24  # cancelled this shortly before its start, somebody else hardly gets the time


@dataclass(frozen=True, slots=True)
class Record:
    """How many reservations a person used, missed, and cancelled late themselves."""

    used: int = 0
    missed: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Fitness:
    """What somebody's qualification is worth to a request; `level` 0: none that holds now."""

    state: Literal["enough", "ends", "low", "expired", "suspended", "none"]
    level: int = 0
    until: datetime | None = None  # None: without end


def fitness(
    place: Place, held: Iterable[Held], needed: int, end: datetime, now: datetime
) -> Fitness | None:
    """Return how a person's qualifications meet a request for a pool that ends at `end`.

    `ends`: it does not reach to the end; `low`: another level is needed. None: neither held nor
    needed.
    """
    held = list(held)
    here = [q for q in held if q.pool_id == place.pool_id or q.category_code in place.categories]
    if any(q.suspended_at is not None for q in here):
        return Fitness("suspended")
    valid = counted(place, [q for q in held if (q.valid_until or FOR_EVER) > now])
    if not valid:
        over = max((q.valid_until for q in here if q.valid_until is not None), default=None)
        if over is not None:
            return Fitness("expired", until=over)
        return Fitness("none") if needed else None
    level = max(q.level for q in valid)
    until = max(q.until for q in valid if q.level >= min(needed or level, level))
    shown = None if until == FOR_EVER else until
    if level < needed:
        return Fitness("low", level, shown)
    return Fitness("ends" if until < end else "enough", level, shown)
