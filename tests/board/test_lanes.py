"""Days, hours and free parts of a lane."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.board.rules.lanes import Held, free_parts, span_of, ticks
from booking.core.period import Period

CHINA = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def hours(start, end):
    """Return those hours of the day after NOW's midnight in UTC."""
    day = datetime(2026, 11, 23, tzinfo=UTC)
    return Period(day + timedelta(hours=start), day + timedelta(hours=end))


def held(start, end, before=0, after=0):
    """Return a reservation with buffers, in hours."""
    return Held(1, "reservation", hours(start, end), hours(start - before, end + after))


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("2026-11-25", date(2026, 11, 25)),
        ("2026-11-25T08:00", date(2026, 11, 25)),
        (None, date(2026, 11, 23)),
        ("", date(2026, 11, 23)),
        ("tomorrow", date(2026, 11, 23)),
        ("2020-01-01", date(2026, 11, 22)),  # what was held is kept at hand for a day
        ("9999-12-31", date(2027, 12, 28)),
    ],
)
def test_days_asked_for_are_bounded_and_what_cannot_be_read_is_today(asked, first):
    assert span_of(asked, 1, CHINA, NOW).first == first


@pytest.mark.parametrize(
    ("asked", "days"), [(1, 1), (7, 7), (14, 14), (2, 1), (None, 1), (10**9, 1)]
)
def test_only_some_lengths_are_shown(asked, days):
    assert span_of(None, asked, CHINA, NOW).days == days


def test_today_is_the_sites_today():
    late = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # 01:00 of the 24th in China

    assert span_of(None, 1, CHINA, late).first == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("day", "count"), [("2027-03-28", 23), ("2026-11-24", 24), ("2027-10-31", 25)]
)
def test_a_day_has_the_hours_its_zone_gives_it(day, count):
    span = span_of(day, 1, BERLIN, NOW)

    found = ticks(span.period, BERLIN)

    assert len(found) == count + 1  # and the midnight it ends with
    assert (found[0].hour, found[-1].hour) == (0, 0)


def test_hours_begin_where_a_zone_is_a_quarter_off():
    zone = ZoneInfo("Asia/Kathmandu")

    assert {moment.minute for moment in ticks(span_of(None, 1, zone, NOW).period, zone)} == {0}


def test_free_is_what_no_block_covers_buffers_included_from_now_on():
    parts = free_parts(hours(0, 24), [held(3, 5, before=1), held(8, 9, after=2)], NOW)

    assert parts == [hours(1, 2), hours(5, 8), hours(11, 24)]


def test_nothing_of_the_past_is_free():
    assert free_parts(hours(-24, 0), [], NOW) == []
