"""What a group is asked to be, and how a series' rule changes when a part of it does: pure."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import ClassVar
from zoneinfo import ZoneInfo

from booking.core.errors import Invalid
from booking.core.period import Period, to_epoch
from booking.reservations.rules.proposal import BookingRequest, require_text
from booking.reservations.rules.recurrence import Recurrence, occurrences, rule_days
from booking.reservations.rules.sequences import Step

MOST_PARTS = 20  # of a bundle or chain; below the 50 pools that one transaction may lock
MOST_STEPS = 8  # of a chain: every start of every step is looked at
MOST_TITLE = 120
LONGEST_GAP = 14 * 24 * 60  # minutes
LONGEST_SEARCH = timedelta(days=31)


class OnProblem(Enum):
    """What becomes of a series when some of its occurrences cannot be as asked."""

    REFUSE = "refuse"  # all or nothing
    SKIP = "skip"  # they are left out
    SHIFT = "shift"  # they take the nearest time that passes; left out where there is none


class Scope(Enum):
    """How far a change of a group reaches; what is past never changes."""

    ONE = "one"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Part:
    """One reservation of a group: its position from 0, what is asked, its day in a series."""

    position: int
    request: BookingRequest
    day: str | None = None


@dataclass(frozen=True, slots=True)
class SeriesWanted:
    """A series: the request of its first time, its rule, and the zone it keeps local time in.

    `zone` None: the pool's. `seen` is the `digest` of the preview that was agreed to, if any.
    """

    request: BookingRequest
    rule: Recurrence
    zone: str | None = None
    title: str = ""
    on_problem: OnProblem = OnProblem.REFUSE
    seen: str = ""


@dataclass(frozen=True, slots=True)
class BundleWanted:
    """Several pools at the same time, all or nothing."""

    requests: tuple[BookingRequest, ...]
    title: str = ""
    kind: ClassVar[str] = "bundle"


@dataclass(frozen=True, slots=True)
class ChainWanted:
    """Steps one after the other, the earliest that can be had from the first request's start on.

    The times of a request give only its step's length. `until`: when the last must have ended.
    """

    requests: tuple[BookingRequest, ...]
    gaps: tuple[tuple[int, int | None], ...]  # minutes before each step but the first: least, most
    until: datetime | None = None
    title: str = ""
    kind: ClassVar[str] = "chain"

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps as the search wants them."""
        gaps = ((0, None), *self.gaps)
        return tuple(
            Step(
                request.end - request.start,
                timedelta(minutes=least),
                None if most is None else timedelta(minutes=most),
            )
            for request, (least, most) in zip(self.requests, gaps, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Series:
    """A series as it is kept: its rule, and first local time (naive) in its zone."""

    rule: Recurrence
    first: datetime
    zone: ZoneInfo

    def days(self) -> list[date]:
        """Return the days the rule means, exceptions too, in order."""
        whole = replace(self.rule, exceptions=frozenset())
        found = occurrences(whole, self.first, timedelta(minutes=1), self.zone)
        return [occurrence.day for occurrence in found]

    def before(self, index: int) -> "Series":
        """Return the part that ends before the `index`-th day (not 0)."""
        day = self.days()[index]
        kept = frozenset(e for e in self.rule.exceptions if e < day)
        return replace(self, rule=replace(self.rule, count=index, until=None, exceptions=kept))

    def since(self, index: int) -> "Series":
        """Return the part that begins with the `index`-th day."""
        days = self.days()
        kept = frozenset(e for e in self.rule.exceptions if e >= days[index])
        rule = replace(self.rule, count=len(days) - index, until=None, exceptions=kept)
        return replace(self, rule=rule, first=datetime.combine(days[index], self.first.time()))

    def regained(self, index: int, day: date) -> "Series | None":
        """Return the series with its `index`-th day again, longer if need be; None: no such day.

        What lies between its end and that day are exceptions.
        """
        days = self.days()
        if index < len(days):
            kept = self.rule.exceptions - {day}
            return replace(self, rule=replace(self.rule, exceptions=kept))
        longer = replace(self, rule=replace(self.rule, count=index + 1, until=None))
        more = longer.days()
        if more[-1] != day:
            return None
        skipped = self.rule.exceptions.union(more[len(days) : index])
        return replace(longer, rule=replace(longer.rule, exceptions=skipped))

    def moved(self, start: datetime) -> "Series":
        """Return the series begun at the local time `start`, each day moved by as many days.

        Raises Invalid when no rule of its kind says those days.
        """
        by = start.date() - self.first.date()
        shifted = sorted((day - 1 + by.days) % 7 + 1 for day in self.rule.weekdays)
        rule = replace(
            self.rule, weekdays=tuple(shifted),
            exceptions=frozenset(day + by for day in self.rule.exceptions),
        )  # fmt: skip
        found = replace(self, rule=rule, first=start)
        if by and list(found.days()) != [day + by for day in self.days()]:
            raise Invalid("series_day_shift", field="start")
        return found


def require_chain(wanted: ChainWanted) -> None:
    """Raise Invalid unless gaps and end are such that a sequence may be found."""
    require_parts(wanted.requests, wanted.kind)
    if len(wanted.gaps) != len(wanted.requests) - 1:
        raise Invalid("gaps_needed", field="parts")
    for least, most in wanted.gaps:
        if not 0 <= least <= (LONGEST_GAP if most is None else most) <= LONGEST_GAP:
            raise Invalid("out_of_range", field="gap", least=0, most=LONGEST_GAP, actual=least)
    since = wanted.requests[0].start
    if wanted.until is not None and not since < wanted.until <= since + LONGEST_SEARCH:
        raise Invalid("too_long_period", field="until", limit=LONGEST_SEARCH.days)


def require_parts(requests: Sequence[BookingRequest], kind: str) -> None:
    """Raise Invalid unless there are two parts at least, and not too many."""
    most = MOST_STEPS if kind == "chain" else MOST_PARTS
    if not 2 <= len(requests) <= most:
        raise Invalid("out_of_range", field="parts", least=2, most=most, actual=len(requests))


def require_title(title: str) -> str:
    """Return the title in its form to keep. Raises Invalid when it is too long."""
    require_text("title", title)
    if len(title.strip()) > MOST_TITLE:
        raise Invalid("too_long_text", field="title", limit=MOST_TITLE)
    return title.strip()


def series_parts(wanted: SeriesWanted, period: Period, zone: ZoneInfo) -> tuple[Part, ...]:
    """Return the occurrences as parts; a position is the day's among all the rule means."""
    first = period.start.astimezone(zone).replace(tzinfo=None)
    found = occurrences(wanted.rule, first, period.length, zone)
    places = {day: n for n, day in enumerate(rule_days(wanted.rule, first.date()))}
    return tuple(
        Part(
            places[occurrence.day],
            replace(
                wanted.request, start=occurrence.period.start, end=occurrence.period.end,
                idempotency_key=None,
            ),
            occurrence.day.isoformat(),
        )
        for occurrence in found
    )  # fmt: skip


def digest(times: Iterable[tuple[int, Period]]) -> str:
    """Return a short hash of which positions are booked when: the same preview, the same hash."""
    plain = [(n, to_epoch(p.start), to_epoch(p.end)) for n, p in sorted(times)]
    return hashlib.sha256(repr(plain).encode()).hexdigest()[:16]
