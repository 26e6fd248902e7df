"""Steps one after the other: the earliest sequence that keeps every gap. Pure, exact."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.core.period import Period


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its length, and the gap since the end of the step before (not for the first).

    `most_gap` None: any.
    """

    length: timedelta
    least_gap: timedelta = timedelta(0)
    most_gap: timedelta | None = None

    def follows(self, end: datetime, start: datetime) -> bool:
        """Return whether the step may start then, the one before having ended at `end`."""
        gap = start - end
        return gap >= self.least_gap and (self.most_gap is None or gap <= self.most_gap)


def earliest_sequence(
    steps: Sequence[Step], starts: Sequence[Sequence[datetime]]
) -> tuple[Period, ...] | None:
    """Return when each step is: the first as soon as can be, then the second, and so on.

    `starts` holds, in order, when each step may start. None when no sequence keeps the gaps.
    """
    fit = _that_lead_on(steps, starts)
    found: list[Period] = []
    for step, able in zip(steps, fit, strict=True):
        start = _first(step, able, found[-1].end if found else None)
        if start is None:
            return None
        found.append(Period(start, start + step.length))
    return tuple(found)


def in_a_row(steps: Sequence[Step], start: datetime) -> tuple[Period, ...]:
    """Return when each step is if the first starts then and each follows as soon as it may."""
    found: list[Period] = []
    for step in steps:
        begin = found[-1].end + step.least_gap if found else start
        found.append(Period(begin, begin + step.length))
    return tuple(found)


def common_starts(starts: Sequence[Sequence[datetime]]) -> list[datetime]:
    """Return the starts that all have, in order."""
    return sorted(set(starts[0]).intersection(*starts[1:])) if starts else []


def _that_lead_on(
    steps: Sequence[Step], starts: Sequence[Sequence[datetime]]
) -> list[Sequence[datetime]]:
    """Return of each step's starts those from which the last step can be reached."""
    fit: list[Sequence[datetime]] = [starts[-1]]
    for n in range(len(steps) - 2, -1, -1):
        following, step = steps[n + 1], steps[n]
        able = [s for s in starts[n] if _first(following, fit[0], s + step.length) is not None]
        fit.insert(0, able)
    return fit


def _first(step: Step, able: Sequence[datetime], end: datetime | None) -> datetime | None:
    """Return the first start that may follow the end of the step before (None: there is none)."""
    place = 0 if end is None else bisect_left(able, end + step.least_gap)
    if place == len(able):
        return None
    return able[place] if end is None or step.follows(end, able[place]) else None
