"""What a local day is made of: pools with their open spans, blocks of units, closures."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, literal_column, or_, select, type_coerce
from sqlalchemy.orm import Session

from booking.companies.models import Site
from booking.core.period import Period, from_epoch, to_epoch
from booking.infra.db import BigInt, run
from booking.infra.usage_log import USED
from booking.inventory.models import Category, Pool, Unit
from booking.policies.queries.calendar import calendar_of
from booking.policies.rules.calendar import local_day
from booking.policies.rules.times import opening
from booking.reservations.models import Allocation, Closure, Reservation
from booking.reservations.models.booked import LONG_SECONDS
from booking.reservations.queries.facts import BOOKABLE, PoolFacts, facts_of, select_facts
from booking.usage.rules.days import (
    Block,
    Opening,
    PoolDay,
    PoolSums,
    Span,
    add_up,
    opening_of,
)
from booking.usage.rules.vectors import edges_of

A_DAY = timedelta(days=1)
# What is looked at begins at most so long before a day: a reservation of a day and its buffers.
BEFORE = 2 * A_DAY
_START, _END, _FIRST, _LAST = (
    type_coerce(column, BigInt)
    for column in (
        Allocation.block_start, Allocation.block_end, Reservation.start_at, Reservation.end_at,
    )
)  # fmt: skip
_LISTED = ", ".join(f"'{status}'" for status in USED)
_COUNTS: ColumnElement[bool] = literal_column(f"reservation.status IN ({_LISTED})")
_TO_TAKE_PLACE: ColumnElement[bool] = literal_column(
    f"reservation.status IN ({_LISTED}, 'no_show')"
)
_IS_LONG: ColumnElement[bool] = literal_column(
    f"reservation.end_at - reservation.start_at > {LONG_SECONDS}"
)
_EXTERNAL = func.coalesce(
    or_(
        Reservation.company_id.is_not(None), Reservation.institution_id != Pool.institution_id
    ),
    literal_column("1 = 0"),
)  # fmt: skip
_PLATFORMS = select(Pool.id, Pool.platform_id)
Zones = tuple[ZoneInfo, ...]
# pool -> what its reservations and closures of a time hold
Blocks = dict[int, list[Block]]
Closed = dict[int, list[tuple[int, Span]]]


@dataclass(frozen=True, slots=True)
class Park:
    """Every pool as it is now: its facts, the units to be booked, the classes above it."""

    pools: Mapping[int, PoolFacts]
    units: Mapping[int, frozenset[int]]
    items: Mapping[int, tuple[tuple[str, str], ...]]  # (kind, item) it is counted in
    zones: Zones


def park_of(session: Session) -> Park:
    """Return the park. Three queries, however large it is; more where the rules are new."""
    rows = run(session, select_facts().order_by(Pool.id)).all()
    pools = {row.id: facts_of(session, row) for row in rows}
    classes = run(session, select(Category.code, Category.parent_code))
    parents = {row.code: row.parent_code for row in classes}
    platforms = {row.id: row.platform_id for row in run(session, _PLATFORMS)}
    units: dict[int, set[int]] = {}
    live = select(Unit.pool_id, Unit.id).where(BOOKABLE, Unit.retired_at.is_(None))
    for pool_id, unit_id in run(session, live):
        units.setdefault(pool_id, set()).add(unit_id)
    items = {
        row.id: _items(pools[row.id], platforms.get(row.id), row.category_code, parents)
        for row in rows
    }
    zones = {pool.zone.key: pool.zone for pool in pools.values()}
    found = {pool: frozenset(ids) for pool, ids in units.items()}
    return Park(pools, found, items, tuple(zones.values()))


def zones_of(session: Session) -> Zones:
    """Return the zones the park's pools are in, none of a park without. One query."""
    query = select(Site.time_zone).join(Pool, Pool.site_id == Site.id).distinct()
    return tuple(ZoneInfo(name) for name in session.scalars(query.order_by(Site.time_zone)))


def span_of(zones: Zones, day: date) -> Period:
    """Return the time in which it is that day anywhere in the park."""
    days = [local_day(day, zone) for zone in zones]
    return Period(min(d.start for d in days), max(d.end for d in days))


def day_of(session: Session, park: Park, day: date) -> dict[int, PoolSums]:
    """Return what each pool's local day adds up to. Three queries, whatever the park's size."""
    span = span_of(park.zones, day)
    blocks, closed = _blocks(session, span), _closed(session, span)
    begun = _begun(session, park, span, day)
    return {
        each.pool_id: add_up(
            each, blocks.get(each.pool_id, ()), closed.get(each.pool_id, ()),
            begun.get(each.pool_id, {}),
        )
        for each in _pool_days(session, park, day)
    }  # fmt: skip


