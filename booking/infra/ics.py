"""Calendar objects (RFC 5545, RFC 5546) from plain values.

Written here, line by line: a library takes half a second for the thousand entries of a feed. The
tests read what is written with three libraries that are not ours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from booking.core.period import Period
from booking.infra.zones_ics import time_zone_lines

PRODUCT = "-//Instrument Booking//EN"
CONTENT_TYPE = "text/calendar; charset=utf-8"
# Only PUBLISH may hold several entries (RFC 5546 §3.2).
REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"
CONFIRMED, TENTATIVE, CANCELLED = "CONFIRMED", "TENTATIVE", "CANCELLED"
MOST_YEARS = 20  # for which changes of the clocks are told
OCTETS = 75  # of a line, the break left out (RFC 5545 §3.1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One reservation in somebody's calendar.

    `uid` stays the same for life and `sequence` grows with each change, so that calendars update
    what they have instead of showing it twice. Times are told in `zone`, in UTC without one.
    `stamp` is when it last changed; None: now.
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
    tentative: bool = False
    zone: ZoneInfo | None = None
    stamp: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a calendar that is fetched again and again says of itself."""

    name: str
    note: str = ""
    every_minutes: int = 60


def message(entry: Entry, method: str, now: datetime) -> bytes:
    """Return the calendar of one entry with METHOD REQUEST or CANCEL; CRLF lines."""
    status = CANCELLED if method == CANCEL else _status(entry)
    lines = _event(entry, status, now, [_attendee(entry)])
    return _calendar([f"METHOD:{method}"], [entry], lines)


def publish(entries: Iterable[Entry], now: datetime, about: Subscription | None = None) -> bytes:
    """Return one calendar of several entries, each with its own UID and state.

    Nobody is invited by it: PUBLISH knows no attendees. Later news of one entry update it.
    """
    listed = list(entries)
    head = [f"METHOD:{PUBLISH}", *(_subscription(about) if about else [])]
    lines = [line for entry in listed for line in _event(entry, _status(entry), now, [])]
    return _calendar(head, listed, lines)


def resource(entry: Entry, now: datetime) -> bytes:
    """Return one entry as CalDAV keeps it: without METHOD (RFC 4791 §4.1)."""
    return _calendar([], [entry], _event(entry, _status(entry), now, []))


def free_busy(
    uid: str, busy: Sequence[Period], span: Period, organizer: str, now: datetime
) -> bytes:
    """Return the times of `busy`, by start and apart from each other, as one VFREEBUSY."""
    lines = [
        "BEGIN:VFREEBUSY",
        f"UID:{_text(uid)}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(span.start)}",
        f"DTEND:{_utc(span.end)}",
        f"ORGANIZER:{_address(organizer)}",
        *(f"FREEBUSY;FBTYPE=BUSY:{_utc(each.start)}/{_utc(each.end)}" for each in busy),
        "END:VFREEBUSY",
    ]
    return _calendar([f"METHOD:{PUBLISH}"], [], lines)


def _calendar(head: list[str], entries: list[Entry], body: list[str]) -> bytes:
    lines = [
        "BEGIN:VCALENDAR", f"PRODID:{PRODUCT}", "VERSION:2.0", "CALSCALE:GREGORIAN",
        *head, *_zones(entries), *body, "END:VCALENDAR",
    ]  # fmt: skip
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _zones(entries: list[Entry]) -> list[str]:
    """Return the VTIMEZONE of each zone told in, right for the years of all entries."""
    keys = sorted({entry.zone.key for entry in entries if entry.zone})
    if not keys:
        return []
    first = min(entry.start for entry in entries).year - 1
    # What was imported without an end runs to the year 9999.
    last = min(max(entry.end for entry in entries).year + 1, first + MOST_YEARS)
    return [line for key in keys for line in time_zone_lines(key, first, last)]


def _status(entry: Entry) -> str:
    if entry.cancelled:
        return CANCELLED
    return TENTATIVE if entry.tentative else CONFIRMED


def _event(entry: Entry, status: str, now: datetime, more: list[str]) -> list[str]:
    stamp = _utc(entry.stamp or now)
    lines = [
        "BEGIN:VEVENT",
        f"UID:{_text(entry.uid)}",
        f"SEQUENCE:{entry.sequence}",
        f"DTSTAMP:{stamp}",
        f"LAST-MODIFIED:{stamp}",
        f"DTSTART{_moment(entry.start, entry.zone)}",
        f"DTEND{_moment(entry.end, entry.zone)}",
        f"SUMMARY:{_text(entry.summary)}",
        f"STATUS:{status}",
    ]
    for name, value in (("LOCATION", entry.location), ("DESCRIPTION", entry.description)):
        if value:
            lines.append(f"{name}:{_text(value)}")
    if entry.url:
        lines.append(f"URL:{_plain(entry.url)}")
    return [*lines, f"ORGANIZER:{_address(entry.organizer)}", *more, "END:VEVENT"]


def _attendee(entry: Entry) -> str:
    """Return the person as one who comes and is not asked to answer."""
    name = _plain(entry.attendee_name).replace('"', "'")
    return (
        f'ATTENDEE;CN="{name}";PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:'
        f"{_address(entry.attendee)}"
    )


def _subscription(about: Subscription) -> list[str]:
    every = f"PT{about.every_minutes}M"
    lines = [
        f"NAME:{_text(about.name)}",
        f"X-WR-CALNAME:{_text(about.name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{every}",
        f"X-PUBLISHED-TTL:{every}",
    ]
    if about.note:
        lines.append(f"X-WR-CALDESC:{_text(about.note)}")
    return lines


def _moment(moment: datetime, zone: ZoneInfo | None) -> str:
    if zone is None:
        return f":{_utc(moment)}"
    local = moment.astimezone(zone)
    if local.fold:
        return f":{_utc(moment)}"  # the second time of that name: local words cannot say which
    return f";TZID={zone.key}:{local:%Y%m%dT%H%M%S}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _address(address: str) -> str:
    return f"mailto:{_plain(address)}"


def _plain(text: str) -> str:
    """Return `text` as one line of what may be seen."""
    return "".join(c for c in text if c.isprintable())


def _text(text: str) -> str:
    """Return a TEXT value, escaped; line ends stay, other invisible characters go.

    >>> _text("a;b,c\\\\d" + chr(10) + "e" + chr(7))
    'a\\\\;b\\\\,c\\\\\\\\d\\\\ne'
    """
    lines = text.replace("\r\n", "\n").split("\n")
    escaped = (
        _plain(line).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,") for line in lines
    )
    return "\\n".join(escaped)


def _folded(line: str) -> str:
    """Return a content line in parts of 75 octets, no character cut in two."""
    if len(line) * 4 <= OCTETS or len(line.encode()) <= OCTETS:
        return line
    parts, part, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > OCTETS:
            parts.append(part)
            part, size = " ", 1
        part += character
        size += width
    return "\r\n".join([*parts, part])
