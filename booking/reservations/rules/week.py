"""Some days of a pool, hour by hour: how many units could be booked in each."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from booking.core.period import Period
from booking.reservations.rules.slots import UnitFacts

HOURS = range(24)


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of a day. state: free (all units), partly, busy, closed, past.

    `period` is None for an hour the zone's clock skips.
    """

    period: Period | None
    state: str
    free: int = 0
    total: int = 0


def hours_of(day: date, zone: ZoneInfo) -> list[Period | None]:
    """Return the 24 hours of a local day in UTC; None where the clock is put forward."""
    hours = []
    for hour in HOURS:
        naive = datetime(day.year, day.month, day.day, hour)  # noqa: DTZ001 - local wall time
        start = naive.replace(tzinfo=zone).astimezone(UTC)
        end = (naive + timedelta(hours=1)).replace(tzinfo=zone).astimezone(UTC)
        skipped = start.astimezone(zone).hour != hour or end <= start
        hours.append(None if skipped else Period(start, end))
    return hours


def week(
    days: Sequence[date],
    zone: ZoneInfo,
    units: Sequence[UnitFacts],
    busy: Mapping[int, Sequence[Period]],
    spans: Sequence[Period],
    now: datetime,
) -> list[tuple[int, list[Cell]]]:
    """Return (hour, a cell for each day) for the hours that are open on any of `days`.

    `busy` holds each unit's active blocks, `spans` when this reader may book at all. A unit is
    free in an hour if a booking of just that hour would fit, buffers included.
    """
    columns = [hours_of(day, zone) for day in days]
    hours = sorted({h for column in columns for h in column if h is not None})
    taken = _taken(hours, units, busy)
    rows = []
    for hour in HOURS:
        cells = [_cell(column[hour], taken, len(units), spans, now) for column in columns]
        rows.append((hour, cells))
    return _trimmed(rows, spans, columns)


def _taken(
    hours: Sequence[Period], units: Iterable[UnitFacts], busy: Mapping[int, Sequence[Period]]
) -> dict[Period, int]:
    """Return how many units each hour is not free for."""
    ends = [hour.end for hour in hours]
    counts = dict.fromkeys(hours, 0)
    for unit in units:
        hit: set[Period] = set()
        for block in busy.get(unit.unit_id, ()):
            reach = block.widened(unit.cleanup_minutes, unit.warmup_minutes)
            index = bisect_right(ends, reach.start)
            while index < len(hours) and hours[index].start < reach.end:
                hit.add(hours[index])
                index += 1
        for hour in hit:
            counts[hour] += 1
    return counts


def _cell(
    hour: Period | None,
    taken: Mapping[Period, int],
    total: int,
    spans: Sequence[Period],
    now: datetime,
) -> Cell:
    if hour is None or not _open(hour, spans):
        past = hour is not None and hour.end <= now
        return Cell(hour, "past" if past else "closed", 0, total)
    if hour.end <= now:
        return Cell(hour, "past", 0, total)
    free = total - taken[hour]
    state = "busy" if free == 0 else "free" if free == total else "partly"
    return Cell(hour, state, free, total)


def _open(hour: Period, spans: Sequence[Period]) -> bool:
    return any(span.overlaps(hour) for span in spans)


def _trimmed(
    rows: list[tuple[int, list[Cell]]],
    spans: Sequence[Period],
    columns: Sequence[Sequence[Period | None]],
) -> list[tuple[int, list[Cell]]]:
    """Return the rows from the first to the last hour that is open on any day; else 8 to 18."""
    opened = [
        number
        for number in HOURS
        if any((hour := column[number]) is not None and _open(hour, spans) for column in columns)
    ]
    return rows[opened[0] : opened[-1] + 1] if opened else rows[8:18]
