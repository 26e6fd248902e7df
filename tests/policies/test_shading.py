"""What a calendar shades: exactly what cannot be booked, with the rules' own reasons."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.hours import WeeklyHours
from booking.core.period import Period, subtract
from booking.inventory.rules.sharing import Sharing
from booking.policies.rules.calendar import Calendar
from booking.policies.rules.proposal import Own, Person, Proposal
from booking.policies.rules.shading import bookable_spans, shades
from booking.policies.rules.values import PoolRules, Rule

CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 9, tzinfo=CHINA).astimezone(UTC)  # a Monday
SHARED = Sharing(NOW - timedelta(days=30), None, None)
OFFICE = PoolRules(opening_hours=Rule(WeeklyHours.parse("2 09:00-17:00;3 09:00-17:00"), "pool"))


def day(number: int) -> Period:
    """Return a day of November."""
    start = datetime(2026, 11, number, tzinfo=CHINA).astimezone(UTC)
    return Period(start, start + timedelta(days=1))


def proposal(**more) -> Proposal:
    """Return what somebody proposes who looks at the week."""
    asked = Proposal(Period(day(23).start, day(29).end), 1, NOW, CHINA, 3, sharing=SHARED)
    return replace(asked, **more)


def told(rules: PoolRules, of: Period, **more) -> list[tuple[float, float, tuple[str, ...]]]:
    """Return each shade of a day: from, to (hours of it), codes."""
    return [
        (
            (shade.period.start - of.start) / timedelta(hours=1),
            (shade.period.end - of.start) / timedelta(hours=1),
            tuple(one.code for one in shade.why),
        )
        for shade in shades(rules, proposal(**more), [of])
    ]


def test_closed_hours_are_shaded_around_the_open_ones():
    closed = ("closed_hours",)

    assert told(OFFICE, day(24)) == [(0, 9, closed), (17, 24, closed)]


def test_two_reasons_in_one_closed_stretch_are_told_apart():
    shared = replace(SHARED, hours=WeeklyHours.parse("2 12:00-24:00"))

    assert told(OFFICE, day(24), sharing=shared) == [
        (0, 9, ("closed_hours", "outside_shared_hours")), (9, 12, ("outside_shared_hours",)),
        (17, 24, ("closed_hours",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "more", "code"),
    [
        (PoolRules(horizon_days=Rule(0)), {}, "horizon"),
        (PoolRules(level=Rule(2)), {}, "level_needed"),
        (PoolRules(create_latest_minutes=Rule(-1)), {}, "too_late"),
        (PoolRules(), {"sharing": None}, "not_shared"),
        (PoolRules(), {"sharing": replace(SHARED, paused_from=NOW)}, "sharing_paused"),
        (
            PoolRules(holidays=Rule("closed")),
            {"calendar": Calendar({day(25).start.astimezone(CHINA).date(): "holiday"})},
            "holiday",
        ),
        (
            PoolRules(one_at_a_time=Rule(value=True)),
            {"person": Person(7, own=(Own(1, 9, day(25)),))},
            "one_at_a_time",
        ),
    ],
)
def test_a_day_that_cannot_be_booked_says_which_rule_bars_it(rules, more, code):
    found = told(rules, day(25), **more)

    assert [(start, end) for start, end, _codes in found] == [(0, 24)]
    assert code in found[0][2]


def test_what_is_over_is_not_shaded_and_the_rest_of_today_from_now_on():
    assert told(OFFICE, day(22)) == []
    assert told(OFFICE, day(23)) == [(9, 24, ("closed_hours",))]


def test_shades_and_what_can_be_booked_make_up_the_day():
    spans = bookable_spans(OFFICE, proposal(), day(24))
    shaded = [shade.period for shade in shades(OFFICE, proposal(), [day(24)])]

    assert subtract(day(24), spans) == shaded
