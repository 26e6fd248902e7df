"""Buffers of neighbours that give way: one shared by two, or used with a manager's leave. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from booking.core.period import Period
from booking.reservations.rules.slots import UnitFacts


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What stands beside a period; `shown` is None for what never gives way (a closure, a hold).

    `shares`: it is of the same person or chain, and the pool lets these share a buffer.
    """

    allocation_id: int
    block: Period
    shown: Period | None
    shares: bool = False


@dataclass(frozen=True, slots=True)
class Squeezed:
    """What the new one blocks, and the shorter blocks of its neighbours by allocation."""

    block: Period
    others: tuple[tuple[int, Period], ...]


def squeezed(
    unit: UnitFacts, period: Period, neighbours: Sequence[Neighbour], *, override: bool
) -> Squeezed | None:
    """Return how `period` fits among its neighbours when buffers give way; None if it does not.

    Shown times never meet. Between two that share there stays the longer of their two buffers;
    with `override` nothing need stay. The new one keeps as much of its own as there is room for.
    """
    whole = period.widened(unit.warmup_minutes, unit.cleanup_minutes)
    start, end, others = whole.start, whole.end, []
    for one in neighbours:
        # What lies behind a neighbour that ends its buffer is not met any more.
        if not one.block.overlaps(Period(start, end)):
            continue
        if one.shown is None or one.shown.overlaps(period):
            return None
        before = one.shown.end <= period.start
        if not override and not (one.shares and _leaves_one(one.block, one.shown, unit, period)):
            return None
        if before:
            start = max(start, one.shown.end)
            others.append((one.allocation_id, Period(one.block.start, max(one.shown.end, start))))
        else:
            end = min(end, one.shown.start)
            others.append((one.allocation_id, Period(min(one.shown.start, end), one.block.end)))
    return Squeezed(Period(start, end), tuple(others))


def _leaves_one(block: Period, shown: Period, unit: UnitFacts, period: Period) -> bool:
    """Return whether the longer of the two buffers between neighbours fits between them."""
    if shown.end <= period.start:
        theirs, mine = block.end - shown.end, timedelta(minutes=unit.warmup_minutes)
        return period.start - shown.end >= max(theirs, mine)
    theirs, mine = shown.start - block.start, timedelta(minutes=unit.cleanup_minutes)
    return shown.start - period.end >= max(theirs, mine)
