"""VTIMEZONE (RFC 5545 §3.6.5) of a zone for some years, each change of its clocks written out."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
# Zones and spans of years that one process meets; each is about 1 kB.
_KEPT = 64


@lru_cache(maxsize=_KEPT)
def time_zone_lines(key: str, first_year: int, last_year: int) -> tuple[str, ...]:
    """Return the lines of the VTIMEZONE of `key` that is right in these years, both included.

    Before its first line the zone's clocks are as at the beginning of `first_year`.
    """
    zone = ZoneInfo(key)
    start = datetime(first_year, 1, 1, tzinfo=UTC)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{key}"]
    began = start.astimezone(zone)
    # From long ago, so that what began earlier and is shown all the same has its zone.
    lines += _observance(datetime(1970, 1, 1, tzinfo=UTC), began, began.utcoffset() or timedelta())
    for moment in _changes(zone, start, datetime(last_year + 1, 1, 1, tzinfo=UTC)):
        before = (moment - _MINUTE).astimezone(zone).utcoffset() or timedelta()
        # The onset is told by the clock that was in force until then.
        onset = (moment + before).replace(tzinfo=None)
        lines += _observance(onset, moment.astimezone(zone), before)
    return (*lines, "END:VTIMEZONE")


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> list[datetime]:
    """Return the instants, to the minute, at which the zone's offset changes."""
    found, day = [], start
    while day < end:
        low, high = day, day + _DAY
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            while high - low > _MINUTE:
                middle = low + ((high - low) // 2 // _MINUTE) * _MINUTE
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high)
        day += _DAY
    return found


def _observance(onset: datetime, local: datetime, before: timedelta) -> list[str]:
    kind = "DAYLIGHT" if local.dst() else "STANDARD"
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{onset:%Y%m%dT%H%M%S}",
        f"TZOFFSETFROM:{_offset(before)}",
        f"TZOFFSETTO:{_offset(local.utcoffset() or timedelta())}",
        f"TZNAME:{local.tzname()}",
        f"END:{kind}",
    ]


def _offset(offset: timedelta) -> str:
    seconds = int(offset.total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02}{minutes:02}"
