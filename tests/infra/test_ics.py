"""Calendars as they are written, read back by libraries that did not write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from booking.core.period import Period
from booking.infra import ics
from booking.infra.zones_ics import time_zone_lines
from tests.conftest import NOW
from tests.feeds.readers import read

NASTY = "共聚焦; 显微镜, \\ 3 号\r\nBEGIN:VEVENT\x07 " + "长" * 60


def entry(**overrides):
    return ics.Entry(**{
        "uid": "reservation-7F3K9M2Q@park.example", "sequence": 3, "start": NOW,
        "end": NOW + timedelta(hours=2), "summary": "Confocal", "location": "Xi'an",
        "description": "x", "url": "https://park.example/reservations/7",
        "organizer": "booking@park.example", "attendee": "ada@a.example", "attendee_name": "Ada",
        "zone": ZoneInfo("Asia/Shanghai"), **overrides,
    })  # fmt: skip


def test_whatever_a_name_holds_it_stays_a_name():
    content = ics.publish([entry(summary=NASTY, description=NASTY, url="https://x/\r\nX:1")], NOW)

    [(_, _, summary)] = read(content).values()
    assert summary == NASTY.replace("\r\n", "\n").replace("\x07", "")


def test_a_name_does_not_end_its_quotes():
    content = ics.message(entry(attendee_name='A"; X=1:mailto:eve@x.example\r\n'), "REQUEST", NOW)

    [event] = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert str(event["attendee"]) == "mailto:ada@a.example"
    assert set(event["attendee"].params) == {"CN", "PARTSTAT", "ROLE", "RSVP"}


def test_a_request_and_its_cancellation_are_one_entry():
    first = icalendar.Calendar.from_ical(ics.message(entry(), "REQUEST", NOW))
    after = icalendar.Calendar.from_ical(ics.message(entry(sequence=4), "CANCEL", NOW))

    assert (first["method"], after["method"]) == ("REQUEST", "CANCEL")
    [one], [other] = first.walk("VEVENT"), after.walk("VEVENT")
    assert one["uid"] == other["uid"]
    assert (one["sequence"], other["sequence"]) == (3, 4)
    assert other["status"] == "CANCELLED"


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 3, 29, 0, 30, tzinfo=UTC),  # before and across the hour that is skipped
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 0, tzinfo=UTC),  # 02:00 the first time, its end the second
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # 02:30 the second time
        datetime(2027, 7, 1, 12, 0, tzinfo=UTC),
        datetime(2024, 12, 31, 23, 0, tzinfo=UTC),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Shanghai", "America/New_York"])
def test_local_times_are_read_back_as_the_same_instants(zone, start):
    one = entry(start=start, end=start + timedelta(hours=1), zone=ZoneInfo(zone))

    [(begin, end, _)] = read(ics.publish([one], NOW)).values()

    assert (begin, end) == (start, start + timedelta(hours=1))


@pytest.mark.parametrize(
    "zone", ["Europe/Dublin", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "UTC"]
)
def test_the_zone_alone_says_the_right_offsets(zone):
    text = "\r\n".join(["BEGIN:VCALENDAR", *time_zone_lines(zone, 2026, 2027), "END:VCALENDAR", ""])
    [told] = icalendar.Calendar.from_ical(text).walk("VTIMEZONE")
    read_zone, real = told.to_tz(lookup_tzid=False), ZoneInfo(zone)

    # Noon of each day: in the hour of a change libraries differ in what a name means.
    for day in range(0, 730, 5):
        local = datetime(2026, 1, 1, 12) + timedelta(days=day)  # noqa: DTZ001 - told in two zones
        there = local.replace(tzinfo=read_zone).utcoffset()
        assert there == local.replace(tzinfo=real).utcoffset(), local


def test_what_never_ends_can_be_told():
    far = entry(end=datetime(9999, 1, 1, tzinfo=UTC), zone=ZoneInfo("Europe/Berlin"))

    assert len(read(ics.publish([far], NOW))) == 1


def test_free_busy_has_times_and_nothing_else():
    busy = [Period(NOW, NOW + timedelta(hours=1))]
    content = ics.free_busy("feed-1@x", busy, Period(NOW, NOW + timedelta(days=1)), "b@x", NOW)

    [found] = icalendar.Calendar.from_ical(content).walk("VFREEBUSY")
    assert found["freebusy"].to_ical() == b"20261123T010000Z/20261123T020000Z"
    assert {str(name) for name in found} == {
        "UID", "DTSTAMP", "DTSTART", "DTEND", "ORGANIZER", "FREEBUSY",
    }  # fmt: skip
