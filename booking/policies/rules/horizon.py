"""How far ahead bookings are open: when each local day opens, and the days that open fairly."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.core.errors import Violation
from booking.core.period import Period
from booking.policies.rules.calendar import local_day
from booking.policies.rules.proposal import Proposal
from booking.policies.rules.values import MANAGERS, PoolRules

A_DAY = timedelta(days=1)


def opens_at(rules: PoolRules, day: date, zone: ZoneInfo) -> datetime:
    """Return when a local day opens: `horizon_days` before it, at the minute that is set.

    A minute that the clock skips is the one after the gap; of one that comes twice the first.
    """
    hour, minute = divmod(rules.opens_at_minute.value, 60)
    opening = day - rules.horizon_days.value * A_DAY
    return datetime.combine(opening, time(hour, minute), tzinfo=zone).astimezone(UTC)


def drawn_at(rules: PoolRules, day: date, zone: ZoneInfo) -> datetime:
    """Return until when requests for a local day are collected; where they are not, it opens."""
    return opens_at(rules, day, zone) + timedelta(minutes=rules.fair_opening_minutes.value)


def horizon_end(rules: PoolRules, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant that can no longer be a start: local midnight after the last day.

    A day for which requests are still collected is not yet one of the days.
    """
    day = now.astimezone(zone).date() + rules.horizon_days.value * A_DAY
    while drawn_at(rules, day, zone) > now:
        day -= A_DAY
    return local_day(day, zone).end


def starts_end(rules: PoolRules, proposal: Proposal) -> datetime:
    """Return the first instant at which nothing can start: the horizon, or a day being drawn."""
    end = horizon_end(rules, proposal.now, proposal.zone)
    return min((end, *(day.start for day in proposal.drawn)))


def collected_day(
    rules: PoolRules, now: datetime, zone: ZoneInfo
) -> tuple[Period, datetime] | None:
    """Return the day that requests are collected for now, and until when; None: no day."""
    day = horizon_end(rules, now, zone).astimezone(zone).date()
    opens, until = opens_at(rules, day, zone), drawn_at(rules, day, zone)
    return (local_day(day, zone), until) if opens <= now < until else None


def closed_from(rules: PoolRules, proposal: Proposal) -> datetime | None:
    """Return from when on nothing may be held by who comes first, because it opens fairly.

    None where it does not, and for whose turn it is: who is drawn may go on into the next day.
    """
    if not rules.fair_opening_minutes.value or proposal.its_turn:
        return None
    return starts_end(rules, proposal)


def horizon_violations(rules: PoolRules, p: Proposal) -> Iterator[Violation]:
    """Yield that a day is not open yet, or is collected or drawn for, with until when.

    Whose turn it is in the day's draw was collected in time, whatever the rule says by now.
    """
    start, fair, days = p.period.start, rules.fair_opening_minutes, rules.horizon_days
    end = horizon_end(rules, p.now, p.zone)
    if start >= end:
        day = start.astimezone(p.zone).date()
        opens = opens_at(rules, day, p.zone)
        if opens > p.now:
            yield Violation(
                "horizon", days.value, start, days.origin, MANAGERS, field="start",
                more={"opens": opens},
            )  # fmt: skip
        elif not p.its_turn:
            until = drawn_at(rules, day, p.zone)
            yield Violation("fair_opening", until, start, fair.origin, MANAGERS, field="start")
    elif any(day.start <= start < day.end for day in p.drawn):
        yield Violation("being_drawn", None, start, fair.origin, MANAGERS, field="start")
    else:
        yield from _reaching(rules, p)


def _reaching(rules: PoolRules, p: Proposal) -> Iterator[Violation]:
    """Yield that it reaches into a day that opens fairly; what it has there already it may keep."""
    closed, end = closed_from(rules, p), p.period.end
    if closed is None or end <= closed or (p.was is not None and end <= p.was.end):
        return
    until = drawn_at(rules, closed.astimezone(p.zone).date(), p.zone)
    origin = rules.fair_opening_minutes.origin
    yield Violation(
        "reaches_fair_day", until, end, origin, MANAGERS, field="end", more={"by": closed}
    )
