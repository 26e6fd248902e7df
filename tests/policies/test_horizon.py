"""When days open: by the minute of the day, over changes of the clock, and fairly."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.core.period import Period
from booking.policies.rules.calendar import local_day
from booking.policies.rules.decide import violations
from booking.policies.rules.horizon import collected_day, horizon_end, opens_at, starts_end
from booking.policies.rules.times import nearest
from booking.policies.rules.values import PoolRules, Rule
from tests.policies.test_rules import NOW, on, propose

XIAN, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
AT_HALF_PAST_EIGHT = PoolRules(
    horizon_days=Rule(2, "pool"), opens_at_minute=Rule(510, "pool"), granularity_minutes=Rule(30)
)
FAIR = replace(AT_HALF_PAST_EIGHT, fair_opening_minutes=Rule(30, "lab"))


def clock(hour, minute=0, second=0, day=23):
    return datetime(2026, 11, day, hour, minute, second, tzinfo=XIAN).astimezone(UTC)


def broken(rules, now, period=None):
    return violations(rules, propose(period or on(2, 9), now=now))


@pytest.mark.parametrize(
    ("now", "codes"),
    [
        (clock(8, 29, 59), ["horizon"]),
        (clock(8, 30), []),  # open from the very second
        (clock(23, 59), []),
    ],
)
def test_a_day_opens_at_its_minute(now, codes):
    assert [v.code for v in broken(AT_HALF_PAST_EIGHT, now)] == codes


def test_too_early_says_when_it_opens_and_what_passes_now():
    [early] = broken(AT_HALF_PAST_EIGHT, NOW, on(9, 10))
    assert early.more == {"opens": clock(8, 30, day=30)}  # Monday
    assert early.nearest == on(2, 0)
    [later] = violations(PoolRules(horizon_days=Rule(2)), propose(on(9, 10)))
    assert later.more == {"opens": clock(0, day=30)}


def test_where_not_even_today_is_open_nothing_passes():
    rules = replace(AT_HALF_PAST_EIGHT, horizon_days=Rule(0))
    early = propose(on(0, 9), now=clock(7))
    assert [v.code for v in violations(rules, early)] == ["horizon"]
    assert nearest(rules, early) is None


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        # 02:30 is skipped: the day opens where the clock goes on.
        (date(2026, 3, 10), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        # 01:30 comes twice: the first counts.
        (date(2026, 11, 3), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        (date(2026, 7, 3), datetime(2026, 7, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_days_open_once_when_the_clock_changes(day, opens):
    minute = 150 if day.month == 3 else 90
    rules = PoolRules(horizon_days=Rule(2), opens_at_minute=Rule(minute))
    assert opens_at(rules, day, NEW_YORK) == opens
    start = local_day(day, NEW_YORK).start
    assert horizon_end(rules, opens - timedelta(seconds=1), NEW_YORK) == start
    assert horizon_end(rules, opens, NEW_YORK) > start
    assert horizon_end(rules, opens + timedelta(hours=2), NEW_YORK) > start


@pytest.mark.parametrize(
    ("now", "codes", "collects"),
    [
        (clock(8, 29, 59), ["horizon"], False),
        (clock(8, 30), ["fair_opening"], True),
        (clock(8, 59, 59), ["fair_opening"], True),
        (clock(9), [], False),
    ],
)
def test_requests_are_collected_while_a_day_opens_fairly(now, codes, collects):
    found = broken(FAIR, now)
    assert [v.code for v in found] == codes
    assert collected_day(FAIR, now, XIAN) == (
        (Period(clock(0, day=25), clock(0, day=26)), clock(9)) if collects else None
    )
    if collects:
        assert (found[0].limit, found[0].origin, found[0].field) == (clock(9), "lab", "start")
        assert found[0].nearest == on(1, 0)  # the last day that is open
    assert not broken(FAIR, now, on(1, 9))  # the days before are open


def test_an_opening_may_last_over_midnight():
    late = replace(FAIR, opens_at_minute=Rule(23 * 60), fair_opening_minutes=Rule(120))
    assert [v.code for v in broken(late, clock(0, 59, day=24))] == ["fair_opening"]
    assert broken(late, clock(1, day=24)) == ()


def test_a_day_being_drawn_is_not_open_until_it_is_decided():
    drawn = (Period(clock(0, day=25), clock(0, day=26)),)
    asked = propose(on(2, 9), now=clock(9, 1), drawn=drawn)
    [found] = violations(FAIR, asked)
    assert (found.code, found.field, found.actual) == ("being_drawn", "start", on(2, 9).start)
    assert starts_end(FAIR, asked) == clock(0, day=25)
    assert not violations(FAIR, replace(asked, period=on(1, 9)))
    for hour, code in ((0, "being_drawn"), (23.5, "being_drawn"), (24, "horizon")):
        [edge] = violations(FAIR, replace(asked, period=on(2, hour, hour + 0.5)))
        assert edge.code == code


@pytest.mark.parametrize(
    ("period", "more", "codes"),
    [
        (on(1, 22, 24), {}, []),
        (on(1, 22, 24.5), {}, ["reaches_fair_day"]),
        (on(1, 22, 24.5), {"was": on(1, 20, 25)}, []),  # what it has already
        (on(1, 22, 25.5), {"was": on(1, 20, 25)}, ["reaches_fair_day"]),
    ],
)
def test_nothing_reaches_into_a_day_that_is_not_decided(period, more, codes):
    asked = propose(period, now=clock(8, 45), **more)
    assert [v.code for v in violations(FAIR, asked)] == codes
    assert not violations(AT_HALF_PAST_EIGHT, asked)
    if codes:
        [found] = violations(FAIR, asked)
        assert (found.limit, found.field) == (clock(9), "end")
        assert found.more == {"by": clock(0, day=25)}


def test_who_is_drawn_may_go_on_into_the_next_day():
    asked = propose(on(2, 22, 26), now=clock(9), its_turn=True)
    assert violations(FAIR, asked) == ()


def test_whose_turn_it_is_was_collected_in_time_whatever_the_rule_says_by_now():
    longer = replace(FAIR, fair_opening_minutes=Rule(120))
    asked = propose(on(2, 9), now=clock(9))
    assert [v.code for v in violations(longer, asked)] == ["fair_opening"]
    assert violations(longer, replace(asked, its_turn=True)) == ()


instants = st.integers(1_700_000_000, 1_800_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))


@given(instants, st.sampled_from([XIAN, NEW_YORK, ZoneInfo("Africa/Cairo")]), st.integers(0, 9))
def test_by_default_a_day_opens_with_midnight(now, zone, days):
    last = now.astimezone(zone).date() + timedelta(days=days)
    assert horizon_end(PoolRules(horizon_days=Rule(days)), now, zone) == local_day(last, zone).end


@given(
    instants, st.sampled_from([XIAN, NEW_YORK]), st.integers(0, 1439), st.integers(0, 1440),
    st.integers(0, 90_000),
)  # fmt: skip
def test_what_is_open_stays_open(now, zone, minute, fair, later):
    rules = PoolRules(opens_at_minute=Rule(minute), fair_opening_minutes=Rule(fair))
    assert horizon_end(rules, now, zone) <= horizon_end(rules, now + timedelta(seconds=later), zone)
