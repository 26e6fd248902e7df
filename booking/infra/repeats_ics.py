"""On which days something of another calendar repeats (RFC 5545 §3.3.10), within a budget.

Wider than the rules we make ourselves (`reservations.rules.rrule`), as calendars of others hold
more. Never by a library: rules that mean no day at all keep those looking until the year 9999.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from booking.infra.late import late

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBERS = re.compile(r"[+-]?\d{1,3}(,[+-]?\d{1,3}){0,60}")
_COUNTED = re.compile(r"\d{1,6}")
_PARTS = frozenset(
    {
        "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS",
    }
)  # fmt: skip
_DAY = timedelta(days=1)


class Unread(Exception):
    """An entry that is left out; `why` says so in one word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(slots=True)
class Budget:
    """How many more days may be looked at."""

    left: int

    def spend(self, days: int) -> None:
        """Take off what was looked at. Raises Unread("too_much") when nothing is left."""
        self.left -= days
        if self.left < 0:
            raise Unread("too_much")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it was read; nothing given is empty, `weekdays` are (n-th or 0, 0 Monday … 6)."""

    frequency: str
    interval: int
    count: int | None
    until: str
    week_start: int
    weekdays: tuple[tuple[int, int], ...]
    month_days: tuple[int, ...]
    months: tuple[int, ...]
    positions: tuple[int, ...]


def rule_of(text: str) -> Rule:
    """Return the rule. Raises Unread("rule") for what repeats within a day, or otherwise."""
    parts = dict(part.partition("=")[::2] for part in text.strip().upper().split(";") if part)
    frequency = parts.get("FREQ", "")
    if frequency not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY") or not parts.keys() <= _PARTS:
        raise Unread("rule")
    interval = _counted(parts.get("INTERVAL", "1"))
    count = _counted(parts["COUNT"]) if "COUNT" in parts else None
    if interval < 1 or parts.get("WKST", "MO") not in _WEEKDAYS:
        raise Unread("rule")
    return Rule(
        frequency, interval, count, parts.get("UNTIL", ""),
        _WEEKDAYS.index(parts.get("WKST", "MO")), _by_day(parts.get("BYDAY", "")),
        _numbers(parts.get("BYMONTHDAY", "")), _numbers(parts.get("BYMONTH", "")),
        _numbers(parts.get("BYSETPOS", "")),
    )  # fmt: skip


def days_of(rule: Rule, first: date, begin: date, last: date, budget: Budget) -> Iterator[date]:
    """Yield the days the rule means, in order, from `first` up to `last`.

    Those before `begin` may be left out. The budget is spent on each day looked at.
    """
    number = 0
    # Counted days have to be counted from the first; of the others the past is jumped over.
    for days in _rounds(rule, first, first if rule.count is not None else begin, last):
        budget.spend(len(days) + 1)
        chosen = [day for day in days if _fits(rule, day, first)]
        for day in _placed(rule, chosen):
            if day < first:
                continue
            number += 1
            if day > last or (rule.count is not None and number > rule.count):
                return
            yield day


def _rounds(rule: Rule, first: date, begin: date, last: date) -> Iterator[list[date]]:
    """Yield the days of each day, week, month or year of the rule that could hold any."""
    if rule.frequency in ("DAILY", "WEEKLY"):
        length = rule.interval * (1 if rule.frequency == "DAILY" else 7)
        start = first
        if rule.frequency == "WEEKLY":
            start -= timedelta(days=(first.weekday() - rule.week_start) % 7)
        start += timedelta(days=max(0, (begin - start).days // length) * length)
        size = 1 if rule.frequency == "DAILY" else 7
        while start <= last:
            yield [start + n * _DAY for n in range(size)]
            start += timedelta(days=length)
        return
    months = rule.interval * (1 if rule.frequency == "MONTHLY" else 12)
    at = first.year * 12 + first.month - 1
    if rule.frequency == "YEARLY":
        at = first.year * 12
    ahead = begin.year * 12 + begin.month - 1 - at
    at += max(0, ahead // months) * months
    while at // 12 <= last.year:
        yield _month_days(at) if rule.frequency == "MONTHLY" else _year_days(rule, at // 12, first)
        at += months


def _month_days(at: int) -> list[date]:
    year, month = at // 12, at % 12 + 1
    return [date(year, month, n + 1) for n in range(calendar.monthrange(year, month)[1])]


def _year_days(rule: Rule, year: int, first: date) -> list[date]:
    wide = rule.weekdays and not rule.months and not rule.month_days
    months = range(1, 13) if wide else rule.months or (
        range(1, 13) if rule.month_days else (first.month,)
    )  # fmt: skip
    return [day for month in months if 0 < month < 13 for day in _month_days(year * 12 + month - 1)]


def _fits(rule: Rule, day: date, first: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    size = calendar.monthrange(day.year, day.month)[1]
    if rule.month_days and not {day.day, day.day - size - 1} & set(rule.month_days):
        return False
    if rule.weekdays:
        return any(day.weekday() == each and _nth(rule, day, n, size) for n, each in rule.weekdays)
    if rule.frequency == "WEEKLY":
        return day.weekday() == first.weekday()
    return bool(rule.month_days) or rule.frequency == "DAILY" or day.day == first.day


def _nth(rule: Rule, day: date, n: int, size: int) -> bool:
    """Return whether a day is the n-th of its weekday, in its month or, without one, its year."""
    if n == 0 or rule.frequency in ("DAILY", "WEEKLY"):
        return True
    place, length = day.day, size
    if rule.frequency == "YEARLY" and not rule.months:
        place = day.timetuple().tm_yday
        length = 366 if calendar.isleap(day.year) else 365
    return n in ((place - 1) // 7 + 1, -((length - place) // 7 + 1))


def _placed(rule: Rule, days: list[date]) -> list[date]:
    if not rule.positions:
        return days
    found = {days[n - 1 if n > 0 else n] for n in rule.positions if 0 < abs(n) <= len(days)}
    return sorted(found)


def _by_day(text: str) -> tuple[tuple[int, int], ...]:
    found = [_BYDAY.fullmatch(part.strip()) for part in text.split(",")] if text else []
    if len(found) > 60 or None in found:
        raise Unread("rule")
    return tuple((int(each[1] or 0), _WEEKDAYS.index(each[2])) for each in found if each)


def _numbers(text: str) -> tuple[int, ...]:
    if text and not _NUMBERS.fullmatch(text):
        raise Unread("rule")
    return tuple(int(part) for part in text.split(",")) if text else ()


def _counted(text: str) -> int:
    if not _COUNTED.fullmatch(text):
        raise Unread("rule")
    return int(text)


def zone_named(name: str) -> ZoneInfo:
    """Return the zone a calendar means: ours, with a vendor's words before it, or Windows'.

    Raises Unread("zone").
    """
    words = [part for part in name.strip().split("/") if part]
    tries = ["/".join(words[-n:]) for n in (len(words), 3, 2, 1) if n <= len(words)]
    windows = late("icalendar.timezone.windows_to_olson").WINDOWS_TO_OLSON
    for each in (*tries, windows.get(name.strip(), "")):
        try:
            if each:
                return ZoneInfo(each)
        except (KeyError, ValueError, OSError):
            continue
    raise Unread("zone")
