"""The terms of a contribution: from which day until which, and at which hours a pool is shared."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from booking.core.errors import Invalid
from booking.core.hours import WeeklyHours
from booking.core.local import YEARS, midnight
from booking.inventory.rules.pools import require_range

MOST_PRIORITY_HOURS = 30 * 24


@dataclass(frozen=True, slots=True)
class Terms:
    """What an institution agrees to, in days of the pool's site; `until_day` is the last shared.

    `hours` None: at all hours; `until_day` None: without end.
    """

    from_day: date
    until_day: date | None = None
    hours: WeeklyHours | None = None
    revenue_share_percent: int = 0
    owner_priority_hours: int = 0


def checked_terms(terms: Terms) -> Terms:
    """Return `terms`. Raises Invalid naming the first unfit one."""
    require_day("from_day", terms.from_day)
    require_day("until_day", terms.until_day)
    if terms.until_day is not None and terms.until_day < terms.from_day:
        raise Invalid("end_before_start", field="until_day")
    if terms.hours is not None and not terms.hours.windows:
        raise Invalid("never_shared", field="hours")
    require_range("revenue_share_percent", terms.revenue_share_percent, 0, 100)
    require_range("owner_priority_hours", terms.owner_priority_hours, 0, MOST_PRIORITY_HOURS)
    return terms


def require_day(field: str, day: date | None) -> None:
    """Raise Invalid for a day outside the years in which anybody shares or books."""
    if day is not None and day.year not in YEARS:
        raise Invalid("not_in_our_years", field=field, least=YEARS[0], most=YEARS[-1])


def after_last(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant after the day there, in UTC."""
    return midnight(day + timedelta(days=1), zone)


def last_day(until: datetime, zone: ZoneInfo) -> date:
    """Return the last day that lies before `until` there, as `after_last` was given it."""
    return (until.astimezone(zone) - timedelta(microseconds=1)).date()


def days_between(
    first: date, last: date | None, zone: ZoneInfo, now: datetime
) -> tuple[datetime, datetime | None]:
    """Return from when until when the days `first_day` to `last_day` are, None: without end.

    What has passed is left out. Raises Invalid for days in no year of ours, in the wrong order or
    over.
    """
    require_day("first_day", first)
    require_day("last_day", last)
    begins = max(now, midnight(first, zone))
    if last is None:
        return begins, None
    if last < first:
        raise Invalid("end_before_start", field="last_day")
    ends = after_last(last, zone)
    if ends <= now:
        raise Invalid("ends_in_the_past", field="last_day")
    return begins, ends
