"""The calendar of one group: which days a view shows, and what of them is taken altogether."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from booking.core.period import Period, merge, subtract
from booking.policies.rules.calendar import local_day
from booking.reservations.rules.slots import UnitFacts
from booking.reservations.rules.week import Cell, week

VIEWS = ("day", "week", "month", "agenda")
LENGTH = {"day": 1, "week": 7, "agenda": 14}
# What was held is kept at hand for a day after its end; further back stand the lists.
BACK = timedelta(days=31)
AHEAD = timedelta(days=400)
DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Frame:
    """The days of one view: `day` is the one asked for, `first` where the view begins."""

    view: str
    day: date
    first: date
    length: int
    zone: ZoneInfo

    @property
    def days(self) -> list[date]:
        """Return the days shown, in order."""
        return [self.first + n * DAY for n in range(self.length)]

    @property
    def periods(self) -> list[Period]:
        """Return the instants of each day, midnight to midnight."""
        return [local_day(day, self.zone) for day in self.days]

    @property
    def period(self) -> Period:
        """Return all of it."""
        last = self.first + (self.length - 1) * DAY
        return Period(local_day(self.first, self.zone).start, local_day(last, self.zone).end)


def frame_of(view: str | None, asked: str | None, zone: ZoneInfo, now: datetime) -> Frame:
    """Return the view of the day asked for (ISO date), else of today; bounded.

    A week begins on its Monday, a month with the Monday before its first day.

    >>> at = datetime(2026, 11, 23, 1, tzinfo=ZoneInfo("UTC"))
    >>> frame_of("month", "2026-12-24", ZoneInfo("Asia/Shanghai"), at).first.isoformat()
    '2026-11-30'
    """
    today = now.astimezone(zone).date()
    try:
        day = date.fromisoformat((asked or "")[:10])
    except ValueError:
        day = today
    day = min(max(day, today - BACK), today + AHEAD)
    kind = view if view in VIEWS else "week"
    if kind == "week":
        return Frame(kind, day, _monday(day), LENGTH[kind], zone)
    if kind != "month":
        return Frame(kind, day, day, LENGTH[kind], zone)
    first = _monday(day.replace(day=1))
    last = day.replace(day=monthrange(day.year, day.month)[1])
    weeks = ((last - first).days // 7) + 1
    return Frame(kind, day, first, weeks * 7, zone)


def beside(frame: Frame, by: int) -> date:
    """Return the day that stands for the view before (-1) or after (1)."""
    if frame.view != "month":
        return frame.day + by * LENGTH[frame.view] * DAY
    first = frame.day.replace(day=1)
    return (
        (first - DAY).replace(day=1)
        if by < 0
        else first + monthrange(first.year, first.month)[1] * DAY
    )


def all_taken(units: Sequence[UnitFacts], busy: Mapping[int, Sequence[Period]]) -> list[Period]:
    """Return when no unit could be booked for a moment, buffers included, in order.

    `busy` holds each unit's blocks. Without units: nothing.
    """
    changes: list[tuple[datetime, int]] = []
    for unit in units:
        for block in reach(unit, busy.get(unit.unit_id, ())):
            changes += [(block.start, 1), (block.end, -1)]
    found, held, since = [], 0, None
    for moment, change in sorted(changes):
        held += change
        if held == len(units) and since is None:
            since = moment
        elif held < len(units) and since is not None:
            if moment > since:
                found.append(Period(since, moment))
            since = None
    return merge(found)


def reach(unit: UnitFacts, blocks: Iterable[Period]) -> list[Period]:
    """Return when nothing can be booked on a unit, its own buffers included, in order."""
    return merge(block.widened(unit.cleanup_minutes, unit.warmup_minutes) for block in blocks)


def free_of(spans: Iterable[Period], taken: Iterable[Period], now: datetime) -> list[Period]:
    """Return what is left of `spans` from now on, in order."""
    blocked = list(taken)
    return [
        part
        for span in spans
        if span.end > now
        for part in subtract(Period(max(span.start, now), span.end), blocked)
    ]


@dataclass(frozen=True, slots=True)
class DayFree:
    """A day of the month: hours in which something is free, and how many units at best."""

    day: date
    state: str  # free (all units in some hour), partly, busy, closed, past
    hours: float = 0
    best: int = 0


def hours_of_days(
    frame: Frame,
    units: Sequence[UnitFacts],
    busy: Mapping[int, Sequence[Period]],
    spans: Sequence[Period],
    now: datetime,
) -> dict[date, list[Cell]]:
    """Return the hours of each day that are open on any of them: how many units are free."""
    rows = week(frame.days, frame.zone, units, busy, spans, now)
    return {day: [cells[n] for _hour, cells in rows] for n, day in enumerate(frame.days)}


def day_free(day: date, cells: Sequence[Cell], free: Iterable[Period]) -> DayFree:
    """Return what a day comes to; `free` is what of it can be booked at all. Quarters of hours."""
    quarters = sum((part.length for part in free), timedelta()) // QUARTER
    if quarters:
        counts = [cell.free for cell in cells]
        full = any(cell.state == "free" for cell in cells)
        return DayFree(day, "free" if full else "partly", quarters / 4, max(*counts, 1, 1))
    states = {cell.state for cell in cells}
    return DayFree(day, next((s for s in ("busy", "closed") if s in states), "past"))


def bend_of(day: Period, zone: ZoneInfo) -> tuple[datetime, timedelta] | None:
    """Return when the clock jumps within a day, and how far; None where it does not.

    >>> march = local_day(date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
    >>> bend_of(march, ZoneInfo("Europe/Berlin"))[1]
    datetime.timedelta(seconds=3600)
    """
    before = day.start.astimezone(zone).utcoffset()
    after = day.end.astimezone(zone).utcoffset()
    if before is None or after is None or before == after:
        return None
    moment = day.start
    while moment.astimezone(zone).utcoffset() == before:
        moment += QUARTER
    return moment, after - before


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
