"""Levels of qualification: what counts at a pool, and which one is needed when."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from booking.core.errors import Violation
from booking.core.hours import WeeklyHours
from booking.core.period import Period, intersect
from booking.policies.rules.proposal import FOR_EVER, Proposal, Qualified
from booking.policies.rules.tree import OfPlace, Place
from booking.policies.rules.values import MANAGERS, PoolRules

TRAINER = 4  # may train others; 1 to 3: with somebody beside them, in staffed hours, at any hour
OF_LEVEL = (
    "level", "off_hours_level", "staffed_days", "staffed_from_minute", "staffed_until_minute",
)  # fmt: skip
_LAST_WEEKDAY = {"workdays": 5, "six_days": 6, "daily": 7}


class Held(OfPlace, Protocol):
    """A qualification that was not revoked: for a pool or class, at a level, perhaps suspended."""

    @property
    def level(self) -> int: ...
    @property
    def valid_until(self) -> datetime | None: ...
    @property
    def suspended_at(self) -> datetime | None: ...


def counted(place: Place, held: Iterable[Held]) -> tuple[Qualified, ...]:
    """Return what counts at a pool of what somebody holds; nothing while suspended there.

    What the pool's lab accepts of others counts up to the level it accepts.
    """
    here, elsewhere = [], []
    for one in held:
        if one.pool_id == place.pool_id or one.category_code in place.categories:
            if one.suspended_at is not None:
                return ()
            here.append(Qualified(one.level, one.valid_until or FOR_EVER))
        elif place.accepts and one.suspended_at is None:
            most = max((a.most_level for a in place.accepts if a.is_of(one)), default=0)
            if most:
                elsewhere.append(Qualified(min(one.level, most), one.valid_until or FOR_EVER))
    return (*here, *elsewhere)


def staffed_hours(rules: PoolRules) -> WeeklyHours:
    """Return the hours of the week in which the lab is there; none that end before they begin."""
    return _hours(
        rules.staffed_days.value, rules.staffed_from_minute.value, rules.staffed_until_minute.value
    )


def level_time_violations(rules: PoolRules, p: Proposal) -> Iterator[Violation]:
    """Yield what another time could mend: a level that ends, or one that is not for off hours."""
    needed, more = rules.level, rules.off_hours_level
    ends = p.person.qualified_until(needed.value) if needed.value else FOR_EVER
    if ends is None:  # no time would mend it
        return
    if p.period.end > ends:
        yield Violation("level_ends", needed.value, ends, needed.origin, MANAGERS, field="end")
    elif more.value > needed.value and not _staffed(rules, p):
        ends = p.person.qualified_until(more.value)
        if ends is None:
            yield Violation(
                "level_off_hours", more.value, p.person.level, more.origin, MANAGERS,
                field="start", more={"hours": staffed_hours(rules), "pool_id": p.pool_id},
            )  # fmt: skip
        elif p.period.end > ends:
            yield Violation("level_ends", more.value, ends, more.origin, MANAGERS, field="end")


def level_spans(rules: PoolRules, p: Proposal, within: Period) -> list[Period]:
    """Return the spans of `within` for which the person has the level off hours, or needs none.

    In order; those after a level's end begin at it, so none lies across that.
    """
    ends = p.person.qualified_until(rules.off_hours_level.value)
    if ends is not None and ends >= within.end:
        return [within]
    first = max(within.start, ends) if ends is not None else within.start
    free = [Period(within.start, ends)] if ends is not None and ends > within.start else []
    return [*free, *_spans(rules, p, Period(first, within.end))]


def _staffed(rules: PoolRules, p: Proposal) -> bool:
    return any(span.contains(p.period) for span in _spans(rules, p, p.period))


def _spans(rules: PoolRules, p: Proposal, within: Period) -> list[Period]:
    found = p.calendar.open_spans(staffed_hours(rules), within.start, within.end, p.zone)
    return intersect([within], found)


@lru_cache(maxsize=256)
def _hours(days: str, first: int, last: int) -> WeeklyHours:
    if first >= last:
        return WeeklyHours(())
    daily = WeeklyHours.every_day(first, last).windows
    return WeeklyHours(tuple(w for w in daily if w.weekday <= _LAST_WEEKDAY[days]))
