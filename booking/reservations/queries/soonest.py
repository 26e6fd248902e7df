"""The earliest slots over several pools at once that one actor could book as they stand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.period import Period
from booking.inventory.models import BOOKABLE_STATES, Pool, Unit
from booking.inventory.queries.visible import pools_seen_by
from booking.policies.rules.times import horizon_end
from booking.reservations.models import PoolNextFree
from booking.reservations.queries.asking import Asked, Booker, Intent, askings
from booking.reservations.queries.availability import WINDOWS, busy_blocks
from booking.reservations.queries.facts import PoolFacts, facts_of, select_facts, units_of_pools
from booking.reservations.queries.people import parties_for
from booking.reservations.rules.slots import Slot, UnitFacts, earliest_slots

MOST_POOLS = 40  # of a category: those free soonest, as far as `pool_next_free` knows
SECOND = timedelta(seconds=1)
# What is wrong with a length or a quantity is wrong at any time.
WHENEVER = frozenset(
    {"too_short", "too_long", "granularity_length", "too_many_units", "not_enough_units"}
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked for: a length and a quantity, from an instant on, over by `until` if given."""

    length: timedelta
    quantity: int
    first: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Pool:
    """A pool, its units, and the same asked for each party the actor may book it for."""

    units: Sequence[UnitFacts]
    asked: Asked
    also: tuple[Asked, ...] = ()

    def passes(self, period: Period) -> bool:
        """Return whether a period breaks no rule, whichever party it is booked for."""
        return not any(one.at(period).violations() for one in (self.asked, *self.also))


def pools_of_categories(
    session: Session, actor: Actor, codes: Sequence[str], quantity: int, now: datetime
) -> list[PoolFacts]:
    """Return up to 40 visible pools of these categories with enough units, soonest free first."""
    units = (
        select(func.count())
        .where(Unit.pool_id == Pool.id, Unit.state.in_(BOOKABLE_STATES))
        .scalar_subquery()
    )
    free_at = PoolNextFree.free_at
    rows = session.execute(
        select_facts()
        .outerjoin(PoolNextFree, PoolNextFree.pool_id == Pool.id)
        .where(Pool.category_code.in_(codes), pools_seen_by(actor, now), units >= quantity)
        .order_by(free_at.is_(None), free_at, Pool.id)
        .limit(MOST_POOLS)
    )
    return [facts_of(session, row) for row in rows]


def soonest_slots(
    session: Session,
    actor: Actor,
    pools: Sequence[PoolFacts],
    looked: Looked,
    limit: int,
    now: datetime,
) -> list[Slot]:
    """Return up to `limit` slots, soonest first; each passes every rule if the actor books it.

    One query for the units and one for each of at most five widening windows.
    """
    found = _bookable(session, actor, pools, looked, now)
    last = max((_horizon(p.asked, now) for p in found), default=looked.first)
    if looked.until is not None:
        last = min(last, looked.until - looked.length + SECOND)
    slots: list[Slot] = []
    for days in (*WINDOWS, None):
        end = last if days is None else min(last, looked.first + timedelta(days=days))
        if end <= looked.first:
            break
        slots = _slots(session, found, Period(looked.first, end), limit)
        if len(slots) == limit or end == last:
            break
    return slots


def _bookable(
    session: Session, actor: Actor, pools: Sequence[PoolFacts], looked: Looked, now: datetime
) -> list[_Pool]:
    """Return the pools in which length and quantity break no rule, whatever the time."""
    units = units_of_pools(session, [pool.pool_id for pool in pools])
    period = Period(looked.first, looked.first + looked.length)
    intent = Intent(period, looked.quantity, now, searches=True, by=actor)
    bookers = [
        (pool, len(units.get(pool.pool_id, ())), booker)
        for pool in pools
        for booker in _bookers(session, actor, pool, now)
    ]
    found: dict[int, _Pool] = {}
    for asked in askings(session, bookers, intent):
        pool_id = asked.pool.pool_id
        known = found.get(pool_id)
        if known is None:
            found[pool_id] = _Pool(units.get(pool_id, ()), asked)
        elif _differs(asked, known.asked):
            found[pool_id] = replace(known, also=(*known.also, asked))
    return [
        pool
        for pool in found.values()
        if not {v.code for one in (pool.asked, *pool.also) for v in one.violations()} & WHENEVER
    ]


def _bookers(session: Session, actor: Actor, pool: PoolFacts, now: datetime) -> list[Booker]:
    """Return the actor for each party they may book the pool for.

    Shared hours bind unless the pool is every party's own.
    """
    parties = parties_for(session, actor, actor.user_id, pool, now)
    insider = bool(parties) and all(p.institution_id == pool.institution_id for p in parties)
    return [Booker(actor.user_id, party, insider) for party in parties or (None,)]


def _differs(asked: Asked, other: Asked) -> bool:
    """Return whether rules or quotas differ between two parties."""
    same = asked.rules is other.rules and asked.proposal.accounts == other.proposal.accounts
    return not same


def _horizon(asked: Asked, now: datetime) -> datetime:
    return horizon_end(asked.rules, now, asked.pool.zone)


def _slots(session: Session, pools: Sequence[_Pool], window: Period, limit: int) -> list[Slot]:
    units = [unit for pool in pools for unit in pool.units]
    margin = max(timedelta(minutes=u.warmup_minutes + u.cleanup_minutes) for u in units)
    margin += max(pool.asked.proposal.period.length for pool in pools)
    around = Period(window.start - margin, window.end + margin)
    busy = busy_blocks(session, [unit.unit_id for unit in units], around)
    slots = []
    for pool in pools:
        rules, proposal = pool.asked.rules, pool.asked.proposal
        slots += earliest_slots(
            rules, proposal, pool.units, busy, window, limit, passes=pool.passes
        )
    slots.sort(key=lambda slot: (slot.period.start, slot.unit_ids))
    return slots[:limit]
