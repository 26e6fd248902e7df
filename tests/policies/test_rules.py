"""Booking rules at their limits: every violation at once, each with its origin and nearest time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.inventory.rules.sharing import Sharing
from booking.policies.rules.decide import violations
from booking.policies.rules.proposal import Proposal
from booking.policies.rules.times import align_up
from booking.policies.rules.values import DEFAULTS, PoolRules, Rule

XIAN = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=XIAN).astimezone(UTC)  # a Monday
OPEN = Sharing(NOW - timedelta(days=100), None, None)
OFFICE = WeeklyHours.parse("1 08:00-18:00;2 08:00-18:00;3 08:00-18:00;4 08:00-18:00;5 08:00-18:00")


def on(day, first, last=None):
    """Return hours of the day `day` days after now's."""
    start = datetime(2026, 11, 23, tzinfo=XIAN) + timedelta(days=day)
    end = first + 1 if last is None else last
    return Period(
        (start + timedelta(hours=first)).astimezone(UTC),
        (start + timedelta(hours=end)).astimezone(UTC),
    )


def propose(period, **more):
    facts = {"quantity": 1, "now": NOW, "zone": XIAN, "units": 3, "sharing": OPEN, **more}
    return Proposal(period, **facts)


def codes(rules, proposal):
    return [v.code for v in violations(rules, proposal)]


RULES = PoolRules(
    granularity_minutes=Rule(30, "pool"),
    min_minutes=Rule(60, "pool"),
    max_minutes=Rule(240, "pool"),
    horizon_days=Rule(2, "pool"),
    max_units=Rule(2, "pool"),
)


@pytest.mark.parametrize(
    ("period", "found"),
    [
        (on(1, 9, 10), []),
        (on(1, 9, 13), []),  # exactly the longest
        (on(1, 9, 13.5), ["too_long"]),
        (on(1, 9, 9.5), ["too_short"]),
        (on(1, 9.25, 10.25), ["granularity_start"]),
        (on(1, 9, 10.25), ["granularity_length"]),
        (on(0, 9, 10), []),  # the present minute is not the past
        (on(0, 8.5, 9.5), ["past"]),
        (on(2, 23.5, 24.5), []),  # the horizon's last day, whole
        (on(3, 0, 1), ["horizon"]),
        (on(1, 9.25, 9.5), ["granularity_start", "too_short", "granularity_length"]),
        (on(-1, 9.25, 20), ["past", "granularity_start", "too_long", "granularity_length"]),
    ],
)
def test_time_rules_at_their_limits(period, found):
    assert codes(RULES, propose(period)) == found


def test_a_least_and_a_most_that_contradict_are_both_named():
    rules = PoolRules(min_minutes=Rule(90), max_minutes=Rule(30))
    assert codes(rules, propose(on(1, 9, 10))) == ["too_short", "too_long"]


@pytest.mark.parametrize(
    ("quantity", "found"),
    [(1, []), (2, []), (3, ["too_many_units"]), (4, ["too_many_units", "not_enough_units"])],
)
def test_quantities(quantity, found):
    assert codes(RULES, propose(on(1, 9), quantity=quantity)) == found


def test_a_violation_says_limit_actual_origin_and_who_may_override():
    (found,) = violations(RULES, propose(on(1, 9, 14)))
    assert (found.limit, found.actual, found.origin) == (240, 300, "pool")
    assert found.overridable_by == ("lab_manager", "operator")
    (default,) = violations(DEFAULTS, propose(on(100, 9)))
    assert (default.code, default.origin) == ("horizon", "default")


def test_what_is_over_cannot_be_overridden_what_runs_can():
    (over,) = violations(DEFAULTS, propose(on(0, 7, 8)))
    (running,) = violations(DEFAULTS, propose(on(0, 8, 10)))
    assert over.overridable_by == ()
    assert running.overridable_by == ("lab_manager", "operator")


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        (on(1, 7), on(1, 8)),  # before opening: at opening
        (on(1, 17.5), on(1, 17.5, 18)),  # over the end: end with it
        (on(1, 17.75), on(2, 8)),  # by far over the end: the next day
        (on(5, 9), on(7, 8)),  # Saturday: Monday
        (on(1, 9.1, 10.1), on(1, 9.25, 10.25)),  # off the grid: the next grid point
        (on(-1, 9), on(0, 9)),  # past: now
    ],
)
def test_the_nearest_time_that_passes_is_offered(asked, offered):
    rules = replace(DEFAULTS, opening_hours=Rule(OFFICE, "pool"))
    found = violations(rules, propose(asked))
    assert found
    assert {v.nearest for v in found} == {offered}
    assert violations(rules, propose(offered)) == ()


@pytest.mark.parametrize(
    ("period", "more", "found"),
    [
        (on(0, 9, 10), {}, ["no_time_to_decide"]),
        (on(0, 9.25, 10), {}, []),
        (on(0, 8.5, 10), {}, ["past"]),  # said once
        (on(0, 8.5, 10), {"keeps_start": True}, []),  # longer or more of what runs
        (on(0, 8, 9), {"keeps_start": True}, ["no_time_to_decide"]),
        (on(0, 9, 10), {"needs_decision": False}, []),
    ],
)
def test_who_needs_a_decision_leaves_time_for_it(period, more, found):
    proposal = propose(period, **{"needs_decision": True, **more})
    assert codes(DEFAULTS, proposal) == found


def test_the_nearest_time_leaves_time_to_decide():
    [broken] = violations(DEFAULTS, propose(on(0, 9), needs_decision=True))
    assert (broken.nearest, broken.overridable_by) == (on(0, 9.25, 10.25), ())


def test_shared_hours_bind_outsiders_only():
    evenings = replace(OPEN, hours=WeeklyHours.parse("2 18:00-22:00"))
    asked = on(1, 9)
    assert codes(DEFAULTS, propose(asked, sharing=evenings)) == ["outside_shared_hours"]
    assert codes(DEFAULTS, propose(asked, sharing=evenings, insider=True)) == []
    assert codes(DEFAULTS, propose(on(1, 18), sharing=evenings)) == []


@pytest.mark.parametrize(
    ("period", "found"),
    [(on(1, 9, 10), []), (on(1, 9.5, 10.5), ["not_shared"]), (on(1, 10, 11), ["not_shared"])],
)
def test_an_agreement_holds_until_its_end(period, found):
    ending = replace(OPEN, until_at=on(1, 9, 10).end)
    assert codes(DEFAULTS, propose(period, sharing=ending)) == found
    assert codes(DEFAULTS, propose(period, sharing=None)) == ["not_shared"]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "Asia/Kathmandu"])
def test_the_grid_starts_at_local_midnight(zone):
    place = ZoneInfo(zone)
    asked = datetime(2026, 3, 29, 11, 7, tzinfo=place)
    aligned = align_up(asked.astimezone(UTC), 120, place).astimezone(place)
    assert (aligned.hour, aligned.minute) == (12, 0)
