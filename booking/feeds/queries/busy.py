"""Reads of when a person is busy by a calendar of their own. Only the person asks."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.period import Period
from booking.feeds.models import BusyCalendar, BusyTime


def visible_busy_calendar(session: Session, actor: Actor) -> BusyCalendar | None:
    """Return the calendar the actor gave last, None without one. One query."""
    return session.get(BusyCalendar, actor.user_id)


def visible_busy_times(session: Session, actor: Actor, during: Sequence[Period]) -> list[Period]:
    """Return when the actor is busy around these periods, by start. One query; none for none."""
    if not during:
        return []
    rows = session.execute(
        select(BusyTime.start_at, BusyTime.end_at)
        .where(BusyTime.user_id == actor.user_id)
        .where(BusyTime.start_at < max(each.end for each in during))
        .where(BusyTime.end_at > min(each.start for each in during))
        .order_by(BusyTime.start_at)
    )
    return [Period(start, end) for start, end in rows]
