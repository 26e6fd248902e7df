"""What is looked for when a time is to be found, and how good an offer is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from booking.core.hours import MINUTES_A_DAY, WeeklyHours, Window

SOONEST, BEST = "soonest", "best"
SORTS = (SOONEST, BEST)
# Nothing is left of the marks of an offer that starts this late, or leaves this much time free.
LATE, LOOSE = timedelta(days=14), timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each mark counts, as whole numbers; all 0 counts every mark alike."""

    soonest: int
    fit: int
    near: int


@dataclass(frozen=True, slots=True)
class Score:
    """Marks from 0 to 100: starts soon, leaves little time unusable, is near; and their mean."""

    total: int
    soonest: int
    fit: int
    near: int


def weekly(
    weekdays: Collection[int], day_from: int | None, day_until: int | None
) -> WeeklyHours | None:
    """Return the hours in which a slot must lie; None when any will do.

    Weekdays are 1 (Monday) to 7, none for all; times are local minutes. An end at or before the
    start is on the next day.
    """
    if not weekdays and day_from is None and day_until is None:
        return None
    start, end = day_from or 0, MINUTES_A_DAY if day_until is None else day_until
    if end <= start:
        end += MINUTES_A_DAY
    days = sorted(set(weekdays)) or range(1, 8)
    return WeeklyHours(tuple(Window(day, start, end) for day in days))


def score(wait: timedelta, slack: timedelta, weights: Weights, *, near: bool | None) -> Score:
    """Return the marks of an offer that starts after `wait` and leaves `slack` around it.

    `near`: on the site of the person's company; None when that is not known.
    """
    marks = (_left(wait, LATE), _left(slack, LOOSE), 50 if near is None else 100 * near)
    counts = (weights.soonest, weights.fit, weights.near)
    if not any(counts):
        counts = (1, 1, 1)
    total = sum(m * c for m, c in zip(marks, counts, strict=True)) / sum(counts)
    return Score(round(total), *marks)


def _left(part: timedelta, whole: timedelta) -> int:
    return round(100 * max(0.0, 1 - part / whole))
