"""The rules of time: when a start may be, how long it may last, when it is open; and the nearest
time that would pass.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.core.errors import Violation
from booking.core.hours import MINUTES_A_DAY
from booking.core.period import Period, intersect, subtract
from booking.policies.rules.calendar import Calendar, local_day
from booking.policies.rules.horizon import closed_from, horizon_violations, starts_end
from booking.policies.rules.levels import level_spans
from booking.policies.rules.people import barred, person_time_violations
from booking.policies.rules.proposal import Proposal
from booking.policies.rules.quota_starts import first_within
from booking.policies.rules.quotas import quota_violations
from booking.policies.rules.values import MANAGERS, NEVER, PoolRules, too_late

# How far ahead the nearest passing time is looked for: two weeks hold every weekly window twice.
NEAREST_WITHIN = timedelta(days=14)
MINUTE = timedelta(minutes=1)


def time_violations(rules: PoolRules, proposal: Proposal) -> Iterator[Violation]:
    """Yield every broken rule of time, in a fixed order, without a nearest time."""
    yield from _start(rules, proposal)
    yield from length_violations(rules, proposal)
    yield from _hours(rules, proposal)
    yield from person_time_violations(rules, proposal)
    yield from quota_violations(proposal.accounts, proposal.period, proposal.quantity, proposal.now)


def nearest(rules: PoolRules, proposal: Proposal) -> Period | None:
    """Return the nearest period that breaks no time rule: ended sooner, else from a later start.

    Ended sooner when the start may stay and half of the time is left. Else its length is the
    proposed one, clamped to the limits and rounded up to the grid; allocations are not looked at.
    None when there is none within two weeks and the horizon, or no length fits minimum, maximum
    and grid at once.
    """
    length = fitting_length(rules, proposal.period.minutes)
    if not rules.min_minutes.value <= length // MINUTE <= rules.max_minutes.value:
        return None
    sooner = _ended_sooner(rules, proposal, length)
    if sooner is not None:
        return sooner
    first = max(proposal.period.start, proposal.now)
    until = first + NEAREST_WITHIN
    last_day = starts_end(rules, proposal)
    if first >= last_day:
        first, until = max(proposal.now, last_day - timedelta(days=1)), last_day
    if first >= last_day:  # not even today is open
        return None
    spans = open_spans(rules, proposal, Period(first, min(until, last_day) + length))
    for span in spans:
        start = _first_start(rules, proposal, Period(max(span.start, first), span.end), length)
        if start is not None and start < last_day:
            return Period(start, start + length)
    return None


def _ended_sooner(rules: PoolRules, p: Proposal, length: timedelta) -> Period | None:
    """Return the proposed start with an earlier end that passes; None where only another would."""
    start, step = p.period.start, rules.granularity_minutes.value
    if start < p.now or start >= starts_end(rules, p) or align_up(start, step, p.zone) != start:
        return None
    spans = open_spans(rules, p, Period(start, start + length))
    if not spans or spans[0].start != start:
        return None
    minutes = (spans[0].end - start) // MINUTE // step * step
    if not max(rules.min_minutes.value, length / MINUTE / 2) <= minutes < length / MINUTE:
        return None
    cut = Period(start, start + minutes * MINUTE)
    fits = first_within(p.accounts, cut, p.quantity, p.now, cut.end) == start
    return cut if fits else None


def _first_start(rules: PoolRules, p: Proposal, span: Period, length: timedelta) -> datetime | None:
    """Return the first start on the grid that fits into `span` and exceeds no quota."""
    start: datetime | None = span.start
    while start is not None:
        aligned = align_up(start, rules.granularity_minutes.value, p.zone)
        if aligned + length > span.end:
            return None
        wanted = Period(aligned, aligned + length)
        start = first_within(p.accounts, wanted, p.quantity, p.now, span.end)
        if start == aligned:
            return aligned
    return None


def fitting_length(rules: PoolRules, minutes: int) -> timedelta:
    """Return the length nearest to `minutes` within minimum, maximum and grid."""
    step = rules.granularity_minutes.value
    wanted = min(max(minutes, rules.min_minutes.value), rules.max_minutes.value)
    up = -(-wanted // step) * step
    return timedelta(minutes=up if up <= rules.max_minutes.value else max(up - step, step))


def earliest_start(rules: PoolRules, proposal: Proposal) -> datetime | None:
    """Return the first instant that may still be a start; None: there is none.

    By create-latest, and a minute ahead where somebody else has to agree.
    """
    lead, minute = rules.create_latest_minutes.value, proposal.now.replace(second=0)
    if lead == NEVER:
        return None
    first = datetime.min.replace(tzinfo=UTC) if lead is None else minute + lead * MINUTE
    return max(first, minute + MINUTE) if proposal.needs_decision else first


def open_spans(rules: PoolRules, proposal: Proposal, within: Period) -> list[Period]:
    """Return the spans of `within` in which this person may book.

    By hours, days, notice, sharing, their qualification and their other reservations; quotas are
    asked for each start: `quotas.first_within`.
    """
    first, closed = earliest_start(rules, proposal), closed_from(rules, proposal)
    if closed is not None:
        if closed <= within.start:
            return []
        within = Period(within.start, min(within.end, closed))
    if rules.level.value:
        ends = proposal.person.qualified_until(rules.level.value)
        if ends is None or ends <= within.start:
            return []
        within = Period(within.start, min(within.end, ends))
    if first is None or first >= within.end:
        return []
    spans = _opening(rules, proposal, Period(max(first, within.start), within.end))
    if rules.off_hours_level.value > rules.level.value:
        spans = intersect(spans, level_spans(rules, proposal, within))
    if not rules.overnight.value:
        spans = intersect(spans, _days(within, proposal.zone))
    taken = barred(rules, proposal)
    if taken:
        spans = [part for span in spans for part in subtract(span, taken)]
    if proposal.insider:
        return spans
    if proposal.sharing is None:
        return []
    spans = intersect(spans, proposal.sharing.spans(within))
    if proposal.sharing.hours is not None:
        shared = proposal.sharing.hours.spans(within.start, within.end, proposal.zone)
        spans = intersect(spans, shared)
    return spans


def align_up(moment: datetime, step_minutes: int, zone: ZoneInfo) -> datetime:
    """Return the first grid point at or after `moment`; the grid starts at local midnight."""
    while True:
        local = moment.astimezone(zone)
        seconds = local.hour * 3600 + local.minute * 60 + local.second
        steps, rest = divmod(seconds, step_minutes * 60)
        if not rest:
            return moment
        # Wall-clock minutes: on a day of DST change the grid follows what people read off the wall.
        minutes = min((steps + 1) * step_minutes, MINUTES_A_DAY)
        days, minutes = divmod(minutes, MINUTES_A_DAY)
        wall = datetime.combine(
            local.date() + timedelta(days=days), time(minutes // 60, minutes % 60), tzinfo=zone
        )
        # A time the clock skips comes out after the gap, and need not be on the grid: once more.
        moment = wall.replace(fold=local.fold).astimezone(UTC)


def _start(rules: PoolRules, p: Proposal) -> Iterator[Violation]:
    if not p.keeps_start and p.period.start < p.now.replace(second=0):
        # A walk-in that has begun can still be written down; one that has ended cannot.
        who = MANAGERS if p.period.end > p.now else ()
        yield Violation("past", None, p.period.start, "default", who, field="start")
    elif p.needs_decision and (p.period.end if p.keeps_start else p.period.start) <= p.now:
        # It would have expired before anybody could agree (DESIGN §7).
        yield Violation("no_time_to_decide", None, p.period.start, "pool", (), field="start")
    yield from horizon_violations(rules, p)
    lead = rules.create_latest_minutes
    if lead.value is not None and not p.keeps_start and too_late(lead.value, p.period.start, p.now):
        yield Violation(
            "too_late", lead.value, p.period.start, lead.origin, MANAGERS, field="start"
        )
    step = rules.granularity_minutes
    if not p.keeps_start and align_up(p.period.start, step.value, p.zone) != p.period.start:
        yield Violation("granularity_start", step.value, None, step.origin, MANAGERS, field="start")


def length_violations(rules: PoolRules, p: Proposal) -> Iterator[Violation]:
    """Yield every broken rule on how long it lasts: broken at any time or never."""
    minutes = p.period.minutes
    least, most, step = rules.min_minutes, rules.max_minutes, rules.granularity_minutes
    if minutes < least.value:
        yield Violation("too_short", least.value, minutes, least.origin, MANAGERS, field="end")
    if minutes > most.value:
        yield Violation("too_long", most.value, minutes, most.origin, MANAGERS, field="end")
    if minutes % step.value:
        yield Violation(
            "granularity_length", step.value, minutes, step.origin, MANAGERS, field="end"
        )


def _hours(rules: PoolRules, p: Proposal) -> Iterator[Violation]:
    yield from _open(rules, p)
    if not rules.overnight.value and len(_days(p.period, p.zone)) > 1:
        origin = rules.overnight.origin
        yield Violation("overnight", None, None, origin, MANAGERS, field="end")
    if p.insider:
        return
    if p.sharing is None or not p.sharing.agreed(p.period):
        yield Violation("not_shared", None, None, "contribution", (), field="start")
    elif p.sharing.paused(p.period):
        until = p.sharing.paused_until
        yield Violation("sharing_paused", until, None, "contribution", (), field="start")
    elif p.sharing.hours is not None and not p.sharing.hours.contains(p.period, p.zone):
        yield Violation(
            "outside_shared_hours", p.sharing.hours, None, "contribution", ("operator",),
            field="start",
        )  # fmt: skip


def _open(rules: PoolRules, p: Proposal) -> Iterator[Violation]:
    hours = rules.opening_hours
    if hours.value is None or hours.value.contains(p.period, p.zone):
        if not any(s.contains(p.period) for s in _opening(rules, p, p.period)):
            origin = rules.holidays.origin
            yield Violation("holiday", None, p.period.start, origin, MANAGERS, field="start")
    elif not any(span.contains(p.period) for span in _opening(rules, p, p.period)):
        yield Violation("closed_hours", hours.value, None, hours.origin, MANAGERS, field="start")


def opening(rules: PoolRules, calendar: Calendar, zone: ZoneInfo, within: Period) -> list[Period]:
    """Return the spans of `within` that the opening hours leave open, by the calendar too."""
    hours = rules.opening_hours.value
    if rules.holidays.value == "closed" and calendar.days:
        spans = calendar.open_spans(hours, within.start, within.end, zone)
        return intersect([within], spans)
    if hours is None:
        return [within]
    return intersect([within], hours.spans(within.start, within.end, zone))


def _opening(rules: PoolRules, proposal: Proposal, within: Period) -> list[Period]:
    return opening(rules, proposal.calendar, proposal.zone, within)


def _days(period: Period, zone: ZoneInfo) -> list[Period]:
    """Return the local days that `period` meets, whole and in order."""
    days = [local_day(period.start.astimezone(zone).date(), zone)]
    while days[-1].end < period.end:
        days.append(local_day(days[-1].end.astimezone(zone).date(), zone))
    return days
