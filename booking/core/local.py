"""Times as people type them, in a site's local time, and the instants they mean."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

# Nobody books outside these years; beyond them arithmetic on dates could overflow.
YEARS = range(2000, 2200)


class UnreadableTime(ValueError):
    """A text that is no date and time of our years."""


class SkippedTime(ValueError):
    """A local time the clock jumps over when daylight saving begins."""


def parse_instant(text: str, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of `2026-11-24T09:00`, read in `zone`, or of one with an offset.

    Of a local time that comes twice when daylight saving ends, the first is meant; its second
    coming can be written with an offset. Raises UnreadableTime or SkippedTime.
    """
    try:
        typed = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        raise UnreadableTime(text) from None
    if typed.year not in YEARS:
        raise UnreadableTime(text)
    if typed.tzinfo is not None:
        return typed.astimezone(UTC)
    instant = typed.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != typed:
        raise SkippedTime(text)
    return instant


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant a local day begins, in UTC.

    >>> midnight(date(2026, 11, 24), ZoneInfo("Asia/Shanghai")).isoformat()
    '2026-11-23T16:00:00+00:00'
    """
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def local_text(moment: datetime, zone: ZoneInfo) -> str:
    """Return the form's text of an instant, such as 2026-11-24T09:00; seconds are dropped.

    >>> local_text(datetime(2026, 11, 24, 1, 0, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    '2026-11-24T09:00'
    """
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def exact_text(moment: datetime, zone: ZoneInfo) -> str:
    """Return local time with its offset, unambiguous even in the hour that comes twice."""
    return moment.astimezone(zone).isoformat(timespec="minutes")
