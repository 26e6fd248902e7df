"""Levels of qualification: what counts at a pool, and which is needed at which hour."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.period import Period
from booking.policies.rules.calendar import Calendar
from booking.policies.rules.decide import violations
from booking.policies.rules.levels import counted
from booking.policies.rules.proposal import FOR_EVER, Person, Proposal, Qualified
from booking.policies.rules.times import open_spans
from booking.policies.rules.tree import Accepted, Place
from booking.policies.rules.values import DEFAULTS, PoolRules, Rule

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)  # Monday 09:00
RULES = replace(DEFAULTS, level=Rule(2, "lab"), off_hours_level=Rule(3, "lab"))


def at(day: int, hour: float, hours: float = 1) -> Period:
    start = datetime(2026, 11, day, tzinfo=ZONE).astimezone(UTC) + timedelta(hours=hour)
    return Period(start, start + timedelta(hours=hours))


def propose(period: Period, *held: Qualified, **more) -> Proposal:
    more = {"insider": True, "pool_id": 1, "person": Person(7, held)} | more
    return Proposal(period, 1, NOW, ZONE, 3, **more)


def codes(rules: PoolRules, proposal: Proposal) -> list[str]:
    return [v.code for v in violations(rules, proposal)]


@pytest.mark.parametrize(
    ("period", "level", "found"),
    [
        (at(24, 9), 2, []),  # Tuesday morning: the lab is there
        (at(24, 8, 1), 2, ["level_off_hours"]),  # half an hour too early
        (at(24, 16.5), 2, []),  # until 17:30 to the minute
        (at(24, 17), 2, ["level_off_hours"]),
        (at(28, 10), 2, ["level_off_hours"]),  # Saturday
        (at(24, 2), 3, []),
        (at(24, 2), 1, ["level_needed"]),  # what no time mends is told once
        (at(24, 9), 1, ["level_needed"]),
    ],
)
def test_outside_staffed_hours_the_higher_level_is_needed(period, level, found):
    assert codes(RULES, propose(period, Qualified(level))) == found


def test_the_refusal_says_which_level_and_the_next_staffed_hours():
    [told] = violations(RULES, propose(at(24, 20), Qualified(2)))
    assert (told.limit, told.actual, told.more["pool_id"]) == (3, 2, 1)
    assert told.more["hours"].text.startswith("1 08:30-17:30;2 08:30")
    assert told.nearest == at(25, 8.5)


def test_a_holiday_is_not_staffed_and_a_make_up_workday_is():
    days = Calendar({date(2026, 11, 24): "holiday", date(2026, 11, 28): "workday"})
    assert codes(RULES, propose(at(24, 9), Qualified(2), calendar=days)) == ["level_off_hours"]
    assert codes(RULES, propose(at(28, 9), Qualified(2), calendar=days)) == []


def test_without_a_level_by_day_anybody_comes_by_day():
    night = replace(RULES, level=Rule(0))
    assert codes(night, propose(at(24, 9))) == []
    assert codes(night, propose(at(24, 22))) == ["level_off_hours"]


def test_a_level_off_hours_that_is_not_higher_asks_nothing_more():
    same = replace(RULES, off_hours_level=Rule(2))
    assert codes(same, propose(at(24, 22), Qualified(2))) == []


@pytest.mark.parametrize(
    ("held", "spans"),
    [
        ((Qualified(2),), [at(24, 8.5, 9)]),
        ((Qualified(3),), [at(24, 0, 24)]),
        # The higher level ends at 06:00; the lower one stays.
        ((Qualified(2), Qualified(3, at(24, 6).start)), [at(24, 0, 6), at(24, 8.5, 9)]),
        ((Qualified(2, at(24, 12).start),), [at(24, 8.5, 3.5)]),
        ((Qualified(1),), []),
    ],
)
def test_searches_look_where_the_person_may_book(held, spans):
    assert open_spans(RULES, propose(at(24, 0, 24), *held), at(24, 0, 24)) == spans


def test_the_higher_level_must_last_until_the_end():
    held = (Qualified(2), Qualified(3, at(24, 2.5).start))
    assert codes(RULES, propose(at(24, 2), *held)) == ["level_ends"]


@dataclass(frozen=True)
class Held:
    pool_id: int | None = None
    category_code: str | None = None
    level: int = 2
    valid_until: datetime | None = None
    suspended_at: datetime | None = None


PLACE = Place(1, 10, 100, ("030201", "03"))


@pytest.mark.parametrize(
    ("held", "levels"),
    [
        ([Held(1), Held(2, level=4)], [2]),
        ([Held(None, "03", level=3)], [3]),  # of a class above
        ([Held(None, "04")], []),
        ([Held(1), Held(1, level=3, suspended_at=NOW)], []),  # nothing counts while suspended
        ([Held(1), Held(None, "03", suspended_at=NOW)], []),
        ([Held(1), Held(2, suspended_at=NOW)], [2]),  # elsewhere is elsewhere
    ],
)
def test_what_counts_at_a_pool(held, levels):
    assert [one.level for one in counted(PLACE, held)] == levels
    assert all(one.until == FOR_EVER for one in counted(PLACE, held))


@pytest.mark.parametrize(
    ("held", "levels"),
    [
        ([Held(7, level=4)], [2]),  # up to what the lab accepts
        ([Held(7, level=1)], [1]),
        ([Held(7, suspended_at=NOW)], []),
        ([Held(None, "05", level=4)], [3]),
        ([Held(7), Held(1, suspended_at=NOW)], []),  # suspended here: nothing helps
    ],
)
def test_a_lab_accepts_the_qualifications_of_another(held, levels):
    accepts = (Accepted(10, None, 7, None, 2), Accepted(10, 1, None, "05", 3))
    place = replace(PLACE, accepts=accepts)
    assert [one.level for one in counted(place, held)] == levels
