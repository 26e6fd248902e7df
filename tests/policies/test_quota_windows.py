"""Quotas where windows meet: what is left at their edges, when it frees, the next start to try."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.policies.rules.quota_starts import first_within
from booking.policies.rules.quotas import (
    Account,
    Quota,
    applying,
    quota_violations,
    spent,
    window_of,
)
from tests.policies.test_quotas import BERLIN, NOW, OFFICE, ZONE, account, at, broken, quota

FAR = NOW + timedelta(days=40)


@pytest.mark.parametrize(
    ("used", "mine", "left"),
    [(0, 0, 2), (1, 0, 1), (2, 0, 0), (5, 0, 0), (5, 1, 1), (1, 2, 2), (0, 1, 2)],
)
def test_what_is_left_is_the_rest_or_what_it_has_already(used, mine, left):
    day = date(2026, 11, 24)
    one = Account(quota(measure="count", amount=2), ZONE, {day: used}, {day: mine})
    assert (one.used(day, day), one.left(day, day)) == (used, left)


def test_use_outside_a_window_is_not_its_use():
    days = {date(2026, 11, day): 60 for day in (22, 23, 29, 30)}
    one = Account(quota(), ZONE, days, undecided=((days, {}), ({}, {date(2026, 11, 25): 5})))
    week = (date(2026, 11, 23), date(2026, 11, 29))
    assert one.used(*week) == 120 + 120 + 5
    assert one.used(date(2026, 11, 24), date(2026, 11, 24)) == 0


@pytest.mark.parametrize(
    ("use", "asked", "frees"),
    [
        (at(24, 9, 2), at(26, 9), 27),  # on the window's first day
        (at(26, 9, 2), at(24, 9), 29),  # on its last
        (at(25, 9, 2), at(24, 9), 28),
        (at(20, 9, 2), at(24, 9, 3), 25),  # what is used lies outside: the asked day itself
    ],
)
def test_a_rolling_window_frees_when_its_first_day_of_use_leaves(use, asked, frees):
    [found] = broken(account(quota(period="rolling", rolling_days=3), use), asked)
    assert found.more["frees"] == at(frees, 0).start


@pytest.mark.parametrize(
    ("period", "frees"),
    [("day", (25, 11)), ("week", (30, 11)), ("month", (1, 12))],
)
def test_a_fixed_window_frees_with_the_midnight_that_ends_it(period, frees):
    [found] = broken(account(quota(period=period), at(24, 9, 2)), at(24, 12))
    day, month = frees
    assert found.more["frees"] == at(day, 0, month=month).start


def test_a_window_is_told_once_though_two_are_exceeded():
    both = account(quota(), at(26, 9, 2), at(30, 9, 2))
    [found] = broken(both, at(29, 23, 2))
    assert (found.more["asked"], found.more["left"]) == (60, 0)
    assert found.more["frees"] == at(30, 0).start  # the first of the two


def test_every_quota_that_is_exceeded_is_told():
    one, other = quota(amount=30), quota(quota_id=2, measure="count", amount=0)
    fits = quota(quota_id=3)
    accounts = tuple(account(rule) for rule in (one, fits, other))
    codes = [found.code for found in quota_violations(accounts, at(24, 9), 1, NOW)]
    assert codes == ["quota_minutes_week", "quota_count_week"]


@pytest.mark.parametrize(
    ("period", "start", "counted"),
    [
        ("future", NOW, 0), ("future", NOW - timedelta(hours=1), 0),
        ("future", NOW + timedelta(minutes=1), 1), ("week", NOW - timedelta(hours=1), 1),
    ],
)  # fmt: skip
def test_only_of_what_is_to_come_the_start_matters(period, start, counted):
    rule = quota(period=period, measure="count")
    use = spent(rule, ZONE, Period(start, start + timedelta(hours=2)), 1, NOW)
    assert sum(use.values()) == counted


def test_what_is_to_come_counts_inside_the_hours_times_units():
    rule = quota(period="future", hours=OFFICE)
    assert spent(rule, ZONE, at(24, 17, 16), 3, NOW) == {date.max: 3 * 2 * 3600}
    assert spent(replace(rule, measure="count"), ZONE, at(28, 9), 3, NOW) == {}


def test_two_windows_of_hours_on_one_day_add_up():
    hours = WeeklyHours.parse("2 08:00-10:00;2 12:00-14:00;3 08:00-10:00")
    use = spent(quota(hours=hours), ZONE, at(24, 9, 24), 2, NOW)
    assert use == {date(2026, 11, 24): 2 * 3 * 3600, date(2026, 11, 25): 2 * 3600}


@pytest.mark.parametrize(
    ("day", "week_start", "first"),
    [(23, 1, 23), (29, 1, 23), (30, 1, 30), (29, 7, 29), (28, 7, 22), (23, 2, 17), (24, 2, 24)],
)
def test_a_week_begins_with_the_day_that_is_set(day, week_start, first):
    begins = date(2026, 11, first)
    found = window_of(account(quota(week_start=week_start)), at(day, 12).start)
    assert found == (begins, begins + timedelta(days=6))


def test_a_grant_takes_the_place_of_its_kind_only():
    grant = quota(quota_id=2, group="tag:a", grants=True)
    others = [
        quota(subject="company"), quota(measure="count"), quota(period="day"),
        quota(scope=("lab", "1")), quota(period="rolling", rolling_days=3), quota(hours=OFFICE),
    ]  # fmt: skip
    every = (grant, quota(), quota(quota_id=5, group="tag:a"), *others)
    assert applying(every, {"tag:a"}) == (grant, *others)
    assert applying(every, {"tag:b"}) == (quota(), *others)


# --- the next start to try -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds_left", "hour", "minute"),
    [(3600, 23, 0), (31 * 60, 23, 29), (1830, 23, 30), (1829, 23, 30), (1, 24, 0), (0, 24, 0),
     (3599, 23, 1)],
)  # fmt: skip
def test_the_next_start_is_the_first_whole_minute_that_leaves_enough(seconds_left, hour, minute):
    used = Account(quota(), ZONE, {date(2026, 11, 24): 7200 - seconds_left})
    found = first_within((used,), at(29, 23), 1, NOW, FAR)
    assert found == at(29, hour).start + timedelta(minutes=minute)


@pytest.mark.parametrize(
    ("asked", "hours", "amount", "start"),
    [
        # Nothing of the hours is left: the first start after them.
        (at(24, 9), "2 08:00-10:00;2 12:00-14:00", 0, at(24, 10).start),
        (at(24, 11.5), "2 08:00-10:00;2 12:00-14:00", 0, at(24, 14).start),
        (at(24, 10.5), "2 08:00-10:00;2 12:00-14:00", 0, at(24, 10.5).start),
        # Half of it may lie inside.
        (at(24, 9), "2 08:00-10:00;2 12:00-14:00", 30, at(24, 9.5).start),
        (at(24, 9, 4), "2 08:00-10:00;2 12:00-14:00", 60, at(24, 13).start),
        (at(24, 9, 4), "2 08:00-10:00;2 12:00-14:00", 90, at(24, 12.5).start),
        (at(24, 9, 4), "2 08:00-10:00;2 12:00-14:00", 120, at(24, 9).start),
        (at(24, 8, 5), "2 08:00-10:00;2 12:00-14:00", 120, at(24, 10).start),
    ],
)
def test_use_inside_hours_comes_down_to_what_is_left(asked, hours, amount, start):
    used = account(quota(hours=WeeklyHours.parse(hours), amount=amount))
    assert first_within((used,), asked, 1, NOW, FAR) == start


@pytest.mark.parametrize(
    ("asked", "hours", "start"),
    [
        (at(24, 9), "2 08:00-10:00;2 12:00-14:00", at(24, 10).start),
        (at(24, 9, 2), "2 08:00-10:00;2 12:00-14:00", at(24, 10).start),
        (at(24, 9, 2.5), "2 08:00-10:00;2 12:00-14:00", at(24, 14).start),  # no room between
        (at(24, 23), "2 20:00-30:00", at(25, 6).start),
        (at(24, 9), "2 00:00-24:00;3 00:00-24:00;4 09:00-10:00", at(26, 0).start),
    ],
)
def test_of_counted_ones_the_next_lies_outside_the_hours(asked, hours, start):
    rule = quota(measure="count", amount=0, hours=WeeklyHours.parse(hours))
    assert first_within((account(rule),), asked, 1, NOW, FAR) == start


def test_the_latest_of_several_quotas_decides():
    day = account(quota(period="day", amount=60), at(24, 9))
    week = account(quota(amount=60, quota_id=2), at(24, 9))
    for accounts in ((day, week), (week, day)):
        assert first_within(accounts, at(24, 12), 1, NOW, FAR) == at(30, 0).start
    assert first_within((day,), at(24, 12), 1, NOW, FAR) == at(25, 0).start
    assert first_within((day, week), at(24, 12), 1, NOW, at(30, 0).start) is None


def test_a_day_of_25_hours_is_one_window():
    rule = quota(period="day", amount=25 * 60)
    assert not broken(account(rule, zone=BERLIN), at(25, 0, 25, zone=BERLIN, month=10))
    full = account(rule, at(25, 0, 25, zone=BERLIN, month=10), zone=BERLIN)
    asked = at(25, 12, zone=BERLIN, month=10)
    start = first_within((full,), asked, 1, asked.start - timedelta(days=9), FAR)
    assert start == datetime(2026, 10, 26, tzinfo=BERLIN)


def test_a_quota_tells_its_amount_as_it_is_counted():
    assert Quota(1, ("park", ""), "person", "minutes", "day", 7).full == 420
    assert Quota(1, ("park", ""), "person", "count", "day", 7).full == 7
