"""Quotas as pure decisions: what is counted, in which window, and the first start that passes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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

ZONE = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)  # a Monday, 09:00 there
OFFICE = WeeklyHours.parse(";".join(f"{day} 08:00-18:00" for day in range(1, 6)))


def quota(**more) -> Quota:
    plain = {"quota_id": 1, "scope": ("park", ""), "subject": "person", "measure": "minutes",
             "period": "week", "amount": 120}  # fmt: skip
    return Quota(**plain | more)


def at(day: int, hour: float, hours: float = 1, zone: ZoneInfo = ZONE, month: int = 11) -> Period:
    start = datetime(2026, month, day, tzinfo=zone) + timedelta(hours=hour)
    return Period(start.astimezone(UTC), (start + timedelta(hours=hours)).astimezone(UTC))


def account(rule: Quota, *uses: Period, zone: ZoneInfo = ZONE, **more) -> Account:
    days: dict[date, int] = {}
    for use in uses:
        for day, amount in spent(rule, zone, use, 1, NOW).items():
            days[day] = days.get(day, 0) + amount
    return Account(rule, zone, days, **more)


def broken(one: Account, period: Period, quantity: int = 1) -> list:
    return list(quota_violations((one,), period, quantity, NOW))


def test_an_hour_over_midnight_is_split_between_the_days():
    assert spent(quota(), ZONE, at(24, 23.5), 2, NOW) == {
        date(2026, 11, 24): 3600, date(2026, 11, 25): 3600,
    }  # fmt: skip
    assert spent(quota(measure="count"), ZONE, at(24, 23.5), 2, NOW) == {date(2026, 11, 24): 1}


def test_only_use_inside_the_hours_counts():
    rule = quota(hours=OFFICE)
    assert spent(rule, ZONE, at(24, 17, 3), 1, NOW) == {date(2026, 11, 24): 3600}
    assert spent(quota(hours=OFFICE, measure="count"), ZONE, at(24, 19), 1, NOW) == {}
    assert not broken(account(quota(hours=OFFICE, amount=1)), at(28, 10))  # a Saturday


def test_the_day_the_clock_goes_back_has_25_hours():
    long = at(25, 0, 26, zone=BERLIN, month=10)
    assert spent(quota(), BERLIN, long, 1, NOW)[date(2026, 10, 25)] == 25 * 3600


@pytest.mark.parametrize(
    ("week_start", "refused"),
    [(1, True), (4, False), (2, True)],  # Monday: one week; Thursday: between the two
)
def test_the_first_day_of_the_week_decides(week_start, refused):
    used = account(quota(week_start=week_start), at(25, 9, 2))  # Wednesday
    assert bool(broken(used, at(26, 9))) is refused  # Thursday


@pytest.mark.parametrize(
    ("period", "more", "passes"),
    [
        ("day", {}, at(25, 9, 2)),
        ("month", {}, at(1, 9, 2, month=12)),
        ("rolling", {"rolling_days": 3}, at(27, 9, 2)),
        ("rolling", {"rolling_days": 1}, at(25, 9, 2)),
    ],
)
def test_each_period_frees_when_it_says(period, more, passes):
    used = account(quota(period=period, **more), at(24, 9, 2))
    [violation] = broken(used, at(24, 12, 2))

    assert not broken(used, passes)
    start = first_within((used,), at(24, 12, 2), 1, NOW, NOW + timedelta(days=40))
    assert start is not None
    assert not broken(used, Period(start, start + timedelta(hours=2)))
    assert (violation.limit, violation.actual, violation.more["left"]) == (120, 120, 0)


def test_a_rolling_window_also_looks_ahead():
    used = account(quota(period="rolling", rolling_days=3), at(26, 9, 2))
    assert broken(used, at(24, 9))
    assert not broken(used, at(23, 9))


def test_what_is_left_and_when_it_frees_are_told():
    [violation] = broken(account(quota(), at(24, 9, 1.5)), at(25, 9, 2))
    assert violation.code == "quota_minutes_week"
    assert dict(violation.more) | {"frees": None} == {
        "who": "person", "used": 90, "asked": 120, "left": 30, "frees": None, "days": 0,
        "quota_id": 1,
    }  # fmt: skip
    assert violation.more["frees"] == at(30, 0).start


def test_coming_reservations_are_counted_until_they_start():
    rule = quota(period="future", amount=90)
    assert spent(rule, ZONE, Period(NOW, NOW + timedelta(hours=1)), 1, NOW) == {}
    used = account(rule, at(24, 9), frees=at(24, 9).start)
    [violation] = broken(used, at(25, 9))
    assert (violation.code, violation.more["left"]) == ("quota_minutes_future", 30)
    assert first_within((used,), at(25, 9), 1, NOW, NOW + timedelta(days=40)) is None
    assert not broken(used, at(25, 9, 0.5))


def test_extending_costs_the_difference_and_shortening_nothing():
    rule = quota(amount=60)
    mine = spent(rule, ZONE, at(24, 9, 2), 1, NOW)  # made before the quota was
    used = Account(rule, ZONE, mine=mine)
    assert not broken(used, at(24, 9, 1.5))
    assert not broken(used, at(25, 9, 2))
    assert broken(used, at(24, 9, 2.5))


def test_an_undecided_change_counts_as_the_larger_of_both():
    rule = quota(amount=180)
    both = (spent(rule, ZONE, at(24, 9, 1), 1, NOW), spent(rule, ZONE, at(25, 9, 2), 1, NOW))
    used = Account(rule, ZONE, undecided=(both,))
    assert not broken(used, at(26, 9, 1))
    assert broken(used, at(26, 9, 1.25))


def test_units_are_counted():
    assert broken(account(quota()), at(24, 9), quantity=3)
    assert not broken(account(quota()), at(24, 9), quantity=2)


def test_a_granting_quota_takes_the_place_of_the_common_one():
    common, more = quota(), quota(quota_id=2, amount=600, group="tag:thesis", grants=True)
    other = quota(quota_id=3, period="day", group="company:7")
    every = (common, more, other)
    assert applying(every, frozenset()) == (common,)
    assert applying(every, frozenset({"tag:thesis"})) == (more,)
    assert applying(every, frozenset({"tag:thesis", "company:7"})) == (more, other)


def test_the_window_of_a_moment():
    noon = at(25, 12).start  # a Wednesday
    day = date(2026, 11, 25)
    assert window_of(account(quota(period="day")), noon) == (day, day)
    assert window_of(account(quota(week_start=2)), noon) == (date(2026, 11, 24), date(2026, 11, 30))
    assert window_of(account(quota(week_start=4)), noon) == (date(2026, 11, 19), day)
    assert window_of(account(quota(period="month")), noon) == (
        date(2026, 11, 1), date(2026, 11, 30),
    )  # fmt: skip
    rolling = account(quota(period="rolling", rolling_days=3))
    assert window_of(rolling, noon) == (date(2026, 11, 23), day)


@pytest.mark.parametrize(
    ("day", "last"), [(date(2027, 1, 31), 31), (date(2027, 2, 28), 28), (date(2028, 2, 1), 29)]
)
def test_a_month_ends_with_its_last_day(day, last):
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)
    found = window_of(account(quota(period="month")), moment)
    assert found == (day.replace(day=1), day.replace(day=last))


def test_a_violation_says_who_how_much_and_of_how_many_units():
    minutes = quota(amount=100, scope=("lab", "5"), subject="company", quota_id=7)
    [broken_minutes] = broken(account(minutes, at(24, 9, 0.5)), at(25, 9), quantity=2)
    assert dict(broken_minutes.more) == {
        "who": "company", "used": 30, "asked": 120, "left": 35, "frees": at(30, 0).start,
        "days": 0, "quota_id": 7,
    }  # fmt: skip
    assert (broken_minutes.origin, broken_minutes.field) == ("lab", "end")
    assert broken_minutes.overridable_by == ("lab_manager", "operator")
    count = quota(measure="count", period="day", amount=2, scope=("", ""))
    [broken_count] = broken(account(count, at(24, 9), at(24, 11)), at(24, 13), quantity=3)
    assert (broken_count.code, broken_count.origin) == ("quota_count_day", "park")
    assert (broken_count.limit, broken_count.actual) == (2, 2)
    assert [broken_count.more[name] for name in ("used", "asked", "left")] == [2, 1, 0]
    assert broken_count.more["frees"] == at(25, 0).start


def test_seconds_are_told_as_whole_minutes_asked_up_left_down():
    used = Account(quota(amount=10), ZONE, {date(2026, 11, 24): 61})
    half = Period(at(25, 9).start, at(25, 9).start + timedelta(minutes=9, seconds=1))
    [found] = broken(used, half)
    assert [found.more[name] for name in ("used", "asked", "left")] == [2, 10, 8]


def test_a_rolling_window_frees_when_its_first_use_leaves_it():
    rule = quota(period="rolling", rolling_days=3)
    [found] = broken(account(rule, at(25, 9, 0.5), at(26, 9, 1.5)), at(26, 12))
    assert found.more["frees"] == at(28, 0).start
    assert found.more["days"] == 3
    [alone] = broken(account(rule), at(26, 12, 3))
    assert alone.more["frees"] == at(27, 0).start


def test_what_is_to_come_is_one_bucket_of_all():
    count = quota(period="future", measure="count", amount=1)
    assert spent(count, ZONE, at(24, 9), 2, NOW) == {date.max: 1}
    assert spent(quota(period="future"), ZONE, at(24, 9), 2, NOW) == {date.max: 7200}
    frees = at(24, 9).start
    used = account(count, at(24, 9), frees=frees)
    [found] = broken(used, at(30, 9))
    assert (found.code, found.more["frees"]) == ("quota_count_future", frees)
    assert first_within((used,), at(30, 9), 1, NOW, NOW + timedelta(days=40)) is None
    started = Period(NOW, NOW + timedelta(hours=1))
    assert not broken(used, started)


def test_use_up_to_the_amount_passes():
    assert not broken(account(quota(), at(24, 9)), at(25, 9))
    [found] = broken(account(quota(), at(24, 9)), at(25, 9, 61 / 60))
    assert found.more["left"] == 60
    until = at(25, 9).start
    assert first_within((), at(25, 9), 1, NOW, until) is None
    assert first_within((), at(25, 9), 1, NOW, until + timedelta(minutes=1)) == until


@pytest.mark.parametrize(
    ("rule", "asked", "quantity", "start"),
    [
        # 30 minutes are left of the week: of an hour, the first half may still lie in it.
        (quota(amount=90), at(29, 23), 1, at(29, 23.5).start),
        (quota(amount=90), at(29, 23), 2, at(29, 23.75).start),
        (quota(amount=60), at(29, 23), 1, at(30, 0).start),
        (quota(amount=90, hours=OFFICE), at(27, 16), 1, at(27, 17.5).start),
        (quota(measure="count", amount=1), at(26, 9), 1, at(30, 0).start),
        (quota(measure="count", amount=1, hours=OFFICE), at(27, 16), 1, at(27, 18).start),
        (quota(period="rolling", rolling_days=2, amount=60), at(24, 12), 1, at(26, 0).start),
    ],
)
def test_the_first_start_that_leaves_enough_of_the_window(rule, asked, quantity, start):
    used = account(rule, at(24, 9))
    assert first_within((used,), asked, quantity, NOW, NOW + timedelta(days=40)) == start


uses = st.lists(st.tuples(st.integers(0, 20 * 48), st.integers(1, 12)), max_size=6)


@settings(deadline=None, max_examples=200)
@given(
    uses=uses,
    asked=st.tuples(st.integers(0, 200), st.integers(1, 8)),
    period=st.sampled_from(["day", "week", "month", "rolling"]),
    measure=st.sampled_from(["minutes", "count"]),
    hours=st.sampled_from([None, OFFICE]),
    amount=st.integers(0, 6),
    quantity=st.integers(1, 2),
    week_start=st.integers(1, 7),
)
def test_the_first_start_within_is_the_first_that_breaks_nothing(
    uses, asked, period, measure, hours, amount, quantity, week_start
):
    half = timedelta(minutes=30)
    rule = quota(
        period=period, measure=measure, hours=hours, week_start=week_start, rolling_days=3,
        amount=amount * 30 if measure == "minutes" else amount,
    )  # fmt: skip
    used = account(rule, *(Period(NOW + half * s, NOW + half * (s + n)) for s, n in uses))
    first, length = NOW + half * asked[0], half * asked[1]
    until = NOW + timedelta(days=14)
    quarter = half / 2
    grid = (first + quarter * n for n in range((until - first) // quarter))
    passing = (s for s in grid if not broken(used, Period(s, s + length), quantity))
    expected = next(passing, None)
    found = first_within((used,), Period(first, first + length), quantity, NOW, until)
    # Everything here lies on half hours; two units use up what is left in half the time.
    assert found == expected
