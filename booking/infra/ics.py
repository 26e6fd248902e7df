"""Calendar objects (RFC 5545, RFC 5546) from plain values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from booking.infra.late import late

LIBRARY = "icalendar"  # 3 MB and 30 ms that only the delivery of mail needs

PRODUCT = "-//Instrument Booking//EN"
# Only PUBLISH may hold several entries (RFC 5546 §3.2).
REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"


@dataclass(frozen=True, slots=True)
class Entry:
    """One reservation in somebody's calendar.

    `uid` stays the same for life and `sequence` grows with each change, so that calendars update
    what they have instead of showing it twice.
    """

    uid: str
    sequence: int
    start: datetime
    end: datetime
    summary: str
    location: str
    description: str
    url: str
    organizer: str  # addresses
    attendee: str
    attendee_name: str
    cancelled: bool = False


def message(entry: Entry, method: str, now: datetime) -> bytes:
    """Return the calendar of one entry with METHOD REQUEST or CANCEL; times in UTC, CRLF lines."""
    calendar = _calendar(method)
    event = _event(entry, now)
    event.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    event.add("attendee", _attendee(entry))
    calendar.add_component(event)
    return _bytes(calendar)


def publish(entries: Iterable[Entry], now: datetime) -> bytes:
    """Return one calendar of several entries, each with its own UID and state.

    Nobody is invited by it: PUBLISH knows no attendees. Later news of one entry update it.
    """
    calendar = _calendar(PUBLISH)
    for entry in entries:
        event = _event(entry, now)
        event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
        calendar.add_component(event)
    return _bytes(calendar)


def _bytes(calendar: Any) -> bytes:
    content: bytes = calendar.to_ical()
    return content


def _calendar(method: str) -> Any:
    calendar = late(LIBRARY).Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(entry: Entry, now: datetime) -> Any:
    event = late(LIBRARY).Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", entry.start)
    event.add("dtend", entry.end)
    event.add("summary", entry.summary)
    event.add("location", entry.location)
    event.add("description", entry.description)
    event.add("url", entry.url)
    event.add("organizer", late(LIBRARY).vCalAddress(f"mailto:{entry.organizer}"))
    return event


def _attendee(entry: Entry) -> Any:
    """Return the person as one who comes and is not asked to answer."""
    attendee = late(LIBRARY).vCalAddress(f"mailto:{entry.attendee}")
    attendee.params["CN"] = entry.attendee_name
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = "ACCEPTED"
    attendee.params["RSVP"] = "FALSE"
    return attendee
