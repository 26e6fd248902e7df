"""Which days are kept, and which have to be added up (again)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.usage.models import UsageLate, UsageState
from booking.usage.queries.days import days_met, first_day, over_since, zones_of

A_DAY = timedelta(days=1)
DAYS_KEPT = 1100  # looked back when nothing is kept yet: three years
# Each new day has the last ones added up again: what was being written while they were is in.
AGAIN = 2
MOST_LATE = 5000


@dataclass(frozen=True, slots=True)
class Due:
    """Days to add up, in order; the days kept afterwards; the late changes that are then in."""

    days: list[date]
    first: date
    last: date
    late: list[int]


def kept(session: Session) -> UsageState | None:
    """Return what is kept, None while nothing is. One query."""
    return session.scalars(select(UsageState)).one_or_none()


def due(session: Session, now: datetime, most: int) -> Due | None:
    """Return what is to be done, at most `most` days of it; None when nothing is.

    New days first and in order, so that what is kept has no gaps. At most four queries.
    """
    zones = zones_of(session)
    if not zones:
        return None
    state, until = kept(session), over_since(zones, now)
    begins = first_day(session, zones) if state is None else date.fromisoformat(state.first_day)
    if begins is None or begins > until:
        return None
    begins = max(begins, until - DAYS_KEPT * A_DAY) if state is None else begins
    reached = begins - A_DAY if state is None else date.fromisoformat(state.last_day)
    last = min(until, reached + most * A_DAY)
    days = set(_days(reached + A_DAY, last))
    if days:
        days |= set(_days(max(begins, reached - (AGAIN - 1) * A_DAY), reached))
    late = session.execute(
        select(UsageLate.id, UsageLate.start_at, UsageLate.end_at)
        .order_by(UsageLate.id).limit(MOST_LATE)
    ).all()  # fmt: skip
    spans = [(row.start_at, row.end_at) for row in late]
    # What is around them counts for days that are kept; it is no reason to keep earlier ones.
    first = min([begins, *days_met(zones, spans, timedelta())])
    first = max(first, min(begins, until - DAYS_KEPT * A_DAY))
    early = {day for day in days_met(zones, spans, A_DAY / 2) if first <= day <= last}
    # A history that was brought in later begins earlier: the days between are kept too.
    days |= early | (set(_days(first, begins - A_DAY)) if first < begins else set())
    if not days and not late:
        return None
    return Due(sorted(days), first, max(last, reached), [row.id for row in late])


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += A_DAY
