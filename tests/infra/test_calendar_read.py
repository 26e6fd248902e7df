"""Calendars of others: their times, whatever else they hold, in bounded time."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from booking.core.errors import Invalid
from booking.core.period import Period
from booking.infra.calendar_read import busy_times
from booking.infra.repeats_ics import Budget, days_of, rule_of
from tests.conftest import NOW
from tests.samples import SAMPLES, sample, sample_files

ZONE = ZoneInfo("Asia/Shanghai")
SPAN = Period(NOW, NOW + timedelta(days=60))


def calendar(*events):
    body = "\r\n".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT" for event in events)
    return f"BEGIN:VCALENDAR\r\n{body}\r\nEND:VCALENDAR\r\n".encode()


def read(*events, span=SPAN):
    return busy_times(calendar(*events), span, ZONE)


def starts(*events):
    return [each.start.strftime("%m%d %H:%M") for each in read(*events).times]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("DTSTART:20261124T010000Z\nDTEND:20261124T020000Z", ["1124 01:00"]),
        # floating: of the park's zone
        ("DTSTART:20261124T090000\nDURATION:PT1H", ["1124 01:00"]),
        ("DTSTART;TZID=Europe/Berlin:20261124T090000\nDURATION:PT1H", ["1124 08:00"]),
        ('DTSTART;TZID="/mozilla.org/20050126_1/Europe/Berlin":20261124T090000\nDURATION:PT1H',
         ["1124 08:00"]),
        ("DTSTART;TZID=China Standard Time:20261124T090000\nDURATION:PT1H", ["1124 01:00"]),
        # a whole day
        ("DTSTART;VALUE=DATE:20261124", ["1123 16:00"]),
        # folded in the middle of a value
        ("DTSTART:20261124T01\r\n 0000Z\nDURATION:PT1H", ["1124 01:00"]),
        # an alarm's own times are not the entry's
        ("DTSTART:20261124T010000Z\nDTEND:20261124T020000Z\nBEGIN:VALARM\nDURATION:PT9H\n"
         "END:VALARM", ["1124 01:00"]),
        # free, cancelled, without a length
        ("DTSTART:20261124T010000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT", []),
        ("DTSTART:20261124T010000Z\nDURATION:PT1H\nSTATUS:CANCELLED", []),
        ("DTSTART:20261124T010000Z", []),
        ("DTSTART;TZID=Nowhere:20261124T010000\nDURATION:PT1H", []),
        # repeated, one left out
        ("DTSTART:20261124T010000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\n"
         "EXDATE:20261125T010000Z", ["1124 01:00", "1126 01:00"]),
        ("DTSTART:20200107T010000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20261201T010000Z",
         ["1124 01:00", "1201 01:00"]),
        ("DTSTART:20261124T010000Z\nDURATION:PT1H\nRDATE:20261127T010000Z",
         ["1124 01:00", "1127 01:00"]),
    ],
)  # fmt: skip
def test_an_entry_is_read_as_it_is_meant(event, expected):
    assert starts(event) == expected


def test_an_occurrence_that_was_moved_is_not_busy_twice():
    series = "UID:x\nDTSTART:20261124T010000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2"
    moved = "UID:x\nRECURRENCE-ID:20261125T010000Z\nDTSTART:20261125T050000Z\nDURATION:PT1H"

    assert starts(series, moved) == ["1124 01:00", "1125 05:00"]


def test_a_series_keeps_its_local_time_when_the_clocks_change():
    event = (
        "DTSTART;TZID=America/New_York:20261030T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2"
    )
    span = Period(NOW - timedelta(days=60), NOW)

    assert [each.start.hour for each in read(event, span=span).times] == [13, 14]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,TU", "FREQ=MONTHLY;BYMONTHDAY=31,-1",
        "FREQ=MONTHLY;BYDAY=2TU,-1FR", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU", "FREQ=YEARLY", "FREQ=YEARLY;BYDAY=20MO",
        "FREQ=YEARLY;BYMONTHDAY=13;BYDAY=FR", "FREQ=DAILY;COUNT=700;BYDAY=SA", "FREQ=MONTHLY",
        "FREQ=MONTHLY;INTERVAL=5;COUNT=9", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29",
    ],
)  # fmt: skip
def test_days_are_those_of_another_library(rule):
    first, last = date(2021, 1, 31), date(2027, 12, 31)
    other = rrulestr(rule, dtstart=datetime(2021, 1, 31))  # noqa: DTZ001 - days alone
    expected = [each.date() for each in other.between(
        datetime(2021, 1, 30), datetime(2028, 1, 1))]  # noqa: DTZ001  # fmt: skip

    assert list(days_of(rule_of(rule), first, first, last, Budget(400_000))) == expected
    begin = date(2026, 6, 1)
    late = days_of(rule_of(rule), first, begin, last, Budget(400_000))
    assert [day for day in late if day >= begin] == [day for day in expected if day >= begin]


BOMBS = [
    "DTSTART:19700101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY",
    "DTSTART:00010101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=999999",
    "DTSTART:19700101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "DTSTART:19700101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;INTERVAL=0",
    "DTSTART:20261124T000000Z\nDURATION:P99999D\nRRULE:FREQ=DAILY",
    "DTSTART:20261124T000000Z\nDURATION:PT1H\nRDATE:" + ",".join(["20261125T000000Z"] * 4000),
    "DTSTART:99991231T235959Z\nDURATION:P9999W\nRRULE:FREQ=YEARLY",
    "DTSTART" + ";A=" + "b" * 100_000 + ":20261124T000000Z",
    "DTSTART;" + ";" * 100_000 + ":1",
    "RRULE:" + "FREQ=DAILY;" * 5_000,
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_entry_keeps_a_process_busy(bomb):
    began = time.process_time()
    read(*[bomb] * 20)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 500, b"<html>", b"BEGIN:VTODO"])
def test_what_is_no_calendar_is_refused(content):
    with pytest.raises(Invalid, match="not_a_calendar"):
        busy_times(content, SPAN, ZONE)


def test_a_file_is_bounded():
    with pytest.raises(Invalid, match="too_many_bytes"):
        busy_times(b"x" * (3 * 1024 * 1024), SPAN, ZONE)
    with pytest.raises(Invalid, match="calendar_too_many"):
        busy_times(calendar(*["X:1"] * 10_001), SPAN, ZONE)


def test_every_sample_is_read_or_refused_with_a_reason():
    sample("ical")
    files = [path for path in sample_files("ical") if not path.split("/")[-1].startswith("_")]
    span = Period(datetime(2015, 1, 1, tzinfo=UTC), datetime(2016, 6, 1, tzinfo=UTC))
    read_files, refused, slowest = 0, {}, 0.0
    for path in files:
        began = time.process_time()
        try:
            found = busy_times((SAMPLES / path).read_bytes(), span, ZONE)
        except Invalid as refusal:
            refused[path] = refusal.code
        else:
            read_files += 1
            assert all(a.end < b.start for a, b in zip(found.times, found.times[1:], strict=False))
        slowest = max(slowest, time.process_time() - began)

    assert len(files) >= 596
    assert read_files + len(refused) == len(files)
    assert set(refused.values()) == {"not_a_calendar"}
    assert slowest < 2
