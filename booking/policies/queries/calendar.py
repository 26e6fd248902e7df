"""The calendar of a site: holidays and make-up workdays, the park's and its own."""

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
