"""What a group is asked to be, and how a series' rule changes when a part of it does: pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from booking.core.errors import Invalid
from booking.core.period import Period, to_epoch
from booking.reservations.rules.proposal import BookingRequest, require_text
from booking.reservations.rules.recurrence import Recurrence, occurrences, rule_days

MOST_PARTS = 20  # of a bundle or chain; below the 50 pools that one transaction may lock
MOST_TITLE = 120


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
