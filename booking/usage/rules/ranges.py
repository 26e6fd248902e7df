"""Spans of local days: what is asked for, and how few sums cover it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

A_DAY = timedelta(days=1)
PRESETS = (30, 90, 365)
MOST_DAYS = 1100
_NEXT_MONTH = timedelta(days=32)


@dataclass(frozen=True, slots=True)
class Days:
    """Local days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def count(self) -> int:
        """Return how many days they are."""
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        """Yield each day in order."""
        return (self.first + A_DAY * n for n in range(self.count))


@dataclass(frozen=True, slots=True)
class Cover:
    """Whole months, by their first days, and the days around them; together every day once."""

    months: Days | None
    days: tuple[Days, ...]


def asked_days(first: date | None, last: date | None, preset: int, until: date) -> Days:
    """Return the days asked for, at most three years; without a first, the last `preset` ones.

    `until`: the last day there is. The wrong way round they are turned round.
    """
    last = min(last or until, until)
    first = first or last - A_DAY * (preset - 1)
    if first > last:
        first, last = last, min(first, until)
    return Days(max(first, last - A_DAY * (MOST_DAYS - 1)), last)


def cover(days: Days) -> Cover:
    """Return the sums that make up `days`."""
    begins = days.first if days.first.day == 1 else _next_month(days.first)
    ends = _next_month(days.last) if (days.last + A_DAY).day == 1 else days.last.replace(day=1)
    if begins >= ends:
        return Cover(None, (days,))
    last_month = (ends - A_DAY).replace(day=1)
    around = [Days(days.first, begins - A_DAY), Days(ends, days.last)]
    return Cover(Days(begins, last_month), tuple(part for part in around if part.count > 0))


def weeks(days: Days) -> list[Days]:
    """Return the days in sevens, counted back from the last, so that each has every weekday.

    What is left over joins the first; fewer than seven days are one part.
    """
    count = max(1, days.count // 7)
    starts = [days.last - A_DAY * (7 * n - 1) for n in range(count, 0, -1)]
    ends = [start - A_DAY for start in starts[1:]] + [days.last]
    return [Days(a, b) for a, b in zip([days.first, *starts[1:]], ends, strict=True)]


def _next_month(day: date) -> date:
    return (day.replace(day=1) + _NEXT_MONTH).replace(day=1)
