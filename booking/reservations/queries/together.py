"""What a slot must fit besides its own pool: hours of the day, and other pools at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.hours import WeeklyHours
from booking.core.period import Period, intersect
from booking.reservations.queries.asking import Asked, Intent, askings
from booking.reservations.queries.availability import busy_blocks
from booking.reservations.queries.candidates import Looked, bookers, last_start
from booking.reservations.queries.facts import PoolFacts, units_of_pools, visible_pool
from booking.reservations.rules.slots import UnitFacts, best_units, free_starts, starts_of

MOST_TOGETHER = 5


@dataclass(frozen=True, slots=True)
class Partner:
    """Another pool of which one unit must be free too: asked for each party, and what holds it."""

    asked: tuple[Asked, ...]
    units: Sequence[UnitFacts]
    busy: dict[int, list[Period]]

    @property
    def pool(self) -> PoolFacts:
        """Return the pool."""
        return self.asked[0].pool


@dataclass(frozen=True)
class Together:
    """Weekly hours in which a slot must lie, each pool's own clock; and the other pools.

    `spans`: where all other pools could start, None without any.
    """

    length: timedelta = timedelta()
    hours: WeeklyHours | None = None
    partners: tuple[Partner, ...] = ()
    spans: tuple[Period, ...] | None = None
    _known: dict[tuple[ZoneInfo, Period], list[Period]] = field(default_factory=dict, repr=False)
    _units: dict[Period, tuple[tuple[int, int], ...] | None] = field(
        default_factory=dict, repr=False
    )

    @property
    def grids(self) -> tuple[tuple[ZoneInfo, int], ...]:
        """Return the other pools' zones and minutes on which each lets something start."""
        rules = ((one.pool.zone, one.asked[0].rules) for one in self.partners)
        return tuple((zone, own.granularity_minutes.value) for zone, own in rules)

    def starts(self, pool: PoolFacts, window: Period) -> Sequence[Period] | None:
        """Return the spans of `window` in which a slot of the pool may start; None: anywhere."""
        if self.hours is None:
            return self.spans
        key = (pool.zone, window)
        if key not in self._known:
            open_hours = self.hours.spans(window.start, window.end + self.length, pool.zone)
            found = starts_of(open_hours, self.length)
            self._known[key] = found if self.spans is None else intersect(found, self.spans)
        return self._known[key]

    def passes(self, period: Period) -> bool:
        """Return whether no rule of the other pools is broken, and each has a unit free."""
        return self._at(period) is not None

    def units(self, period: Period) -> tuple[tuple[int, int], ...]:
        """Return the pool and best unit of each other pool, where the period passes."""
        return self._at(period) or ()

    def _at(self, period: Period) -> tuple[tuple[int, int], ...] | None:
        """Return the unit of each other pool, None where one has none: once for each period."""
        if not self.partners:
            return ()
        if period not in self._units:
            self._units[period] = self._look(period)
        return self._units[period]

    def _look(self, period: Period) -> tuple[tuple[int, int], ...] | None:
        found = []
        for partner in self.partners:
            if any(asked.at(period).codes() for asked in partner.asked):
                return None
            free = best_units(partner.units, partner.busy, period)
            if not free:
                return None
            found.append((partner.pool.pool_id, free[0].unit_id))
        return tuple(found)


NOTHING = Together()


def together_with(
    session: Session,
    actor: Actor,
    pool_ids: Sequence[int],
    hours: WeeklyHours | None,
    looked: Looked,
    now: datetime,
) -> Together:
    """Return what slots must fit. Raises NotFound for a pool the actor does not see.

    One query a pool and three for all.
    """
    if not pool_ids:
        return Together(looked.length, hours)
    pools = [visible_pool(session, actor, pool_id, now) for pool_id in pool_ids]
    partners = _partners(session, actor, pools, looked, now)
    spans: list[Period] | None = None
    for partner in partners:
        asked = partner.asked[0]
        last = last_start(asked, looked)
        own = []
        if looked.first < last:
            window = Period(looked.first, last)
            own = free_starts(asked.rules, asked.proposal, partner.units, partner.busy, window)
        spans = own if spans is None else intersect(spans, own)
    return Together(looked.length, hours, tuple(partners), tuple(spans or ()))


def _partners(
    session: Session, actor: Actor, pools: Sequence[PoolFacts], looked: Looked, now: datetime
) -> list[Partner]:
    units = units_of_pools(session, [pool.pool_id for pool in pools])
    period = Period(looked.first, looked.first + looked.length)
    intent = Intent(period, 1, now, searches=True, by=actor)
    askers = [
        (pool, len(units.get(pool.pool_id, ())), booker)
        for pool in pools
        for booker in bookers(session, actor, pool, now)
    ]
    asked: dict[int, tuple[Asked, ...]] = {}
    for one in askings(session, askers, intent):
        asked[one.pool.pool_id] = (*asked.get(one.pool.pool_id, ()), one)
    last = max(last_start(ones[0], looked) for ones in asked.values())
    every = [unit for some in units.values() for unit in some]
    busy: dict[int, list[Period]] = {}
    if every and looked.first < last:
        margin = max(timedelta(minutes=u.warmup_minutes + u.cleanup_minutes) for u in every)
        around = Period(looked.first - margin, last + looked.length + margin)
        busy = busy_blocks(session, [unit.unit_id for unit in every], around)
    return [Partner(asked[p.pool_id], units.get(p.pool_id, ()), busy) for p in pools]
