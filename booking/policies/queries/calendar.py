"""The calendar of a site: holidays and make-up workdays, the park's and its own."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from booking.policies.models import CalendarDay
from booking.policies.queries.book import EDITION
from booking.policies.rules.calendar import Calendar

# site (0: the park) -> local date -> kind
Days = dict[int, dict[date, str]]
_DAYS = select(CalendarDay.site_key, CalendarDay.day, CalendarDay.kind)
_UNREAD = -1
# Advice that the edition proves, as with the book of rules.
_known: WeakKeyDictionary[Engine | Connection, tuple[int | None, Days]] = WeakKeyDictionary()


def calendar_of(
    session: Session, site_id: int, first: date, last: date, edition: int | None = _UNREAD
) -> Calendar:
    """Return the unusual days of a site from `first` to `last`, both included.

    `edition` is the one read beside the pool (`PoolFacts.edition`); without it one query reads it.
    One query more when this process has not seen the edition.
    """
    if edition == _UNREAD:
        edition = session.execute(select(EDITION)).scalar()
    engine = session.get_bind()
    known = _known.get(engine)
    if known is None or known[0] != edition:
        known = (edition, _read(session))
        _known[engine] = known
    days = known[1]
    merged = {**days.get(0, {}), **days.get(site_id, {})}
    return Calendar(
        MappingProxyType(
            {d: kind for d, kind in merged.items() if first <= d <= last and kind != "normal"}
        )
    )


def _read(session: Session) -> Days:
    days: Days = {}
    for site_key, day, kind in session.execute(_DAYS):
        days.setdefault(site_key, {})[date.fromisoformat(day)] = kind
    return days


@dataclass(frozen=True, slots=True)
class YearKnown:
    """What the park's calendar says of a year: how many days, and whether make-up days too."""

    year: int
    holidays: int
    workdays: int

    @property
    def complete(self) -> bool:
        """Return whether the make-up workdays are in: each year so far had some."""
        return self.workdays > 0


def years_known(session: Session, first: int) -> list[YearKnown]:
    """Return the years of the park's calendar from `first` on, in order. One query."""
    query = select(CalendarDay.day, CalendarDay.kind)
    query = query.where(CalendarDay.site_key == 0, CalendarDay.day >= f"{first:04d}-01-01")
    counts: dict[int, Counter[str]] = {}
    for day, kind in session.execute(query):
        counts.setdefault(int(day[:4]), Counter())[kind] += 1
    return [YearKnown(y, n["holiday"], n["workday"]) for y, n in sorted(counts.items())]


def known_until(years: list[YearKnown], this_year: int) -> date | None:
    """Return the last day up to which every year from this one is complete; None: not even this."""
    complete = {year.year for year in years if year.complete}
    last = this_year - 1
    while last + 1 in complete:
        last += 1
    return date(last, 12, 31) if last >= this_year else None


def days_of_year(session: Session, site_id: int | None, year: int) -> list[CalendarDay]:
    """Return the rows of the park's or a site's calendar in a year, in order. One query."""
    query = select(CalendarDay).where(CalendarDay.site_key == (site_id or 0))
    span = CalendarDay.day.between(f"{year:04d}-01-01", f"{year:04d}-12-31")
    return list(session.scalars(query.where(span).order_by(CalendarDay.day)))
