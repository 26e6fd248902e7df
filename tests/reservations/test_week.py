"""A week hour by hour: what is free, partly free, taken, closed or past."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.reservations.rules.slots import UnitFacts
from booking.reservations.rules.week import hours_of, week

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)  # Monday 09:30 in Shanghai
OFFICE = WeeklyHours.every_day(8 * 60, 18 * 60)


def at(hour, minute=0, day=MONDAY, zone=SHANGHAI):
    """Return a local time of the day as an instant."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)


def unit(number, warmup=0, cleanup=0):
    """Return a unit in service."""
    return UnitFacts(number, "in_service", warmup, cleanup)


def states(units, busy, hours=OFFICE, now=NOW):
    """Return hour → (state, free units) of Monday."""
    spans = hours.spans(at(0), at(0) + timedelta(days=1), SHANGHAI)
    rows = week([MONDAY], SHANGHAI, units, busy, spans, now)
    return {hour: (cell.state, cell.free) for hour, (cell,) in rows}


def test_only_hours_that_are_open_on_some_day_are_shown():
    assert list(states([unit(1)], {})) == list(range(8, 18))


def test_an_hour_that_has_ended_is_past_the_one_that_runs_is_not():
    found = states([unit(1)], {})
    assert found[8][0] == "past"
    assert found[9][0] == "free"


@pytest.mark.parametrize("now", [at(9), at(9, 59), at(10)])
def test_open_or_closed_an_hour_is_past_from_its_very_end(now):
    past = (now - at(0)) // timedelta(hours=1)  # so many hours have ended
    spans = [Period(at(8), at(9)), Period(at(11), at(12))]
    rows = week([MONDAY], SHANGHAI, [unit(1)], {}, spans, now)
    for hour, (cell,) in rows:
        open_one = hour in (8, 11)
        assert cell.state == ("past" if hour < past else "free" if open_one else "closed")
        assert cell.free == (1 if cell.state == "free" else 0)


def test_units_held_leave_an_hour_partly_free_then_taken():
    noon = [Period(at(12), at(13))]
    two = [unit(1), unit(2)]
    assert states(two, {1: noon})[12] == ("partly", 1)
    assert states(two, {1: noon, 2: noon})[12] == ("busy", 0)
    assert states(two, {1: noon})[13] == ("free", 2)  # back to back
    assert states(two, {1: noon})[11] == ("free", 2)


@pytest.mark.parametrize(
    ("warmup", "cleanup", "free"),
    [
        (0, 0, {11, 13}),
        (15, 0, {11}),  # 13:00 would have to warm up while another is on
        (0, 15, {13}),  # 11:00 would clean up into noon
        (0, 61, {13}),
    ],
)
def test_an_hour_is_free_only_if_its_own_buffers_fit(warmup, cleanup, free):
    found = states([unit(1, warmup, cleanup)], {1: [Period(at(12), at(13))]})
    assert {hour for hour in (11, 12, 13) if found[hour][0] == "free"} == free


def test_a_block_over_days_takes_every_hour():
    found = states([unit(1)], {1: [Period(at(0) - timedelta(days=2), at(0) + timedelta(days=9))]})
    assert {state for state, _ in found.values()} == {"past", "busy"}


def test_an_hour_partly_open_is_shown_as_open():
    found = states([unit(1)], {}, WeeklyHours.every_day(10 * 60 + 30, 12 * 60 + 15))
    assert list(found) == [10, 11, 12]


def test_a_day_that_is_closed_beside_one_that_is_open():
    spans = [Period(at(10), at(12))]
    rows = week([MONDAY, MONDAY + timedelta(days=1)], SHANGHAI, [unit(1)], {}, spans, NOW)
    assert [(h, a.state, b.state) for h, (a, b) in rows] == [
        (10, "free", "closed"),
        (11, "free", "closed"),
    ]


def test_a_week_that_is_never_open_shows_the_working_day_closed():
    rows = week([MONDAY], SHANGHAI, [unit(1)], {}, [], NOW)
    assert [hour for hour, _ in rows] == list(range(8, 18))
    assert {cells[0].state for _, cells in rows} == {"past", "closed"}


def test_a_pool_without_bookable_units_has_nothing_free():
    assert states([], {})[12] == ("busy", 0)


def test_the_hour_the_clock_skips_is_closed():
    hours = hours_of(date(2026, 3, 29), BERLIN)
    assert hours[2] is None
    assert hours[1].length == hours[3].length == timedelta(hours=1)
    spans = [Period(hours[0].start, hours[23].end)]
    rows = week([date(2026, 3, 29)], BERLIN, [unit(1)], {}, spans, hours[0].start)
    assert rows[2][1][0].state == "closed"


def test_the_hour_that_comes_twice_is_two_hours_long():
    hours = hours_of(date(2026, 10, 25), BERLIN)
    assert sum((hour.length for hour in hours), timedelta()) == timedelta(hours=25)
    assert [a.end for a in hours[:-1]] == [b.start for b in hours[1:]]
