"""Notice, nights and holidays: refused with the rule, and the nearest time passes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.policies.rules.calendar import Calendar
from booking.policies.rules.decide import violations
from booking.policies.rules.proposal import Proposal
from booking.policies.rules.times import open_spans
from booking.policies.rules.values import DEFAULTS, NEVER, PoolRules, Rule

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 9, 21, 1, tzinfo=UTC)  # a Monday, 09:00 there
OFFICE = WeeklyHours.parse(";".join(f"{day} 08:00-18:00" for day in range(1, 6)))
# National Day 2026 and its make-up Saturday.
DAYS = {date(2026, 9, 20): "workday", date(2026, 10, 10): "workday"} | {
    date(2026, 10, day): "holiday" for day in range(1, 8)
}
CLOSED = replace(
    DEFAULTS, opening_hours=Rule(OFFICE, "lab"), holidays=Rule("closed", "site"),
)  # fmt: skip


def at(month, day, hour, hours=1.0) -> Period:
    start = datetime(2026, month, day, hour, tzinfo=ZONE).astimezone(UTC)
    return Period(start, start + timedelta(hours=hours))


def propose(period: Period, **more) -> Proposal:
    more = {"insider": True, "calendar": Calendar(DAYS)} | more
    return Proposal(period, 1, NOW, ZONE, 3, **more)


def broken(rules: PoolRules, proposal: Proposal) -> dict[str, Period | None]:
    return {v.code: v.nearest for v in violations(rules, proposal)}


@pytest.mark.parametrize(
    ("lead", "hour", "refused"),
    [(60, 9, True), (60, 10, False), (None, 9, False), (NEVER, 20, True), (0, 9, False)],
)
def test_create_latest(lead, hour, refused):
    rules = replace(DEFAULTS, create_latest_minutes=Rule(lead, "pool"))
    found = broken(rules, propose(at(9, 21, hour)))
    assert found == ({"too_late": None if lead == NEVER else at(9, 21, 10)} if refused else {})
    assert broken(rules, propose(at(9, 21, hour), keeps_start=True)) == {}


def test_a_holiday_is_closed_and_names_the_next_open_time():
    found = broken(CLOSED, propose(at(10, 1, 9)))
    assert found == {"holiday": at(10, 8, 8)}
    assert broken(replace(CLOSED, holidays=Rule("open")), propose(at(10, 1, 9))) == {}


def test_a_make_up_saturday_is_open_as_a_monday():
    assert broken(CLOSED, propose(at(10, 10, 9))) == {}
    assert "closed_hours" in broken(CLOSED, propose(at(10, 10, 18)))
    assert "closed_hours" in broken(CLOSED, propose(at(10, 11, 9)))
    assert "closed_hours" in broken(CLOSED, propose(at(10, 10, 9), calendar=Calendar()))


def test_a_night_window_ends_where_the_holiday_begins():
    nights = WeeklyHours.every_day(20 * 60, 30 * 60)
    spans = Calendar(DAYS).open_spans(nights, at(9, 30, 12).start, at(10, 8, 12).start, ZONE)
    assert spans == [at(9, 30, 20, 4), at(10, 8, 0, 6)]


def test_without_weekly_hours_only_holidays_are_closed():
    rules = replace(DEFAULTS, holidays=Rule("closed", "park"))
    assert broken(rules, propose(at(10, 10, 22))) == {}
    assert broken(rules, propose(at(9, 30, 23, 2))) == {"holiday": at(9, 30, 23, 1)}
    assert broken(rules, propose(at(9, 30, 23, 3))) == {"holiday": at(10, 8, 0, 3)}


def test_over_midnight_is_refused_in_the_sites_own_time():
    rules = replace(DEFAULTS, overnight=Rule(value=False, origin="pool"))
    assert broken(rules, propose(at(9, 21, 23, 1))) == {}
    assert broken(rules, propose(at(9, 21, 23, 2))) == {"overnight": at(9, 21, 23, 1)}
    assert broken(rules, propose(at(9, 21, 23, 3))) == {"overnight": at(9, 22, 0, 3)}
    spans = open_spans(rules, propose(at(9, 21, 10)), at(9, 21, 10, 20))
    assert spans == [at(9, 21, 10, 14), at(9, 22, 0, 6)]
