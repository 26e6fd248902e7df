"""Booking rules: plain values in, every violation out, with the nearest time that would pass."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from booking.core.errors import Violation
from booking.core.hours import MINUTES_A_DAY, WeeklyHours
from booking.core.period import Period
from booking.inventory.rules.sharing import Sharing

T = TypeVar("T")
MANAGERS = ("lab_manager", "operator")
# How far ahead the nearest passing time is looked for: two weeks hold every weekly window twice.
NEAREST_WITHIN = timedelta(days=14)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """A value and where it is set: default, pool or unit."""

    value: T
    origin: str = "default"


@dataclass(frozen=True, slots=True)
class PoolRules:
    """The rules that hold for one pool. Minutes, days, units, hours as the names say."""

    opening_hours: Rule[WeeklyHours | None] = Rule(None)  # None: always open
    granularity_minutes: Rule[int] = Rule(15)
    min_minutes: Rule[int] = Rule(15)
    max_minutes: Rule[int] = Rule(24 * 60)
    horizon_days: Rule[int] = Rule(60)
    warmup_minutes: Rule[int] = Rule(0)
    cleanup_minutes: Rule[int] = Rule(0)
    max_units: Rule[int] = Rule(20)
    decide_within_hours: Rule[int] = Rule(24)


DEFAULTS = PoolRules()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What someone wants to book, and the facts the rules ask for.

    `insider`: the pool is the person's own (shared hours do not bind). `units`: bookable units
    of the pool. `keeps_start`: a move that leaves the start alone may start in the past.
    """

    period: Period
    quantity: int
    now: datetime
    zone: ZoneInfo
    units: int
    insider: bool = False
    sharing: Sharing | None = None
    keeps_start: bool = False


def violations(rules: PoolRules, proposal: Proposal) -> tuple[Violation, ...]:
    """Return every broken rule, in a fixed order; empty when the proposal passes.

    Each violation of a time rule carries the nearest later period that breaks none of them.
    """
    timely = [*_start(rules, proposal), *_length(rules, proposal), *_hours(rules, proposal)]
    if timely:
        near = nearest(rules, proposal)
        timely = [_with_nearest(v, near) for v in timely]
    return (*timely, *_units(rules, proposal))


def nearest(rules: PoolRules, proposal: Proposal) -> Period | None:
    """Return the first period at or after the proposed start that breaks no time rule.

    Its length is the proposed one, clamped to the limits and rounded up to the grid; allocations
    are not looked at. None when there is none within two weeks and the horizon, or no length fits
    minimum, maximum and grid at once.
    """
    length = fitting_length(rules, proposal.period.minutes)
    if not rules.min_minutes.value <= length // MINUTE <= rules.max_minutes.value:
        return None
    first = max(proposal.period.start, proposal.now)
    until = first + NEAREST_WITHIN
    last_day = horizon_end(rules, proposal.now, proposal.zone)
    if first >= last_day:
        first, until = max(proposal.now, last_day - timedelta(days=1)), last_day
    spans = open_spans(rules, proposal, Period(first, min(until, last_day) + length))
    for span in spans:
        start = align_up(max(span.start, first), rules.granularity_minutes.value, proposal.zone)
        if start + length <= span.end and start < last_day:
            return Period(start, start + length)
    return None


def fitting_length(rules: PoolRules, minutes: int) -> timedelta:
    """Return the length nearest to `minutes` within minimum, maximum and grid."""
    step = rules.granularity_minutes.value
    wanted = min(max(minutes, rules.min_minutes.value), rules.max_minutes.value)
    up = -(-wanted // step) * step
    return timedelta(minutes=up if up <= rules.max_minutes.value else max(up - step, step))


def horizon_end(rules: PoolRules, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant that can no longer be a start: local midnight after the last day."""
    last = now.astimezone(zone).date() + timedelta(days=rules.horizon_days.value + 1)
    return datetime.combine(last, time(), tzinfo=zone).astimezone(UTC)


def open_spans(rules: PoolRules, proposal: Proposal, within: Period) -> list[Period]:
    """Return the spans of `within` in which opening and shared hours let this person book."""
    spans = [within]
    hours = rules.opening_hours.value
    if hours is not None:
        spans = _intersect(spans, hours.spans(within.start, within.end, proposal.zone))
    if proposal.insider:
        return spans
    if proposal.sharing is None:
        return []
    agreed = _agreed(proposal.sharing, within)
    spans = _intersect(spans, agreed)
    if proposal.sharing.hours is not None:
        shared = proposal.sharing.hours.spans(within.start, within.end, proposal.zone)
        spans = _intersect(spans, shared)
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
    days = rules.horizon_days
    if p.period.start >= horizon_end(rules, p.now, p.zone):
        yield Violation("horizon", days.value, p.period.start, days.origin, MANAGERS, field="start")
    step = rules.granularity_minutes
    if not p.keeps_start and align_up(p.period.start, step.value, p.zone) != p.period.start:
        yield Violation("granularity_start", step.value, None, step.origin, MANAGERS, field="start")


def _length(rules: PoolRules, p: Proposal) -> Iterator[Violation]:
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
    hours = rules.opening_hours
    if hours.value is not None and not hours.value.contains(p.period, p.zone):
        yield Violation("closed_hours", hours.value, None, hours.origin, MANAGERS, field="start")
    if p.insider:
        return
    if p.sharing is None or not _within_agreement(p.sharing, p.period):
        yield Violation("not_shared", None, None, "contribution", (), field="start")
    elif p.sharing.hours is not None and not p.sharing.hours.contains(p.period, p.zone):
        yield Violation(
            "outside_shared_hours", p.sharing.hours, None, "contribution", ("operator",),
            field="start",
        )  # fmt: skip


def _units(rules: PoolRules, p: Proposal) -> Iterator[Violation]:
    most = rules.max_units
    if p.quantity > most.value:
        yield Violation(
            "too_many_units", most.value, p.quantity, most.origin, MANAGERS, field="quantity"
        )
    if p.quantity > p.units:
        yield Violation("not_enough_units", p.units, p.quantity, "pool", (), field="quantity")


def _within_agreement(sharing: Sharing, period: Period) -> bool:
    ends = sharing.until_at
    return sharing.from_at <= period.start and (ends is None or period.end <= ends)


def _agreed(sharing: Sharing, within: Period) -> list[Period]:
    start = max(within.start, sharing.from_at)
    end = within.end if sharing.until_at is None else min(within.end, sharing.until_at)
    return [Period(start, end)] if start < end else []


def _intersect(first: list[Period], second: list[Period]) -> list[Period]:
    both = []
    for a in first:
        for b in second:
            if a.overlaps(b):
                both.append(Period(max(a.start, b.start), min(a.end, b.end)))
    return sorted(both)


def _with_nearest(violation: Violation, near: Period | None) -> Violation:
    return Violation(
        violation.code, violation.limit, violation.actual, violation.origin,
        violation.overridable_by, near, violation.field,
    )  # fmt: skip
