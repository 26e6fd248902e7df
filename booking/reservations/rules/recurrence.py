"""Which local days a rule means, and which instants those are: our own small part of RFC 5545.

The text of a rule is read and written in rules/rrule.py.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.core.errors import Invalid
from booking.core.period import Period

FREQUENCIES = ("daily", "weekly", "monthly")
MOST_OCCURRENCES = 366
MOST_DAYS = 731  # two years, a leap year among them
MOST_INTERVAL = 366
LAST = -1


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When something repeats, from a first day on. Raises Invalid on a rule that cannot be kept.

    Weekly: on ISO `weekdays`. Monthly: on `month_days` (1–31, -1 the last) or on `nth` weekdays,
    (week, ISO weekday), week 1–5 or -1 the last. Days a month lacks are skipped. Nothing of these
    given: what the first day is. It ends after `count` days, exceptions counted, or with `until`,
    inclusive: a local day, or an instant, as RFC 5545 writes it with a zone.
    """

    frequency: str
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    nth: tuple[tuple[int, int], ...] = ()
    count: int | None = None
    until: date | datetime | None = None
    exceptions: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.frequency not in FREQUENCIES:
            raise Invalid("unknown_choice", field="frequency", actual=self.frequency)
        if not 1 <= self.interval <= MOST_INTERVAL:
            raise _range("interval", 1, MOST_INTERVAL, self.interval)
        if (self.count is None) == (self.until is None):
            raise Invalid("count_or_until", field="count")
        if self.count is not None and not 1 <= self.count <= MOST_OCCURRENCES:
            raise _range("count", 1, MOST_OCCURRENCES, self.count)
        if len(self.exceptions) > MOST_OCCURRENCES:
            raise _range("exceptions", 0, MOST_OCCURRENCES, len(self.exceptions))
        _require_days(self)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One of a series: the local day the rule means, and the instants."""

    day: date
    period: Period


def occurrences(
    rule: Recurrence, first: datetime, length: timedelta, zone: ZoneInfo
) -> tuple[Occurrence, ...]:
    """Return what the rule means, in order, from the local wall time `first` (naive) on.

    Each keeps `first`'s time of day in `zone`: one that the clock jumps over comes as much later
    as it jumps, one that comes twice is the first. Each lasts exactly `length`. Raises Invalid:
    no occurrence, more than 366, or past two years.
    """
    _require_near(rule, first.date())
    found: list[Occurrence] = []
    number = 0
    for day in rule_days(rule, first.date()):
        start = wall_instant(day, first.time(), zone)
        if _is_over(rule, number, day, start):
            break
        if number == MOST_OCCURRENCES:
            raise Invalid("series_too_many", field="rule", limit=MOST_OCCURRENCES)
        number += 1
        if day not in rule.exceptions:
            found.append(Occurrence(day, Period(start, start + length)))
    if number < (rule.count or 0):
        raise Invalid("series_too_far", field="rule", limit=2)
    if not found:
        raise Invalid("series_empty", field="rule")
    return tuple(found)


def rule_days(rule: Recurrence, first: date) -> Iterator[date]:
    """Yield the local days the rule means from `first` on, exceptions too, in order.

    They end after two years; the rule's own end is not asked.
    """
    last = first + timedelta(days=MOST_DAYS)
    days = {"daily": _daily, "weekly": _weekly, "monthly": _monthly}[rule.frequency]
    for day in days(rule, first, last):
        if first <= day <= last:
            yield day


def wall_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant of a wall time: gap → later by the gap, fold → the first."""
    # fold=0 takes the offset before the change, which is what both need (RFC 5545 §3.3.5).
    return datetime.combine(day, at.replace(fold=0), tzinfo=zone).astimezone(UTC)


def nth_of(day: date) -> tuple[int, bool]:
    """Return which of its weekday in its month a day is, from 1, and whether it is the last."""
    return (day.day - 1) // 7 + 1, day.day + 7 > _month_length(day.year, day.month)


def _require_days(rule: Recurrence) -> None:
    if rule.weekdays and rule.frequency != "weekly":
        raise Invalid("rule_part", field="rule", part="BYDAY")
    if (rule.month_days or rule.nth) and rule.frequency != "monthly":
        raise Invalid("rule_part", field="rule", part="BYMONTHDAY")
    if rule.month_days and rule.nth:
        raise Invalid("rule_part", field="rule", part="BYDAY")
    weeks = [week for week, _weekday in rule.nth]
    weekdays = (*rule.weekdays, *(weekday for _week, weekday in rule.nth))
    if not all(1 <= weekday <= 7 for weekday in weekdays):
        raise _range("weekdays", 1, 7, str(weekdays))
    if not all(1 <= week <= 5 or week == LAST for week in weeks):
        raise _range("nth", 1, 5, str(weeks))
    if not all(1 <= day <= 31 or day == LAST for day in rule.month_days):
        raise _range("month_days", 1, 31, str(rule.month_days))


def _is_over(rule: Recurrence, number: int, day: date, start: datetime) -> bool:
    if rule.count is not None:
        return number >= rule.count
    if isinstance(rule.until, datetime):
        return start > rule.until
    return rule.until is not None and day > rule.until


def _require_near(rule: Recurrence, first: date) -> None:
    until = rule.until.date() if isinstance(rule.until, datetime) else rule.until
    if until is not None and until - first > timedelta(days=MOST_DAYS):
        raise Invalid("series_too_far", field="rule", limit=2)


def _daily(rule: Recurrence, first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=rule.interval)


def _weekly(rule: Recurrence, first: date, last: date) -> Iterator[date]:
    weekdays = sorted(set(rule.weekdays)) or [first.isoweekday()]
    monday = first - timedelta(days=first.isoweekday() - 1)  # weeks begin on Monday (WKST=MO)
    while monday <= last:
        for weekday in weekdays:
            yield monday + timedelta(days=weekday - 1)
        monday += timedelta(weeks=rule.interval)


def _monthly(rule: Recurrence, first: date, last: date) -> Iterator[date]:
    year, month = first.year, first.month
    while date(year, month, 1) <= last:
        yield from sorted(set(_days_of_month(rule, year, month, first.day)))
        months = year * 12 + month - 1 + rule.interval
        year, month = divmod(months, 12)
        month += 1


def _days_of_month(rule: Recurrence, year: int, month: int, usual: int) -> Iterator[date]:
    length = _month_length(year, month)
    if rule.nth:
        for week, weekday in rule.nth:
            found = _nth_weekday(year, month, length, week, weekday)
            if found is not None:
                yield found
        return
    for day in rule.month_days or (usual,):
        number = length if day == LAST else day
        if number <= length:
            yield date(year, month, number)


def _nth_weekday(year: int, month: int, length: int, week: int, weekday: int) -> date | None:
    begins = date(year, month, 1).isoweekday()
    number = (weekday - begins) % 7 + 1  # the first of them
    if week == LAST:
        number += (length - number) // 7 * 7
    else:
        number += (week - 1) * 7
    return date(year, month, number) if number <= length else None


def _month_length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _range(name: str, least: int, most: int, actual: object) -> Invalid:
    return Invalid("out_of_range", field=name, least=least, most=most, actual=actual)
