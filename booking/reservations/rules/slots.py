"""Earliest slots of a pool from its busy times: pure, exact, and on the booking grid."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.core.period import Period, intersect, merge, subtract
from booking.policies.rules.horizon import starts_end
from booking.policies.rules.proposal import Proposal
from booking.policies.rules.quota_starts import first_within
from booking.policies.rules.times import align_up, open_spans
from booking.policies.rules.values import PoolRules


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit of a pool: its state and its own buffers in minutes."""

    unit_id: int
    state: str
    warmup_minutes: int
    cleanup_minutes: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A free period, the units that would be held, best fit first, and the gap left around them."""

    period: Period
    unit_ids: tuple[int, ...]
    slack: timedelta = timedelta()


def earliest_slots(
    rules: PoolRules,
    proposal: Proposal,
    units: Sequence[UnitFacts],
    busy: Mapping[int, Sequence[Period]],
    window: Period,
    limit: int,
    passes: Callable[[Period], bool] = lambda _period: True,
    starts_in: Sequence[Period] | None = None,
) -> list[Slot]:
    """Return up to `limit` slots of the proposal's length that start in `window`, soonest first.

    The slots do not overlap one another. Each passes every time rule if booked at once by the
    proposal's person, and `proposal.quantity` units are free for it, buffers included. `busy`
    holds each unit's active blocks that meet the window widened by length and buffers. A slot
    that `passes` refuses is left out and the next one looked for. `starts_in`: disjoint spans in
    order outside which no slot starts.
    """
    length = proposal.period.length
    first = max(window.start, proposal.now)
    last = min(window.end, starts_end(rules, proposal))
    if first >= last:
        return []
    spans = open_spans(rules, proposal, Period(first, last + length))
    starts = [
        (u, s)
        for u in units
        for s in _limited(_start_spans(u, busy.get(u.unit_id, ()), spans, length), starts_in)
    ]
    step = rules.granularity_minutes.value
    found: list[Slot] = []
    cursor = first
    while len(found) < limit:
        start = _earliest(starts, cursor, last, step, proposal)
        if start is None:
            break
        period = Period(start, start + length)
        within = first_within(proposal.accounts, period, proposal.quantity, proposal.now, last)
        if within is None:
            break
        if within > start:
            cursor = within
            continue
        if not passes(period):
            cursor = start + timedelta(minutes=1)
            continue
        ready = [u for u, s in starts if s.start <= start < s.end]
        found.append(_fullest(period, ready, proposal.quantity, busy))
        cursor = period.end
    return found


def first_start(
    rules: PoolRules,
    proposal: Proposal,
    window: Period,
    starts_in: Sequence[Period] | None = None,
) -> datetime | None:
    """Return the first start in `window` that time rules allow, if nothing at all were held.

    No slot of `earliest_slots` starts before it.
    """
    length = proposal.period.length
    first = max(window.start, proposal.now)
    last = min(window.end, starts_end(rules, proposal))
    if first >= last:
        return None
    spans = open_spans(rules, proposal, Period(first, last + length))
    step = rules.granularity_minutes.value
    for span in _limited(starts_of(spans, length), starts_in):
        point = align_up(max(span.start, first), step, proposal.zone)
        if point < min(span.end, last):
            return point
    return None


def free_starts(
    rules: PoolRules,
    proposal: Proposal,
    units: Sequence[UnitFacts],
    busy: Mapping[int, Sequence[Period]],
    window: Period,
) -> list[Period]:
    """Return where one of the units could start, off the grid too: disjoint spans in order."""
    length = proposal.period.length
    spans = open_spans(rules, proposal, Period(window.start, window.end + length))
    return merge(
        span
        for unit in units
        for span in _start_spans(unit, busy.get(unit.unit_id, ()), spans, length)
    )


def best_units(
    units: Sequence[UnitFacts], busy: Mapping[int, Sequence[Period]], period: Period
) -> list[UnitFacts]:
    """Return the units free for `period` with their buffers, best fit first."""
    ready = [
        unit
        for unit in units
        if not any(
            block.overlaps(period.widened(unit.warmup_minutes, unit.cleanup_minutes))
            for block in busy.get(unit.unit_id, ())
        )
    ]
    return sorted(ready, key=lambda u: (gap(busy.get(u.unit_id, ()), period), u.unit_id))


def starts_of(spans: Iterable[Period], length: timedelta) -> list[Period]:
    """Return where what lasts `length` may start within each span: [first start, last start]."""
    # Half-open, so that the last possible start is inside.
    return [
        Period(span.start, span.end - length + timedelta(seconds=1))
        for span in spans
        if span.length >= length
    ]


def all_starts(
    rules: PoolRules,
    proposal: Proposal,
    units: Sequence[UnitFacts],
    busy: Mapping[int, Sequence[Period]],
    window: Period,
) -> list[datetime]:
    """Return every start in `window` at which the proposal's length could be had, in order.

    As `earliest_slots`, but each point of the grid. Starts of one list may overlap.
    """
    length = proposal.period.length
    first = max(window.start, proposal.now)
    last = min(window.end, starts_end(rules, proposal))
    if first >= last:
        return []
    spans = open_spans(rules, proposal, Period(first, last + length))
    changes: list[tuple[datetime, int]] = []
    for unit in units:
        for span in _start_spans(unit, busy.get(unit.unit_id, ()), spans, length):
            changes += [(span.start, 1), (span.end, -1)]
    ready, found, step = 0, [], rules.granularity_minutes.value
    changes.sort()
    for (moment, change), (until, _next) in zip(changes, changes[1:], strict=False):
        ready += change
        if ready < proposal.quantity:
            continue
        point = align_up(max(moment, first), step, proposal.zone)
        while point < min(until, last):
            found.append(point)
            point = align_up(point + timedelta(minutes=1), step, proposal.zone)
    return found


def gap(blocks: Iterable[Period], period: Period) -> timedelta:
    """Return the smaller-is-better measure of best fit: free time left before plus after."""
    far = timedelta(days=30)
    left = min((period.start - b.end for b in blocks if b.end <= period.start), default=far)
    right = min((b.start - period.end for b in blocks if b.start >= period.end), default=far)
    return min(left, far) + min(right, far)


def _start_spans(
    unit: UnitFacts, blocks: Iterable[Period], spans: Iterable[Period], length: timedelta
) -> list[Period]:
    """Return where a booking of `length` may start on the unit: [first start, last start]."""
    widened = [b.widened(unit.cleanup_minutes, unit.warmup_minutes) for b in blocks]
    taken = merge(widened)
    return starts_of((free for span in spans for free in subtract(span, taken)), length)


def _limited(spans: list[Period], starts_in: Sequence[Period] | None) -> list[Period]:
    return spans if starts_in is None else intersect(spans, starts_in)


def _fullest(
    period: Period,
    ready: Sequence[UnitFacts],
    quantity: int,
    busy: Mapping[int, Sequence[Period]],
) -> Slot:
    """Return the slot on so many of these units, those first that are left the least free."""
    gaps = sorted((gap(busy.get(unit.unit_id, ()), period), unit.unit_id) for unit in ready)
    chosen = gaps[:quantity]
    return Slot(period, tuple(unit_id for _slack, unit_id in chosen), chosen[-1][0])


def _earliest(
    starts: Sequence[tuple[UnitFacts, Period]],
    cursor: datetime,
    last: datetime,
    step: int,
    proposal: Proposal,
) -> datetime | None:
    """Return the first grid point from `cursor` on at which enough units could start."""
    # The number of ready units only rises where a span begins: only those points need a look.
    points = {
        align_up(max(span.start, cursor), step, proposal.zone)
        for _, span in starts
        if span.end > cursor
    }
    for point in sorted(points):
        if point >= last:
            return None
        ready = sum(1 for _, span in starts if span.start <= point < span.end)
        if ready >= proposal.quantity:
            return point
    return None
