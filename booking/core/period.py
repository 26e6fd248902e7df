"""Half-open spans of time [start, end) in aware UTC, and arithmetic on them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# Every zone's midnight lies on one: cells of time that can be added up to local days.
CELL_SECONDS = 900
CELLS_A_DAY = 96


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """A span [start, end); the end is not included. Raises ValueError if empty or naive."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a period needs aware times")
        if self.end <= self.start:
            raise ValueError("a period ends after it starts")

    @property
    def length(self) -> timedelta:
        """Return end minus start."""
        return self.end - self.start

    @property
    def minutes(self) -> int:
        """Return the length in whole minutes, rounded down."""
        return int(self.length.total_seconds() // 60)

    def overlaps(self, other: "Period") -> bool:
        """Return whether the two share an instant; touching ends do not.

        >>> a = Period(datetime(2026, 1, 1, 9, tzinfo=UTC), datetime(2026, 1, 1, 10, tzinfo=UTC))
        >>> b = Period(datetime(2026, 1, 1, 10, tzinfo=UTC), datetime(2026, 1, 1, 11, tzinfo=UTC))
        >>> a.overlaps(b)
        False
        """
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Period") -> bool:
        """Return whether `other` lies fully inside."""
        return self.start <= other.start and other.end <= self.end

    def widened(self, before_minutes: int, after_minutes: int) -> "Period":
        """Return the period with warm-up before and clean-up after."""
        return Period(
            self.start - timedelta(minutes=before_minutes),
            self.end + timedelta(minutes=after_minutes),
        )

    def shifted(self, by: timedelta) -> "Period":
        """Return the period moved by `by`."""
        return Period(self.start + by, self.end + by)


def intersect(first: Sequence[Period], second: Sequence[Period]) -> list[Period]:
    """Return what two lists of disjoint periods in order have in common, in order."""
    found, i, k = [], 0, 0
    while i < len(first) and k < len(second):
        a, b = first[i], second[k]
        if a.overlaps(b):
            found.append(Period(max(a.start, b.start), min(a.end, b.end)))
        if a.end <= b.end:
            i += 1
        else:
            k += 1
    return found


def subtract(whole: Period, taken: Iterable[Period]) -> list[Period]:
    """Return the parts of `whole` that no period of `taken` covers, in order."""
    parts: list[Period] = []
    cursor = whole.start
    for gap in sorted(p for p in taken if p.overlaps(whole)):
        if gap.start > cursor:
            parts.append(Period(cursor, gap.start))
        cursor = max(cursor, gap.end)
    if cursor < whole.end:
        parts.append(Period(cursor, whole.end))
    return parts


def merge(periods: Iterable[Period]) -> list[Period]:
    """Return the union as disjoint periods in order; touching ones are joined."""
    joined: list[Period] = []
    for period in sorted(periods):
        if joined and period.start <= joined[-1].end:
            joined[-1] = Period(joined[-1].start, max(joined[-1].end, period.end))
        else:
            joined.append(period)
    return joined


def from_epoch(seconds: int) -> datetime:
    """Return the aware UTC instant of whole epoch seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def to_epoch(instant: datetime) -> int:
    """Return whole epoch seconds of an aware instant; a fraction is cut off."""
    return int(instant.timestamp())
