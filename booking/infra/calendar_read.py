"""When somebody is busy, read from a calendar file of theirs: times alone, whatever the file says.

Our own reader of the part of RFC 5545 this takes: linear in the file, with a budget for what
repeats, so that no file keeps a process busy. What it does not understand it leaves out and counts.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from booking.core.errors import Invalid
from booking.core.period import Period, intersect, merge
from booking.infra.repeats_ics import Budget, Unread, days_of, rule_of, zone_named

MOST_BYTES = 2 * 1024 * 1024
MOST_EVENTS = 10_000
MOST_TIMES = 5_000  # kept of one file
_STEPS = 300_000  # days looked at for all that repeats in a file; half a second
_DAYS_EACH = 20  # what reading an instant costs of it
_LINE = re.compile(r"\r\n|\n|\r")
_NAME = re.compile(r"([A-Za-z0-9-]+)")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:]*)((?:,(?:"[^"]*"|[^";:,]*))*)')
_DURATION = re.compile(
    r"\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?"
)
_WANTED = frozenset(
    {
        "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID",
        "STATUS", "TRANSP", "FREEBUSY", "X-MICROSOFT-CDO-BUSYSTATUS",
    }
)  # fmt: skip
_FREE = frozenset({"CANCELLED", "TRANSPARENT", "FREE"})


@dataclass(frozen=True, slots=True)
class Busy:
    """When somebody is busy, by start and apart; and how many entries were left out, by reason.

    Reasons: free, zone, rule, unread, empty, too_much.
    """

    times: tuple[Period, ...]
    left_out: dict[str, int]
    entries: int


@dataclass(slots=True)
class _Property:
    name: str
    parameters: dict[str, str]
    value: str


@dataclass(slots=True)
class _Event:
    kind: str
    properties: list[_Property] = field(default_factory=list)

    def one(self, name: str) -> _Property | None:
        return next((each for each in self.properties if each.name == name), None)

    def all(self, name: str) -> list[_Property]:
        return [each for each in self.properties if each.name == name]

    def text(self, name: str) -> str:
        found = self.one(name)
        return found.value.strip().upper() if found else ""


def busy_times(content: bytes, span: Period, zone: ZoneInfo) -> Busy:
    """Return when the file says one is busy within `span`; times without a zone are of `zone`.

    Raises Invalid: too large, no calendar, nothing in it that could be read.
    """
    if len(content) > MOST_BYTES:
        raise Invalid("too_many_bytes", field="file", limit=MOST_BYTES // 1024**2)
    events = list(_events(_decoded(content)))
    if len(events) > MOST_EVENTS:
        raise Invalid("calendar_too_many", field="file", limit=MOST_EVENTS)
    reader = _Reader(span, zone)
    for event in events:
        reader.note_exception(event)
    for event in events:
        reader.take(event)
    times = intersect(merge(reader.found), [span])
    if len(times) > MOST_TIMES:
        reader.left_out["too_much"] += len(times) - MOST_TIMES
    return Busy(tuple(times[:MOST_TIMES]), dict(reader.left_out), len(events))


def _decoded(content: bytes) -> str:
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030", "latin-1"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "BEGIN:VCALENDAR" in text[:100_000].upper():
            return text
    raise Invalid("not_a_calendar", field="file")


def _events(text: str) -> Iterator[_Event]:
    """Yield what holds times; what lies inside of it, as alarms, is passed over."""
    inside: list[str] = []
    event: _Event | None = None
    for line in _unfolded(text):
        found = _NAME.match(line)
        if found is None:
            continue
        name = found[1].upper()
        if name == "BEGIN":
            inside.append(line[6:].strip().upper())
            if inside[-1] in ("VEVENT", "VFREEBUSY"):
                event = _Event(inside[-1])
        elif name == "END":
            if event is not None and inside and inside[-1] == event.kind:
                yield event
                event = None
            if inside:
                inside.pop()
        elif event is not None and inside[-1] == event.kind and name in _WANTED:
            read = _property(name, line)
            if read is not None:
                event.properties.append(read)


def _unfolded(text: str) -> Iterator[str]:
    parts: list[str] = []
    for line in _LINE.split(text):
        if line[:1] in (" ", "\t"):
            parts.append(line[1:])
            continue
        if parts:
            yield "".join(parts)
        parts = [line]
    yield "".join(parts)


def _property(name: str, line: str) -> _Property | None:
    at, parameters = len(name), {}
    while found := _PARAMETER.match(line, at):
        parameters[found[1].upper()] = found[2].strip('"')
        at = found.end()
    return _Property(name, parameters, line[at + 1 :]) if line[at : at + 1] == ":" else None


class _Reader:
    """Reads entries one by one, with what they share: exceptions, zones, the budget."""

    def __init__(self, span: Period, zone: ZoneInfo) -> None:
        self.span, self.zone = span, zone
        self.found: list[Period] = []
        self.left_out: Counter[str] = Counter()
        self._budget = Budget(_STEPS)
        self._moved: dict[str, set[datetime]] = {}  # UID -> times of a series told apart

    def note_exception(self, event: _Event) -> None:
        told = event.one("RECURRENCE-ID")
        if told is None:
            return
        try:
            at = self._instant(told, told.value)
            self._moved.setdefault(event.text("UID"), set()).add(at)
        except (Unread, ValueError, OverflowError):
            return

    def take(self, event: _Event) -> None:
        """Take an entry's times, or count why not."""
        try:
            if {event.text("STATUS"), event.text("TRANSP"),
                event.text("X-MICROSOFT-CDO-BUSYSTATUS")} & _FREE:  # fmt: skip
                raise Unread("free")
            if event.kind == "VFREEBUSY":
                self.found += self._free_busy(event)
            else:
                self._event(event)
        except Unread as reason:
            self.left_out[reason.why] += 1
        except (ValueError, OverflowError):
            self.left_out["unread"] += 1

    def _event(self, event: _Event) -> None:
        start = event.one("DTSTART")
        if start is None:
            raise Unread("unread")
        first = self._instant(start, start.value)
        length = self._length(event, start, first)
        if length <= timedelta():
            raise Unread("empty")
        starts = [first]
        rule = event.one("RRULE")
        if rule is not None and event.one("RECURRENCE-ID") is None:
            starts += self._repeats(start, rule.value, length)
        starts += self._listed(event, "RDATE")
        without = set(self._listed(event, "EXDATE"))
        if event.one("RECURRENCE-ID") is None:
            without |= self._moved.get(event.text("UID"), set())
        self.found += [
            Period(at, at + length)
            for at in set(starts) - without
            if at < self.span.end and at + length > self.span.start
        ]

    def _listed(self, event: _Event, name: str) -> list[datetime]:
        found = []
        for line in event.all(name):
            texts = line.value.split(",")
            self._budget.spend(_DAYS_EACH * len(texts))
            found += [self._instant(line, text.partition("/")[0]) for text in texts]
        return found

    def _repeats(self, start: _Property, text: str, length: timedelta) -> list[datetime]:
        local, zone = self._local(start, start.value)
        rule = rule_of(text)
        until = None
        if rule.until:
            until = self._instant(start if len(rule.until) < 16 else _UTC, rule.until)
            if len(rule.until) == 8:
                until += timedelta(days=1, seconds=-1)
        found = []
        last = (self.span.end + timedelta(days=1)).date()
        begin = (self.span.start - length - timedelta(days=1)).date()
        for day in days_of(rule, local.date(), begin, last, self._budget):
            at = datetime.combine(day, local.time(), zone).astimezone(UTC)
            if until is not None and at > until:
                break
            found.append(at)
        return found

    def _length(self, event: _Event, start: _Property, first: datetime) -> timedelta:
        end, length = event.one("DTEND"), event.one("DURATION")
        if end is not None:
            return self._instant(end, end.value) - first
        if length is not None:
            return _duration(length.value)
        return timedelta(days=1) if _is_day(start.value) else timedelta()

    def _free_busy(self, event: _Event) -> list[Period]:
        found = []
        for line in event.all("FREEBUSY"):
            if line.parameters.get("FBTYPE", "BUSY").upper() == "FREE":
                continue
            for text in line.value.split(","):
                begin, _, end = text.strip().partition("/")
                start = self._instant(line, begin)
                until = start + _duration(end) if "P" in end else self._instant(line, end)
                if start < until and start < self.span.end and until > self.span.start:
                    found.append(Period(start, until))
        return found

    def _instant(self, told: _Property, text: str) -> datetime:
        local, zone = self._local(told, text)
        return local.replace(tzinfo=zone).astimezone(UTC)

    def _local(self, told: _Property, text: str) -> tuple[datetime, tzinfo]:
        """Return the wall time and its zone. Raises Unread("zone"), ValueError."""
        text = text.strip()
        if _is_day(text):
            day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
            return datetime.combine(day, time()), self.zone
        wall = datetime.strptime(text[:15], "%Y%m%dT%H%M%S")  # noqa: DTZ007 - its zone comes apart
        if text[15:] not in ("", "Z"):
            raise Unread("unread")
        if text.endswith("Z"):
            return wall, UTC
        name = told.parameters.get("TZID", "")
        return wall, zone_named(name) if name else self.zone


_UTC = _Property("UNTIL", {}, "")


def _is_day(text: str) -> bool:
    return len(text.strip()) == 8


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text.strip().upper())
    if found is None:
        raise Unread("unread")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
