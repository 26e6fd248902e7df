"""What a lane of the timeline shows: the parts of its time that are held, and what is free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.core.period import Period, subtract

LENGTHS = (1, 3, 7, 14)  # days on one screen
USUAL_DAYS = 1
# What was held is kept at hand for a day after its end; further back stand the lists.
BACK = timedelta(days=1)
AHEAD = timedelta(days=400)
MOST_LANES = 120  # of one answer


@dataclass(frozen=True, slots=True)
class Held:
    """A block of a unit: the time itself, and with buffers around it; seen as `actor` may."""

    unit_id: int
    kind: str  # reservation, closure, hold
    period: Period
    block: Period
    reservation_id: int | None = None  # None where the reader may not open it
    status: str = ""
    version: int = 0
    person: str = ""
    party: tuple[str, str] = ("", "")
    own: bool = False
    movable: bool = False
    reason: str = ""  # of a closure: its kind


@dataclass(frozen=True, slots=True)
class Span:
    """The days shown: local midnight to local midnight."""

    first: date
    days: int
    period: Period


def span_of(asked: str | None, days: int | None, zone: ZoneInfo, now: datetime) -> Span:
    """Return the days asked for (ISO date), else today; bounded. `days` one of LENGTHS.

    >>> at = datetime(2026, 11, 23, 1, tzinfo=ZoneInfo("UTC"))
    >>> span_of("2026-11-25", 3, ZoneInfo("Asia/Shanghai"), at).period.start.isoformat()
    '2026-11-25T00:00:00+08:00'
    """
    today = now.astimezone(zone).date()
    try:
        first = date.fromisoformat((asked or "")[:10])
    except ValueError:
        first = today
    first = min(max(first, today - BACK), today + AHEAD)
    length = days if days in LENGTHS else USUAL_DAYS
    start, end = (
        datetime.combine(day, time(), tzinfo=zone) for day in (first, first + timedelta(length))
    )
    return Span(first, length, Period(start, end))


def ticks(period: Period, zone: ZoneInfo) -> list[datetime]:
    """Return the instants at which a local hour begins within the days, their end included.

    In a zone with daylight saving a day has 23 or 25 of them.
    """
    start, end = (moment.timestamp() for moment in (period.start, period.end))
    found = [datetime.fromtimestamp(at, zone) for at in range(int(start), int(end) + 1, 900)]
    return [moment for moment in found if moment.minute == 0]


def free_parts(span: Period, held: Sequence[Held], now: datetime) -> list[Period]:
    """Return what is free of a lane from `now` on, buffers not included, in order."""
    if span.end <= now:
        return []
    return subtract(Period(max(span.start, now), span.end), [one.block for one in held])
