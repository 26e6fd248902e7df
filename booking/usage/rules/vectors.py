"""Seconds by hour of the day, 24 numbers in one integer, so that a year of them adds up fast."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOURS = 24
# 2^40 seconds: twelve thousand units in use all day for 2,900 years. Narrower would run over.
_LANE = 40
_LENGTH = HOURS * _LANE // 8
_MASK = (1 << _LANE) - 1


def at_hour(hour: int, seconds: int) -> int:
    """Return the seconds of one hour as all 24 in one integer, which add up as a whole."""
    return seconds << _LANE * hour


def packed(hours: int) -> bytes:
    """Return the integer as bytes; none of its numbers may be below 0."""
    return hours.to_bytes(_LENGTH, "little")


def hours_in(part: bytes) -> int:
    """Return packed numbers as the integer they were packed from."""
    return int.from_bytes(part, "little")


def hour_of(hours: int, hour: int) -> int:
    """Return the number of one hour."""
    return hours >> _LANE * hour & _MASK


def unpacked(hours: int) -> list[int]:
    """Return the 24 numbers of an integer."""
    return [hour_of(hours, hour) for hour in range(HOURS)]


def edges_of(day: date, zone: ZoneInfo) -> list[int]:
    """Return the 25 instants, in epoch seconds, at which the hours of a local day begin and end.

    An hour that the clock skips has no length; one that comes twice lasts two hours.
    """
    walls = [datetime.combine(day, time(hour), tzinfo=zone) for hour in range(HOURS)]
    walls.append(datetime.combine(day + timedelta(days=1), time(), tzinfo=zone))
    found: list[int] = []
    for wall in walls:
        at = int(wall.astimezone(UTC).timestamp())
        found.append(max(at, found[-1]) if found else at)
    return found


def spread(start: int, end: int, edges: Sequence[int]) -> int:
    """Return by hour, as one integer, the seconds of a span that lie within the day of `edges`."""
    start, end = max(start, edges[0]), min(end, edges[-1])
    found, hour = 0, bisect_right(edges, start) - 1
    while start < end:
        until = min(end, edges[hour + 1])
        found += at_hour(hour, until - start)
        start, hour = until, hour + 1
    return found
