"""Bringing what is kept up to date, a portion of days at a time."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from booking.usage.models import UsageState
from booking.usage.queries.days import Park, day_of, park_of
from booking.usage.queries.kept import Due, due
from booking.usage.services.building import keep_state, write_day, write_month

DAYS_AT_ONCE = 40
# Runs work that writes: in a transaction of its own, or in the one that is open already.
Apply = Callable[[Callable[[Session], None]], None]


def keep_up(session: Session, apply: Apply, now: datetime) -> int:
    """Return how many days were added up: new ones, at most 40, and those changed late.

    Days are read outside of `apply`. What is kept is told last, so that whoever is stopped halfway
    does the same days once more.
    """
    todo = due(session, now, DAYS_AT_ONCE)
    if todo is None:
        return 0
    park = park_of(session)
    for day in todo.days:
        _add_up(session, apply, park, day)
    for month in sorted({day.replace(day=1) for day in todo.days}):
        apply(lambda s, month=month: write_month(s, month))  # type: ignore[misc]
    apply(lambda s: _keep(s, park, todo, now))
    return len(todo.days)


def forget(session: Session) -> None:
    """Have every day added up anew, by what is known today."""
    session.execute(delete(UsageState))


def _add_up(session: Session, apply: Apply, park: Park, day: date) -> None:
    sums = day_of(session, park, day)
    apply(lambda s: write_day(s, park, day, sums))


def _keep(session: Session, park: Park, done: Due, now: datetime) -> None:
    keep_state(session, park, done.first, done.last, done.late, now)
