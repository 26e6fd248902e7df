"""What each broken rule says: its limit, the value found, where it is set, who may override it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.inventory.rules.sharing import Sharing
from booking.policies.rules.calendar import Calendar
from booking.policies.rules.decide import newly_broken, violations
from booking.policies.rules.people import barred, late_cancel
from booking.policies.rules.proposal import FOR_EVER, Own, Person, Proposal, Qualified
from booking.policies.rules.values import DEFAULTS, NEVER, PoolRules, Rule, too_late

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)  # Monday 09:00
MANAGERS = ("lab_manager", "operator")
EVENING = WeeklyHours.parse("2 18:00-22:00")
OPEN = Sharing(NOW - timedelta(days=9), None, None)


def at(hour: float, hours: float = 1) -> Period:
    """Return hours of Tuesday."""
    start = datetime(2026, 11, 24, tzinfo=ZONE) + timedelta(hours=hour)
    return Period(start.astimezone(UTC), start.astimezone(UTC) + timedelta(hours=hours))


def rules(**values) -> PoolRules:
    return replace(DEFAULTS, **{name: Rule(value, "lab") for name, value in values.items()})


def propose(period: Period, **more) -> Proposal:
    return Proposal(period, more.pop("quantity", 1), NOW, ZONE, 3,
                    **{"insider": True, "pool_id": 1} | more)  # fmt: skip


NOON = at(12)
MINE = Person(7, own=(Own(1, 1, NOON),))
UNTIL = Person(7, (Qualified(2, at(9.5).start),))
TUESDAY = Calendar({date(2026, 11, 24): "holiday"})


@pytest.mark.parametrize(
    ("given", "period", "more", "told"),
    [
        ({}, at(-17), {}, ("past", None, at(-17).start, "default", (), "start")),
        ({}, at(-15.5), {}, ("past", None, at(-15.5).start, "default", MANAGERS, "start")),
        ({}, at(-15), {"needs_decision": True},
         ("no_time_to_decide", None, at(-15).start, "pool", (), "start")),
        ({"horizon_days": 0}, at(0), {}, ("horizon", 0, at(0).start, "lab", MANAGERS, "start")),
        ({"create_latest_minutes": 2000}, at(9), {},
         ("too_late", 2000, at(9).start, "lab", MANAGERS, "start")),
        ({"granularity_minutes": 60}, at(9.5), {},
         ("granularity_start", 60, None, "lab", MANAGERS, "start")),
        ({"granularity_minutes": 60}, at(9, 1.5), {},
         ("granularity_length", 60, 90, "lab", MANAGERS, "end")),
        ({"min_minutes": 90}, at(9), {}, ("too_short", 90, 60, "lab", MANAGERS, "end")),
        ({"max_minutes": 45}, at(9), {}, ("too_long", 45, 60, "lab", MANAGERS, "end")),
        ({"opening_hours": EVENING}, at(9), {},
         ("closed_hours", EVENING, None, "lab", MANAGERS, "start")),
        ({"holidays": "closed"}, at(9), {"calendar": TUESDAY},
         ("holiday", None, at(9).start, "lab", MANAGERS, "start")),
        ({"overnight": False}, at(23, 2), {}, ("overnight", None, None, "lab", MANAGERS, "end")),
        ({}, at(9), {"insider": False},
         ("not_shared", None, None, "contribution", (), "start")),
        ({}, at(9), {"insider": False, "sharing": replace(OPEN, hours=EVENING)},
         ("outside_shared_hours", EVENING, None, "contribution", ("operator",), "start")),
        ({"level": 2}, at(9), {"person": UNTIL},
         ("level_ends", 2, at(9.5).start, "lab", MANAGERS, "end")),
        ({"level": 2}, at(9), {"person": Person(7, (Qualified(1),))},
         ("level_needed", 2, 1, "lab", MANAGERS, None)),
        ({"own_gap_minutes": 60}, at(10.5), {"person": MINE},
         ("gap_after", 60, NOON.start, "lab", MANAGERS, "start")),
        ({"own_gap_minutes": 60}, at(13.5), {"person": MINE},
         ("gap_before", 60, NOON.end, "lab", MANAGERS, "start")),
        ({"one_at_a_time": True}, at(12.5), {"person": MINE},
         ("one_at_a_time", NOON.end, NOON.start, "lab", MANAGERS, "start")),
        ({"purposes": frozenset({"teaching", "other"})}, at(9), {},
         ("purpose_not_allowed", ("other", "teaching"), "research", "lab", MANAGERS, "purpose")),
        ({}, at(9), {"customs": True, "purpose": "other", "insider": False, "sharing": OPEN},
         ("customs_purpose", None, None, "unit", MANAGERS, "purpose")),
        ({"note_needed": True}, at(9), {}, ("note_needed", None, None, "lab", MANAGERS, "note")),
        ({"edit_latest_minutes": 2000}, at(20), {"was": at(9)},
         ("too_late_to_change", 2000, at(9).start, "lab", MANAGERS, "start")),
        ({"edit_latest_minutes": NEVER}, at(20), {"was": at(9)},
         ("never_changed", None, at(9).start, "lab", MANAGERS, "start")),
        ({"max_units": 1}, at(9), {"quantity": 2},
         ("too_many_units", 1, 2, "lab", MANAGERS, "quantity")),
        ({}, at(9), {"quantity": 4}, ("not_enough_units", 3, 4, "pool", (), "quantity")),
    ],
)  # fmt: skip
def test_a_broken_rule_says_all_about_itself(given, period, more, told):
    [found] = violations(rules(**given), propose(period, **more))

    assert (
        found.code, found.limit, found.actual, found.origin, found.overridable_by, found.field,
    ) == told  # fmt: skip


@pytest.mark.parametrize(
    ("latest", "code", "limit"),
    [(None, None, None), (1440, None, None), (1441, "too_late_to_cancel", 1441),
     (NEVER, "never_cancelled", None)],
)  # fmt: skip
def test_a_late_cancellation_says_all_about_itself(latest, code, limit):
    start = NOW + timedelta(days=1)
    found = late_cancel(Rule(latest, "site"), start, NOW)
    told = found and (found.code, found.limit, found.actual, found.origin, found.overridable_by,
                      found.field)  # fmt: skip
    assert told == (code and (code, limit, start, "site", MANAGERS, "reason"))


def test_a_latest_time_counts_whole_minutes():
    seconds = timedelta(seconds=59)
    assert not too_late(60, NOW + timedelta(hours=1), NOW + seconds)
    assert too_late(61, NOW + timedelta(hours=1), NOW)
    assert too_late(NEVER, FOR_EVER, NOW)


def test_only_what_a_change_of_rules_breaks_is_new():
    strict = rules(max_minutes=30, note_needed=True, max_units=1)
    asked = propose(at(9), quantity=2)
    assert newly_broken(DEFAULTS, strict, asked) == ("too_long", "note_needed", "too_many_units")
    assert newly_broken(rules(max_minutes=45), strict, asked) == ("note_needed", "too_many_units")
    assert newly_broken(strict, DEFAULTS, asked) == ()
    assert newly_broken(strict, strict, asked) == ()


def test_the_persons_other_reservations_bar_their_time():
    both = rules(own_gap_minutes=60, one_at_a_time=True)
    elsewhere = Person(7, own=(Own(1, 1, NOON), Own(2, 9, at(15))))
    assert barred(both, propose(at(9), person=elsewhere)) == [at(11, 3), at(15)]
    assert barred(rules(one_at_a_time=True), propose(at(9), person=elsewhere)) == [NOON, at(15)]
    assert barred(rules(own_gap_minutes=60), propose(at(9), person=elsewhere)) == [at(11, 3)]
    assert barred(DEFAULTS, propose(at(9), person=elsewhere)) == []


@pytest.mark.parametrize("asked", [at(10), at(14)])
def test_a_gap_that_is_just_kept_is_enough(asked):
    assert violations(rules(own_gap_minutes=60), propose(asked, person=MINE)) == ()


def test_a_gap_that_is_kept_still_bars_two_at_a_time():
    both = rules(own_gap_minutes=15, one_at_a_time=True)
    other = Person(7, own=(Own(1, 9, NOON),))
    assert [v.code for v in violations(both, propose(at(12.5), person=other))] == ["one_at_a_time"]


def test_what_runs_is_not_too_late_to_change():
    strict = rules(edit_latest_minutes=60)
    running = Period(NOW, NOW + timedelta(hours=1))
    assert violations(strict, propose(at(9), was=running)) == ()


def test_the_highest_level_counts_and_none_is_zero():
    assert Person(7, (Qualified(1), Qualified(3), Qualified(2))).level == 3
    assert Person(7).level == 0
    assert Person(7, (Qualified(1),)).qualified_until(1) == FOR_EVER


# --- days that are not what their weekday says --------------------------------------------

SPLIT = WeeklyHours.parse("1 08:00-12:00;1 14:00-18:00;2 22:00-30:00")


def week(days, first, last, hours=SPLIT):
    """Return (start, end) hours after Tuesday's midnight of what is open."""
    within = (at(first).start, at(last).start)
    found = Calendar(days).open_spans(hours, *within, ZONE)
    return [tuple((t - at(0).start) / timedelta(hours=1) for t in (s.start, s.end)) for s in found]


WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)


@pytest.mark.parametrize(
    ("days", "first", "last", "opened"),
    [
        ({}, 0, 72, [(22, 30)]),
        ({WEDNESDAY: "holiday"}, 0, 72, [(22, 24)]),  # what began the evening before ends
        ({WEDNESDAY: "workday"}, 0, 72, [(22, 30), (32, 36), (38, 42)]),
        ({WEDNESDAY: "workday"}, 0, 40, [(22, 30), (32, 36), (38, 40)]),
        ({WEDNESDAY: "workday"}, 34, 72, [(34, 36), (38, 42)]),
        ({WEDNESDAY: "workday"}, 0, 24, [(22, 30)]),  # not met
        ({WEDNESDAY: "workday"}, 48, 72, []),
        ({date(2026, 11, 24): "workday"}, 0, 72, [(22, 30)]),  # has windows of its own
        ({WEDNESDAY: "holiday", THURSDAY: "workday"}, 0, 72, [(22, 24), (56, 60), (62, 66)]),
    ],
)
def test_a_calendar_closes_holidays_and_opens_workdays_as_mondays(days, first, last, opened):
    assert week(days, first, last) == opened


def test_without_hours_all_but_holidays_are_open():
    assert week({WEDNESDAY: "holiday"}, 0, 72, None) == [(0, 24), (48, 72)]
    assert week({WEDNESDAY: "workday"}, 0, 72, None) == [(0, 72)]
