"""Opening hours as people type them."""

import pytest

from booking.core.hours import WeeklyHours
from booking.inventory.rules.hours import NotHours, day_texts, weekly_hours

REST = [""] * 6


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("08:00-18:00", "1 08:00-18:00"),
        ("8:00 - 18:00", "1 08:00-18:00"),
        ("08:00-12:00, 14:00-18:00", "1 08:00-12:00;1 14:00-18:00"),
        ("08:00-12:00、14:00-18:00", "1 08:00-12:00;1 14:00-18:00"),
        # full-width signs, as a Chinese keyboard gives them
        ("０８：００－１８：００", "1 08:00-18:00"),
        ("08:00—18:00", "1 08:00-18:00"),
        ("08:00至18:00", "1 08:00-18:00"),
        # past midnight
        ("22:00-06:00", "1 22:00-30:00"),
        ("22:00-00:00", "1 22:00-24:00"),
        ("00:00-24:00", "1 00:00-24:00"),
        ("全天", "1 00:00-24:00"),
        ("24h", "1 00:00-24:00"),
        ("", ""),
        ("关闭", ""),
        ("closed", ""),
    ],
)
def test_a_days_hours_are_read_and_written_back(text: str, stored: str) -> None:
    hours = weekly_hours([text, *REST])
    assert hours.text == stored
    assert weekly_hours(day_texts(hours)) == hours == WeeklyHours.parse(stored)


@pytest.mark.parametrize(
    "text", ["8", "08:00", "08:00-25:00", "24:00-25:00", "08:75-09:00", "9-17", "08:00-08:00", "x"]
)
def test_what_is_not_hours_is_refused_with_its_day(text: str) -> None:
    with pytest.raises(NotHours) as refused:
        weekly_hours(["08:00-18:00", "", text, "", "", "", ""])
    assert refused.value.weekday == 3
