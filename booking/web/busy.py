"""When the reader is busy by the calendar they gave, in words; a hint, never in the way."""

from zoneinfo import ZoneInfo

from booking.core.actor import Actor
from booking.core.local import SkippedTime, UnreadableTime, parse_instant
from booking.core.period import Period
from booking.feeds.queries.busy import visible_busy_times
from booking.infra.db import db
from booking.web.formats import period_text


def busy_then(actor: Actor, start: str | None, end: str | None, zone: ZoneInfo) -> list[str]:
    """Return when they are busy within the local times typed, nothing where none can be read."""
    try:
        first, last = parse_instant(start or "", zone), parse_instant(end or "", zone)
    except (SkippedTime, UnreadableTime):
        return []
    if last <= first:
        return []
    found = visible_busy_times(db.session(), actor, [Period(first, last)])
    return [period_text(each, zone) for each in found]
