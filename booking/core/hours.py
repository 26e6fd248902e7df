"""Weekly opening hours in a zone's local time, and the spans they open on real dates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from booking.core.period import Period, merge

MINUTES_A_DAY = 24 * 60
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, order=True, slots=True)
class Window:
    """One weekly window: ISO weekday 1–7 and local minutes of the day.

    `end_minute` above 1440 runs past midnight into the next day (22:00–06:00 is 1320–1800).
    """

    weekday: int
    start_minute: int
    end_minute: int

    def __post_init__(self) -> None:
        if not 1 <= self.weekday <= 7:
            raise ValueError("weekday is 1 (Monday) to 7 (Sunday)")
        if not 0 <= self.start_minute < MINUTES_A_DAY:
            raise ValueError("a window starts within its day")
        if not self.start_minute < self.end_minute <= self.start_minute + MINUTES_A_DAY:
            raise ValueError("a window lasts more than nothing and at most 24 hours")


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """The windows of a week; no windows means never open."""

    windows: tuple[Window, ...]

    @classmethod
    def every_day(cls, start_minute: int, end_minute: int) -> "WeeklyHours":
        """Return the same window on all seven days."""
        return cls(tuple(Window(day, start_minute, end_minute) for day in range(1, 8)))

    @classmethod
    @lru_cache(maxsize=1024)  # a park has few different weeks, and each booking reads two
    def parse(cls, text: str) -> "WeeklyHours":
        """Return hours from their stored form, `1 08:00-18:00;6 09:00-12:00`; see `text`.

        Raises ValueError naming the part that cannot be read.
        """
        windows = [_window(part) for part in text.split(";") if part.strip()]
        return cls(tuple(sorted(windows)))

    @property
    def text(self) -> str:
        """Return the stored form that `parse` reads; an end past midnight is written 30:00."""
        return ";".join(
            f"{w.weekday} {_clock(w.start_minute)}-{_clock(w.end_minute)}" for w in self.windows
        )

    def spans(self, first: datetime, last: datetime, zone: ZoneInfo) -> list[Period]:
        """Return the open spans that meet [first, last), in UTC, merged and in order.

        Windows follow the local clock, so across a DST change a span is an hour longer or shorter,
        and an edge in the hour that is skipped lies where the clock jumps.
        """
        found: list[Period] = []
        for day in _days(first.astimezone(zone).date(), last.astimezone(zone).date()):
            for window in self.windows:
                if window.weekday == day.isoweekday():
                    start = _instant(day, window.start_minute, zone)
                    end = _instant(day, window.end_minute, zone)
                    if start < last and first < end and start < end:
                        found.append(Period(start, end))
        return merge(found)

    def contains(self, period: Period, zone: ZoneInfo) -> bool:
        """Return whether `period` lies fully in open time; adjoining windows count as one."""
        return any(span.contains(period) for span in self.spans(period.start, period.end, zone))


def _days(first: date, last: date) -> Iterator[date]:
    # From the day before: its windows may run past midnight.
    day = first - timedelta(days=1)
    while day <= last:
        yield day
        day += timedelta(days=1)


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return when the clock on the wall reaches a local time; where it jumps over it, the jump.

    Of a time that comes twice, the first is meant.
    """
    extra, minute = divmod(minute, MINUTES_A_DAY)
    wall = datetime.combine(day + timedelta(days=extra), time(minute // 60, minute % 60))
    local = wall.replace(tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # RFC 5545 counts on with the offset before the jump, which is right for an appointment. Opening
    # hours are what a clock on the wall shows: 02:30 is passed when 02:00 becomes 03:00.
    return _jump(local.replace(fold=1).astimezone(UTC), instant, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant between the two at which the zone's offset changes; whole seconds."""
    old = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _minute(text: str) -> int:
    hour, _, minute = text.strip().partition(":")
    return int(hour) * 60 + int(minute)


def _window(part: str) -> Window:
    try:
        weekday, _, clock = part.strip().partition(" ")
        start, _, end = clock.partition("-")
        first, last = _minute(start), _minute(end)
        return Window(int(weekday), first, last if last > first else last + MINUTES_A_DAY)
    except ValueError as error:
        raise ValueError(f"not a weekly window: {part.strip()!r} ({error})") from None
