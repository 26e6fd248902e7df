"""When, from a time on, quotas would let somebody book."""

from datetime import date, datetime, timedelta

from booking.core.local import midnight
from booking.core.period import Period
from booking.policies.rules.quotas import DAY, Account, counted_parts, exceeded

MINUTE = timedelta(minutes=1)


def first_within(
    accounts: tuple[Account, ...], period: Period, quantity: int, now: datetime, until: datetime
) -> datetime | None:
    """Return the first start from that of `period` on, before `until`, that exceeds no quota.

    In whole minutes later; None when there is none. Exact: no start that passes is skipped.
    """
    start = period.start
    while start < until:
        here = Period(start, start + period.length)
        later = start
        for account in accounts:
            for first, last, _cost, left in exceeded(account, here, quantity, now):
                if account.quota.period == "future":
                    return None
                later = max(later, _past(account, here, quantity, (first, last), left))
        if later == start:
            return start
        start = later
    return None


def _past(
    account: Account, period: Period, quantity: int, window: tuple[date, date], left: int
) -> datetime:
    """Return the first start after that of `period` at which the window's use is `left` or less."""
    first, last = window
    bounds = Period(midnight(first, account.zone), midnight(last + DAY, account.zone))
    length = period.length
    if account.quota.measure == "count":
        return _past_count(account, period, bounds)
    spans = counted_parts(account.quota, account.zone, bounds)
    edges = {edge for span in spans for edge in (span.start - length, span.start,
                                                 span.end - length, span.end)}  # fmt: skip
    points = [period.start, *sorted(edge for edge in edges if edge > period.start)]
    costs = [_use_at(point, length, spans) * quantity for point in points]
    # The use is a line between two points: the crossing is where it comes down to what is left.
    at = next(n for n, cost in enumerate(costs) if cost <= left)
    before, after = points[at - 1], points[at]
    share = (costs[at - 1] - left) / (costs[at - 1] - costs[at])
    crossing = before + (after - before) * share
    return min(_whole_minute(crossing, period.start), max(after, period.start + MINUTE))


def _past_count(account: Account, period: Period, bounds: Period) -> datetime:
    """Return the first later start outside the window, or of a period outside the hours."""
    length, hours = period.length, account.quota.hours
    if hours is None:
        return bounds.end
    start = period.start
    for span in hours.spans(start, bounds.end + length, account.zone):
        if span.start >= start + length:
            break
        start = max(start, span.end)
    return min(max(start, period.start + MINUTE), bounds.end)


def _whole_minute(moment: datetime, start: datetime) -> datetime:
    minutes = -((start - moment) // MINUTE)
    return start + max(minutes, 1) * MINUTE


def _use_at(start: datetime, length: timedelta, spans: list[Period]) -> int:
    end = start + length
    return sum(
        int((min(end, s.end) - max(start, s.start)).total_seconds())
        for s in spans
        if s.start < end and start < s.end
    )
