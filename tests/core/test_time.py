"""Periods and weekly hours: half-open ends, windows over midnight, clocks that change."""

import doctest
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.core import period as period_module
from booking.core.hours import WeeklyHours, Window
from booking.core.period import Period, from_epoch, merge, subtract, to_epoch

XIAN, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, tzinfo=XIAN).astimezone(UTC)


def hours(first, last, day=0):
    start = MONDAY + timedelta(days=day)
    return Period(start + timedelta(hours=first), start + timedelta(hours=last))


def test_docstring_examples_hold():
    assert doctest.testmod(period_module).failed == 0


@pytest.mark.parametrize(
    ("start", "end", "meets"),
    [
        (8, 9, False),  # ends before
        (8, 10, False),  # touches the start
        (8, 10.01, True),
        (10.5, 10.6, True),  # inside
        (9, 12, True),  # around
        (11, 12, False),  # touches the end
    ],
)
def test_touching_periods_do_not_overlap(start, end, meets):
    assert hours(10, 11).overlaps(hours(start, end)) is meets


def test_a_period_is_never_empty_or_naive():
    naive = datetime(2026, 11, 24)  # noqa: DTZ001
    with pytest.raises(ValueError, match="^a period ends after it starts$"):
        Period(MONDAY, MONDAY)
    for start, end in ((naive, naive), (MONDAY, naive), (naive, MONDAY)):
        with pytest.raises(ValueError, match="^a period needs aware times$"):
            Period(start, end)


def test_a_period_is_widened_and_moved():
    assert hours(10, 11).widened(30, 15) == hours(9.5, 11.25)
    assert hours(10, 11).shifted(timedelta(hours=-2)) == hours(8, 9)
    assert (hours(10, 11.5).length, hours(10, 11.5).minutes) == (timedelta(hours=1.5), 90)


def test_instants_are_kept_as_whole_seconds():
    assert to_epoch(MONDAY + timedelta(microseconds=999_999)) == to_epoch(MONDAY) == 1795363200
    assert from_epoch(1795363200) == MONDAY


spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 10)).map(lambda t: hours(t[0], t[0] + t[1])),
    max_size=6,
)


@given(spans)
def test_what_is_left_and_what_is_taken_make_the_whole(taken):
    whole = hours(0, 48)
    left = subtract(whole, taken)
    inside = [Period(max(t.start, whole.start), min(t.end, whole.end)) for t in taken]
    assert merge([*left, *inside]) == [whole]
    assert not any(part.overlaps(other) for part in left for other in taken)


def test_hours_are_stored_and_read_back_alike():
    text = "1 08:00-12:00;1 13:00-18:00;6 22:00-30:00"
    assert WeeklyHours.parse(text).text == text
    assert WeeklyHours.parse("6 22:00-06:00").text == "6 22:00-30:00"


@pytest.mark.parametrize("text", ["8 08:00-18:00", "1 8-18-20", "1 25:00-26:00", "mon 8:00-9:00"])
def test_unreadable_hours_are_named(text):
    with pytest.raises(ValueError, match="not a weekly window"):
        WeeklyHours.parse(text)


@pytest.mark.parametrize(
    ("text", "period", "inside"),
    [
        ("1 08:00-18:00", hours(8, 18), True),  # exactly the window
        ("1 08:00-18:00", hours(7.75, 9), False),  # starts too early
        ("1 08:00-18:00", hours(17, 18.25), False),  # ends too late
        ("1 08:00-18:00", hours(9, 10, day=1), False),  # a Tuesday
        ("1 08:00-12:00;1 12:00-18:00", hours(11, 13), True),  # adjoining windows are one
        ("1 08:00-12:00;1 13:00-18:00", hours(11, 14), False),  # lunch
        ("1 22:00-30:00", hours(23, 29), True),  # over midnight
        ("7 22:00-30:00", hours(1, 5), True),  # Sunday night reaches into Monday
        ("1 22:00-30:00;2 06:00-12:00", hours(23, 34), True),  # the night joins the morning
        ("", hours(9, 10), False),  # never open
    ],
)
def test_a_period_is_inside_opening_hours(text, period, inside):
    assert WeeklyHours.parse(text).contains(period, XIAN) is inside


def test_windows_follow_the_local_clock_when_it_changes():
    # Sunday 2026-03-29: Berlin's clocks jump from 02:00 to 03:00.
    night = WeeklyHours.every_day(0, 6 * 60)
    first = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    opened = night.spans(first, first + timedelta(hours=4), BERLIN)
    assert opened == [
        Period(datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 4, tzinfo=UTC))
    ]


NEW_YORK, CAIRO = ZoneInfo("America/New_York"), ZoneInfo("Africa/Cairo")


@pytest.mark.parametrize(
    ("zone", "day", "text", "first", "last"),
    [
        # Clocks jump from 02:00 to 03:00: both edges in between are the jump itself.
        (BERLIN, "2026-03-29", "7 02:30-10:00", "01:00", "08:00"),
        (BERLIN, "2026-03-29", "7 00:00-02:30", "23:00", "01:00"),
        (BERLIN, "2026-03-29", "7 02:00-10:00", "01:00", "08:00"),
        (BERLIN, "2026-03-29", "7 03:00-10:00", "01:00", "08:00"),
        (NEW_YORK, "2026-03-08", "7 02:30-10:00", "07:00", "14:00"),
        (NEW_YORK, "2026-03-08", "6 22:00-26:30", "03:00", "07:00"),  # over midnight into it
        (CAIRO, "2026-04-24", "5 00:30-08:00", "22:00", "05:00"),  # jumps at midnight
        # Of a time that comes twice, the first is meant.
        (BERLIN, "2026-10-25", "7 02:30-10:00", "00:30", "09:00"),
        (BERLIN, "2026-10-25", "7 00:00-02:30", "22:00", "00:30"),
    ],
)
def test_an_edge_the_clock_jumps_over_is_the_jump(zone, day, text, first, last):
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=zone)
    [span] = WeeklyHours.parse(text).spans(
        noon - timedelta(hours=13), noon + timedelta(hours=2), zone
    )
    assert f"{span.start:%H:%M} {span.end:%H:%M}" == f"{first} {last}"


def test_a_window_inside_the_skipped_hour_never_opens():
    noon = datetime(2026, 3, 29, 12, tzinfo=BERLIN)
    week = WeeklyHours.parse("7 02:15-02:45")
    assert week.spans(noon - timedelta(hours=14), noon, BERLIN) == []


@pytest.mark.parametrize(
    ("window", "why"),
    [
        ((0, 0, 60), r"weekday is 1 \(Monday\) to 7 \(Sunday\)"),
        ((8, 0, 60), r"weekday is 1 \(Monday\) to 7 \(Sunday\)"),
        ((1, 1440, 1500), "a window starts within its day"),
        ((1, 60, 60), "a window lasts more than nothing and at most 24 hours"),
        ((1, 0, 1441), "a window lasts more than nothing and at most 24 hours"),
    ],
)
def test_windows_that_cannot_be_are_refused(window, why):
    with pytest.raises(ValueError, match=f"^{why}$"):
        Window(*window)


def test_a_window_that_only_touches_is_not_met():
    office = WeeklyHours.parse("1 08:00-10:00")
    assert office.spans(*pair(hours(10, 12)), XIAN) == []
    assert office.spans(*pair(hours(6, 8)), XIAN) == []
    assert office.spans(*pair(hours(9.5, 9.6)), XIAN) == [hours(8, 10)]


def pair(period):
    return period.start, period.end
