"""What one page reads of use: each thing at most once, however many charts show it."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from booking.usage.models import UsageState
from booking.usage.queries import charts
from booking.usage.queries.charts import DayHours, Names, PoolOf
from booking.usage.rules.formulas import Figures, total
from booking.usage.rules.ranges import Days
from booking.usage.rules.vectors import unpacked
from booking.usage.views.asked import Asked
from booking.web.locale import named

Grid = list[tuple[int, int]]  # (used, open) seconds by hour


class Sight:
    """The days and things asked for, and what is kept of them."""

    def __init__(self, session: Session, asked: Asked, state: UsageState, now: datetime) -> None:
        """Remember what is asked; read nothing yet."""
        self.session, self.asked, self.state, self.now = session, asked, state, now
        self.until = date.fromisoformat(state.last_day)
        self.days: Days = asked.days(self.until)

    @cached_property
    def names(self) -> Names:
        """Return the names of everything."""
        return charts.names(self.session)

    def name(self, kind: str, item: str) -> str:
        """Return the name of a thing in the reader's language, its number where it has none."""
        return named(*self.names.known.get((kind, item), ("", ""))) or item

    @cached_property
    def pools(self) -> list[PoolOf]:
        """Return the pools that the filters leave."""
        return charts.pools_within(self.session, self.asked.filters, self.names)

    @cached_property
    def where(self) -> list[ColumnElement[bool]]:
        """Return the filters as conditions on pools."""
        return list(charts.conditions(self.asked.filters, self.names))

    @cached_property
    def whole(self) -> Figures:
        """Return the figures of all that is looked at."""
        single = self.asked.filters.single
        if single is not None:
            return charts.sums_of(self.session, single[0], self.days).get(single[1], Figures())
        sums = charts.pool_sums(self.session, self.state, self.days)
        return total(sums[pool.id] for pool in self.pools if pool.id in sums)

    def items(self, kind: str) -> dict[str, Figures]:
        """Return the figures of each item of a kind, as far as the filters leave it."""
        if not self.asked.filters.items:
            return charts.sums_of(self.session, kind, self.days)
        sums = charts.pool_sums(self.session, self.state, self.days)
        return charts.grouped(self.pools, sums, kind, self.names)

    @cached_property
    def companies(self) -> dict[str, Figures] | None:
        """Return the figures of each company; None: not kept of several filters together."""
        single = self.asked.filters.single
        return None if single is None else charts.company_sums(self.session, single, self.days)

    @cached_property
    def by_day(self) -> DayHours:
        """Return (used, open) by hour of each day."""
        single = self.asked.filters.single
        kind, items = (
            ("pool", [str(pool.id) for pool in self.pools])
            if single is None
            else (single[0], [single[1]])
        )
        return charts.hours_by_day(self.session, self.state, kind, items, self.days)

    def classes(self) -> dict[str, Grid] | None:
        """Return the day's hours of each class below the one chosen; None when not kept so."""
        filters = self.asked.filters
        if [kind for kind, _item in filters.items] not in ([], ["category"]):
            return None
        codes = self.names.below(filters.category) or [c for c in [filters.category] if c]
        found = charts.hours_by_item(self.session, "category", codes, self.days)
        return {code: grid([hours]) for code, hours in found.items()}


def grid(parts: Iterable[tuple[int, int]]) -> Grid:
    """Return (used, open) seconds by hour of days added up."""
    used = opened = 0
    for part in parts:
        used, opened = used + part[0], opened + part[1]
    return list(zip(unpacked(used), unpacked(opened), strict=True))
