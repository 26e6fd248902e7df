"""What charts show, from what is kept; the number of statements never grows with the park."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    Text,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from booking.companies.models import Company, Institution, Lab, Site
from booking.infra.db import run
from booking.inventory.models import Category, Platform, Pool
from booking.usage.models import FIGURES, UsageHours, UsageState, UsageSum
from booking.usage.rules.filters import Filters
from booking.usage.rules.formulas import Figures, total
from booking.usage.rules.ranges import Cover, Days, cover
from booking.usage.rules.vectors import hours_in

POOL_COLUMNS = {
    "site": Pool.site_id, "platform": Pool.platform_id, "category": Pool.category_code,
    "institution": Pool.institution_id, "lab": Pool.lab_id,
}  # fmt: skip
_COLUMNS = [getattr(UsageSum, name) for name in FIGURES]
_KEPT = 12  # ranges whose pools are remembered
# Advice that `built_at` proves: a process that has read the same days has the same sums.
Pools = dict[int, Figures]
_known: WeakKeyDictionary[Engine | Connection, dict[tuple[object, Days], Pools]] = (
    WeakKeyDictionary()
)
# day → (used, open) by hour, each 24 numbers in one integer: `rules.vectors`
DayHours = dict[date, tuple[int, int]]
_known_hours: WeakKeyDictionary[Engine | Connection, dict[tuple[object, ...], DayHours]] = (
    WeakKeyDictionary()
)


@dataclass(frozen=True, slots=True)
class Names:
    """Names of everything that has sums, by kind and item; and the class above each class."""

    known: Mapping[tuple[str, str], tuple[str, str]]
    above: Mapping[str, str | None]

    def below(self, code: str | None) -> list[str]:
        """Return the classes one step below a class, or the top ones."""
        return sorted(item for item, parent in self.above.items() if parent == code)

    def within(self, code: str) -> frozenset[str]:
        """Return a class and all below it."""
        found, fresh = {code}, {code}
        while fresh:
            fresh = {item for item, parent in self.above.items() if parent in fresh} - found
            found |= fresh
        return frozenset(found)


def names(session: Session) -> Names:
    """Return the names. One query."""
    parts = [
        select(literal(kind), cast(model.id, Text), model.name_zh, model.name_en, literal(None))
        for kind, model in (
            ("site", Site), ("platform", Platform), ("institution", Institution), ("lab", Lab),
            ("company", Company),
        )
    ]  # fmt: skip
    classes = select(
        literal("category"), Category.code, Category.name_zh, Category.name_en,
        Category.parent_code,
    )  # fmt: skip
    rows: list[Any] = list(session.execute(union_all(*parts, classes)))
    known = {(kind, item): (zh, en) for kind, item, zh, en, _above in rows}
    return Names(known, {item: up for kind, item, _zh, _en, up in rows if kind == "category"})


def sums_of(session: Session, kind: str, days: Days) -> dict[str, Figures]:
    """Return the figures of each item of a kind, whoever used it. One query."""
    rows = _summed(session, UsageSum.item, days, UsageSum.kind == kind, UsageSum.company_id == 0)
    return {item: Figures(*map(int, figures)) for item, *figures in rows}


def company_sums(session: Session, of: tuple[str, str], days: Days) -> dict[str, Figures]:
    """Return the figures of each company that used something of one item. One query."""
    rows = _summed(
        session, UsageSum.company_id, days, UsageSum.kind == of[0], UsageSum.item == of[1],
        UsageSum.company_id > 0,
    )  # fmt: skip
    return {str(company): Figures(*map(int, figures)) for company, *figures in rows}


def pool_sums(session: Session, state: UsageState, days: Days) -> Pools:
    """Return the figures of every pool. One query, none for days asked for a moment ago."""
    known = _known.setdefault(session.get_bind(), {})
    key = (state.built_at, days)
    if key not in known:
        if len(known) >= _KEPT:
            known.clear()
        known[key] = {
            int(item): figures for item, figures in sums_of(session, "pool", days).items()
        }
    return known[key]


@dataclass(frozen=True, slots=True)
class PoolOf:
    """A pool and what it is counted in."""

    id: int
    name_zh: str
    name_en: str
    of: Mapping[str, str | None]


def pools_within(session: Session, filters: Filters, known: Names) -> list[PoolOf]:
    """Return the live pools that `filters` leaves, by id. One query."""
    query = select(Pool.id, Pool.name_zh, Pool.name_en, *POOL_COLUMNS.values())
    query = query.where(Pool.retired_at.is_(None), *conditions(filters, known))
    return [
        PoolOf(id_, zh, en, {
            kind: None if value is None else str(value)
            for kind, value in zip(POOL_COLUMNS, values, strict=True)
        })
        for id_, zh, en, *values in session.execute(query.order_by(Pool.id))
    ]  # fmt: skip


def conditions(filters: Filters, known: Names) -> Iterator[ColumnElement[bool]]:
    """Yield what a pool has to be for `filters`; a class means those below it too."""
    for kind, item in filters.items:
        column: Any = POOL_COLUMNS[kind]
        if kind == "category":
            yield column.in_(sorted(known.within(item)))
        else:
            yield column == int(item)


def grouped(pools: Iterable[PoolOf], sums: Pools, kind: str, known: Names) -> dict[str, Figures]:
    """Return the figures of each item of a kind, of these pools alone."""
    parts: dict[str, list[Figures]] = {}
    for pool in pools:
        item = pool.of[kind]
        while item is not None and pool.id in sums:
            parts.setdefault(item, []).append(sums[pool.id])
            item = known.above.get(item) if kind == "category" else None
    return {item: total(figures) for item, figures in parts.items()}


def hours_by_day(
    session: Session, state: UsageState, kind: str, items: Collection[str], days: Days
) -> DayHours:
    """Return (used, open) by hour of each day, of all these items together.

    One query, none for what was asked for a moment ago.
    """
    known = _known_hours.setdefault(session.get_bind(), {})
    key = (state.built_at, kind, frozenset(items), days)
    if key not in known:
        if len(known) >= _KEPT:
            known.clear()
        found: dict[str, list[int]] = {}
        for _item, day, used, opened in _hours(session, kind, items, days):
            sums = found.setdefault(day, [0, 0])
            sums[0] += hours_in(used)
            sums[1] += hours_in(opened)
        known[key] = {date.fromisoformat(day): (u, o) for day, (u, o) in found.items()}
    return known[key]


def hours_by_item(
    session: Session, kind: str, items: Collection[str], days: Days, weekday: int | None = None
) -> dict[str, tuple[int, int]]:
    """Return (used, open) by hour of each item, all days, or all of one weekday, together.

    One query.
    """
    found: dict[str, list[int]] = {}
    for item, _day, used, opened in _hours(session, kind, items, days, weekday):
        sums = found.setdefault(item, [0, 0])
        sums[0] += hours_in(used)
        sums[1] += hours_in(opened)
    return {item: (used, opened) for item, (used, opened) in found.items()}


def _hours(
    session: Session, kind: str, items: Collection[str], days: Days, weekday: int | None = None
) -> Iterable[Any]:
    query = select(UsageHours.item, UsageHours.day, UsageHours.used, UsageHours.open)
    query = query.where(UsageHours.kind == kind, UsageHours.item.in_(sorted(items)))
    if weekday is None:
        within = UsageHours.day.between(days.first.isoformat(), days.last.isoformat())
    else:
        within = UsageHours.day.in_([d.isoformat() for d in days if d.isoweekday() == weekday])
    return run(session, query.where(within))


def _summed(session: Session, key: Any, days: Days, *where: ColumnElement[bool]) -> list[Any]:
    """Return (key, figures…) added up over the days, months where they are whole."""
    parts = [
        select(key.label("key"), *_COLUMNS).where(*where, condition)
        for condition in _spans(cover(days))
    ]
    every = union_all(*parts).subquery()
    columns = [func.sum(every.c[name]) for name in FIGURES]
    query: Select[*tuple[Any, ...]] = select(every.c.key, *columns).group_by(every.c.key)
    return list(run(session, query))


def _spans(covered: Cover) -> Iterator[ColumnElement[bool]]:
    parts = [(0, part) for part in covered.days]
    if covered.months is not None:
        parts.append((1, covered.months))
    for whole_month, part in parts:
        within = UsageSum.first_day.between(part.first.isoformat(), part.last.isoformat())
        yield (UsageSum.whole_month == whole_month) & within