def first_day(session: Session, zones: Zones) -> date | None:
    """Return the local day of the first reservation, None where there is none. One query."""
    query = select(Reservation.start_at).order_by(Reservation.start_at, Reservation.id).limit(1)
    found = session.scalar(query)
    return found and min(found.astimezone(zone).date() for zone in zones)


def days_met(
    zones: Zones, spans: Iterable[tuple[datetime, datetime]], around: timedelta
) -> set[date]:
    """Return the local days, anywhere in the park, that the spans and what is around them meet."""
    found: set[date] = set()
    for start, end in spans:
        day = min((start - around).astimezone(zone).date() for zone in zones)
        last = max((end + around).astimezone(zone).date() for zone in zones)
        while day <= last:
            found.add(day)
            day += A_DAY
    return found


def _pool_days(session: Session, park: Park, day: date) -> Iterator[PoolDay]:
    days: dict[Any, Opening] = {}
    edges = {zone.key: edges_of(day, zone) for zone in park.zones}
    for pool_id, pool in park.pools.items():
        if pool.retired:
            continue
        rules = pool.rules
        key = (rules.opening_hours.value, rules.holidays.value, pool.site_id)
        if key not in days:
            calendar = calendar_of(session, pool.site_id, day, day, pool.edition)
            found = opening(rules, calendar, pool.zone, local_day(day, pool.zone))
            spans = [(to_epoch(s.start), to_epoch(s.end)) for s in found]
            days[key] = opening_of(spans, edges[pool.zone.key])
        yield PoolDay(pool_id, park.units.get(pool_id, frozenset()), days[key])


def _items(
    pool: PoolFacts, platform: int | None, category: str | None, parents: Mapping[str, str | None]
) -> tuple[tuple[str, str], ...]:
    found = [
        ("pool", str(pool.pool_id)), ("park", ""), ("site", str(pool.site_id)),
        ("institution", str(pool.institution_id)), ("lab", str(pool.lab_id)),
    ]  # fmt: skip
    if platform is not None:
        found.append(("platform", str(platform)))
    while category is not None and ("category", category) not in found:
        found.append(("category", category))
        category = parents.get(category)
    return tuple(found)


def _blocks(session: Session, span: Period) -> Blocks:
    query = (
        select(
            Reservation.pool_id, Allocation.unit_id, _START, _END,
            func.coalesce(Reservation.company_id, 0), _EXTERNAL,
        )
        .join(Allocation, Allocation.reservation_id == Reservation.id)
        .join(Pool, Pool.id == Reservation.pool_id)
        .where(_COUNTS, Allocation.block_end > span.start, Allocation.block_start < span.end)
    )  # fmt: skip
    found: Blocks = {}
    for part in _parts(query, span):
        for pool, unit, start, end, company, external in run(session, part):
            block = Block(unit, (start, end), company, bool(external))
            found.setdefault(pool, []).append(block)
    return found


def _parts(query: Select[*tuple[Any, ...]], span: Period) -> list[Select[*tuple[Any, ...]]]:
    """Return the query for what began shortly before, and for the few that last longer."""
    first = span.start - BEFORE
    short = query.where(
        Reservation.start_at >= first, Reservation.start_at < span.end + A_DAY, ~_IS_LONG
    )
    return [short, query.where(_IS_LONG, Reservation.end_at > first,
                               Reservation.start_at < span.end + A_DAY)]  # fmt: skip


def _closed(session: Session, span: Period) -> Closed:
    # Its allocations, not the closure: they leave out the reservations kept within it.
    query = (
        select(Closure.pool_id, Allocation.unit_id, _START, _END)
        .join(Allocation, Allocation.closure_id == Closure.id)
        .where(Closure.cancelled_at.is_(None), Closure.end_at > span.start)
        .where(Closure.start_at < span.end)
    )
    found: Closed = {}
    for pool, unit, start, end in run(session, query):
        found.setdefault(pool, []).append((unit, (start, end)))
    return found


def _begun(
    session: Session, park: Park, span: Period, day: date
) -> dict[int, dict[int, tuple[int, int]]]:
    """Return pool → company → (reservations that began on its local day, no-shows of them)."""
    query = select(
        Reservation.pool_id, func.coalesce(Reservation.company_id, 0), Reservation.status, _FIRST
    ).where(_TO_TAKE_PLACE, Reservation.start_at >= span.start, Reservation.start_at < span.end)
    found: dict[int, dict[int, tuple[int, int]]] = {}
    for pool, company, status, start in run(session, query):
        if from_epoch(start).astimezone(park.pools[pool].zone).date() == day:
            of_pool = found.setdefault(pool, {})
            count, missed = of_pool.get(company, (0, 0))
            of_pool[company] = (count + 1, missed + (status == "no_show"))
    return found


def over_since(zones: Zones, now: datetime) -> date:
    """Return the last local day that is over everywhere in the park."""
    return min(now.astimezone(zone).date() for zone in zones) - A_DAY
