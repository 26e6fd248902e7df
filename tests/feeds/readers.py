"""Calendars as three libraries read them, none of which wrote them."""

from datetime import UTC, datetime

import icalendar
import ics
import vobject

Event = tuple[datetime, datetime, str]


def by_icalendar(content: bytes) -> dict[str, Event]:
    """Return uid → start, end in UTC, and the title."""
    return {
        str(event["uid"]): (
            event.decoded("dtstart").astimezone(UTC),
            event.decoded("dtend").astimezone(UTC),
            str(event["summary"]),
        )
        for event in icalendar.Calendar.from_ical(content).walk("VEVENT")
    }


def by_vobject(content: bytes) -> dict[str, Event]:
    """Return the same, read by vobject."""
    found = vobject.readOne(content.decode())
    found.validate(raiseException=True)
    return {
        event.uid.value: (
            event.dtstart.value.astimezone(UTC),
            event.dtend.value.astimezone(UTC),
            event.summary.value,
        )
        for event in found.contents.get("vevent", [])
    }


def by_ics(content: bytes) -> dict[str, Event]:
    """Return the same, read by ics."""
    return {
        event.uid: (event.begin.datetime.astimezone(UTC), event.end.datetime.astimezone(UTC),
                    event.name)
        for event in ics.Calendar(content.decode()).events
    }  # fmt: skip


def read(content: bytes) -> dict[str, Event]:
    """Return what all three read alike, of well-formed lines."""
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    found = by_icalendar(content)
    assert by_vobject(content) == found
    assert by_ics(content) == found
    return found
