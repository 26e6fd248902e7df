"""What people type and the instants it means, daylight saving included."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from booking.core.local import SkippedTime, UnreadableTime, exact_text, local_text, parse_instant

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2026-11-24T09:00", SHANGHAI, datetime(2026, 11, 24, 1, tzinfo=UTC)),
        (" 2026-11-24 09:00 ", SHANGHAI, datetime(2026, 11, 24, 1, tzinfo=UTC)),  # typed by hand
        ("2026/11/24 09:00", SHANGHAI, datetime(2026, 11, 24, 1, tzinfo=UTC)),
        ("2026-11-24T09:00+09:00", SHANGHAI, datetime(2026, 11, 24, 0, tzinfo=UTC)),
        ("2026-03-29T03:00", BERLIN, datetime(2026, 3, 29, 1, tzinfo=UTC)),  # just after the jump
        ("2026-10-25T02:30", BERLIN, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the first one
        ("2026-10-25T02:30+01:00", BERLIN, datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_typed_times_are_read_in_the_sites_zone(text, zone, instant):
    assert parse_instant(text, zone) == instant


def test_the_first_and_the_last_of_our_years_are_read():
    for text in ("2000-01-01T00:00", "2199-12-31T23:59"):
        assert local_text(parse_instant(text, SHANGHAI), SHANGHAI) == text


def test_a_time_the_clock_jumps_over_is_refused():
    with pytest.raises(SkippedTime):
        parse_instant("2026-03-29T02:30", BERLIN)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-13-01T00:00", "1999-12-31T23:59", "2200-01-01T00:00", "2026-11-24T25:00"],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(UnreadableTime):
        parse_instant(text, SHANGHAI)


def test_the_exact_text_survives_the_hour_that_comes_twice():
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    assert local_text(second, BERLIN) == "2026-10-25T02:30"
    assert parse_instant(exact_text(second, BERLIN), BERLIN) == second
