"""The rows of a sheet as reservations: which thing, from when to when, by whom."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from booking.core.errors import Invalid
from booking.core.table import Row, Sheet
from booking.inventory.rules.columns import UNIT_WORDS
from booking.inventory.rules.headings import (
    Header,
    Source,
    Vocabulary,
    best_sheet,
    column_named,
    guess,
    mapped,
)
from booking.inventory.rules.reading import named_columns
from booking.inventory.rules.rows import SHOWN_CHARACTERS, Problem
from booking.reservations.rules.imports import OPEN_END
from booking.reservations.rules.proposal import PURPOSES

# In a list of bookings these number the booking, not the thing.
_BOOKINGS_OWN = frozenset({"id", "number", "no", "编号", "asset"})
WORDS: Vocabulary = {
    "start": (
        "start", "starttime", "startdate", "startat", "startsat", "begin", "begintime", "from",
        "dtstart", "开始时间", "预约开始时间", "使用开始时间", "起始时间", "开始日期", "开始",
    ),
    "end": (
        "end", "endtime", "enddate", "endat", "endsat", "finish", "until", "to", "dtend",
        "结束时间", "预约结束时间", "使用结束时间", "截止时间", "结束日期", "结束",
    ),
    "who": (
        "who", "user", "username", "useremail", "email", "person", "member", "bookedby",
        "reservedby", "memid", "memberid", "userid", "预约人", "使用人", "使用者", "申请人", "用户",
        "姓名", "邮箱", "电子邮箱",
    ),
    "purpose": ("purpose", "用途", "服务类型"),
    "note": ("note", "notes", "comment", "备注"),
    "zone": ("zone", "timezone", "tz", "时区"),
    "resource": ("resource", "resourcename", "资源", "资源名称"),
    "asset_no": tuple(w for w in UNIT_WORDS["asset_no"] if w not in _BOOKINGS_OWN),
    "serial": UNIT_WORDS["serial"],
    "model": ("datalogger", *UNIT_WORDS["model"]),
    "name": UNIT_WORDS["name"],
}  # fmt: skip
_PURPOSE_OF_WORD = {
    **{code: code for code in PURPOSES},
    "科学研究": "research", "科研": "research", "135": "research",
    "科技开发": "development", "开发": "development", "136": "development",
    "教学": "teaching", "137": "teaching",
}  # fmt: skip
FIRST_YEAR = 1900
MOST_CHARACTERS = 300
MOST_NOTE_CHARACTERS = 2000
_TIME = re.compile(
    r"(\d{4})[-/.年]\s*(\d{1,2})[-/.月]\s*(\d{1,2})日?"
    r"(?:[T\s]*(\d{1,2})[:时](\d{2})分?(?::(\d{2})(?:\.\d+)?)?)?"
    r"\s*(Z|UTC|[+-]\d{2}:?\d{2})?"
)


@dataclass(frozen=True, slots=True)
class BookingReading:
    """How to read a sheet of bookings; `slot_minutes` is set when a column counts slots."""

    header: Header
    sources: Mapping[str, Source]
    slot_minutes: float | None = None

    def label(self, name: str) -> str:
        """Return the heading a field is read from, the field's name if from none."""
        source = self.sources.get(name)
        return self.header.label(source.columns[0]) if source and source.columns else name


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking as its row states it; times without a zone are its `zone`'s or its site's."""

    line: int
    resource: str
    start: datetime
    end: datetime
    who: str = ""
    purpose: str = "other"
    note: str = ""
    zone: str = ""

    def period_in(self, site_zone: str) -> tuple[datetime, datetime]:
        """Return start and end as instants; the second of a repeated hour is never meant."""
        zone = ZoneInfo(self.zone or site_zone)
        return _instant(self.start, zone), _instant(self.end, zone)


def _instant(moment: datetime, zone: ZoneInfo) -> datetime:
    if moment.year >= OPEN_END.year:
        return OPEN_END  # "no end" is the same everywhere
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return aware.astimezone(UTC)


def booking_reading(
    sheets: Sequence[Sheet], mapping: Mapping[str, object]
) -> tuple[Sheet, BookingReading]:
    """Return the sheet of bookings and how to read it: guessed, corrected by the mapping.

    The thing is named by a resource column, else asset number, else model and serial, else name.
    Raises Invalid when the mapping names what is not there, or thing, start or end are missing.
    """
    spec = dict(mapping)
    duration = spec.pop("duration", None)
    names = named_columns(spec) | ({_slots(duration)[0]} if duration is not None else set())
    sheet, header = best_sheet(sheets, WORDS, (), names)
    sources = _sources(spec, header)
    minutes = None
    if duration is not None:
        column, minutes = _slots(duration)
        sources["duration"] = Source((column_named(column, header.labels),))
        sources.pop("end", None)
    for name in ("resource", "start", "duration" if minutes else "end"):
        if name not in sources:
            columns = ", ".join(header.labels[:12])
            raise Invalid("import_no_column", field=name, actual=name, columns=columns)
    return sheet, BookingReading(header, sources, minutes)


def _slots(duration: object) -> tuple[str, float]:
    match duration:
        case {"column": str() as column, "minutes": int() | float() as minutes} if minutes > 0:
            return column, minutes
    raise Invalid("import_bad_duration", field="duration", actual="duration")


def _sources(spec: Mapping[str, object], header: Header) -> dict[str, Source]:
    by_hand = mapped(spec, header.labels, WORDS)
    taken = {column for source in by_hand.values() for column in source.columns}
    labels = ["" if column in taken else label for column, label in enumerate(header.labels)]
    both = {**guess(labels, WORDS, ()), **by_hand}
    sources = {name: source for name, source in both.items() if source.columns or source.const}
    if "resource" not in sources:
        named = [name for name in ("asset_no", "model", "serial", "name") if name in sources]
        if "asset_no" in named:
            sources["resource"] = sources["asset_no"]
        elif {"model", "serial"} <= set(named):
            columns = sources["model"].columns + sources["serial"].columns
            sources["resource"] = Source(columns)
        elif "name" in named:
            sources["resource"] = sources["name"]
    return sources


def read_bookings(
    rows: Sequence[Row], reading: BookingReading
) -> tuple[list[BookingRow], list[Problem]]:
    """Return the rows below the heading as bookings, and what is wrong with the others."""
    usable: list[BookingRow] = []
    rejected: list[Problem] = []
    for row in rows[reading.header.first_row :]:
        reader = _Reader(row, reading)
        booking = reader.read()
        rejected += reader.wrong
        if booking and not reader.wrong:
            usable.append(booking)
    return usable, rejected


class _Reader:
    """Reads one row, collecting what is wrong with it."""

    def __init__(self, row: Row, reading: BookingReading) -> None:
        self.row = row
        self.reading = reading
        self.wrong: list[Problem] = []

    def read(self) -> BookingRow | None:
        """Return the booking, None when its times cannot be read."""
        resource = self.text("resource")
        if not resource:
            self.reject("resource", "", "import_resource_missing")
        start, zone = self.time("start"), self.zone()
        end = self.end(start)
        if start is None or end is None:
            return None
        purpose = _PURPOSE_OF_WORD.get(self.text("purpose").lower(), "other")
        note = self.text("note", MOST_NOTE_CHARACTERS)
        return BookingRow(
            self.row.number, resource, start, end, self.text("who"), purpose, note, zone
        )

    def end(self, start: datetime | None) -> datetime | None:
        if self.reading.slot_minutes is None:
            return self.time("end")
        text = self.text("duration")
        try:
            length = timedelta(minutes=float(text) * self.reading.slot_minutes)
            return start + length if start else None
        except (ValueError, OverflowError):
            self.reject("duration", text, "import_count")
            return None

    def time(self, name: str) -> datetime | None:
        text = self.text(name)
        try:
            return moment(text)
        except ValueError:
            self.reject(name, text, "import_time")
            return None

    def zone(self) -> str:
        name = self.text("zone")
        try:
            return ZoneInfo(name).key if name else ""
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.reject("zone", name, "import_zone")
            return ""

    def text(self, name: str, most: int = MOST_CHARACTERS) -> str:
        source = self.reading.sources.get(name)
        text = " ".join(source.text(self.row).split()) if source else ""
        if len(text) > most:
            self.reject(name, text, "import_too_long", limit=most, actual=len(text))
        return text[:most]

    def reject(self, name: str, value: str, code: str, **parameters: object) -> None:
        label = self.reading.label(name)
        shown = value[:SHOWN_CHARACTERS]
        self.wrong.append(Problem(self.row.number, label, shown, code, parameters))


def moment(text: str) -> datetime:
    """Return a time as written, aware if it says its offset; a day alone is its midnight.

    From the year 9000 on it means "no end". Raises ValueError on anything else.

    >>> moment("2012年7月3日 18:00"), moment("9999-12-31").year
    (datetime.datetime(2012, 7, 3, 18, 0), 9999)
    """
    match = _TIME.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        raise ValueError(text)
    *numbers, offset = match.groups()
    year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
    if year < FIRST_YEAR:
        raise ValueError(text)
    found = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the site's zone
    if year >= 9000:
        return OPEN_END
    offset = {None: "", "UTC": "Z"}.get(offset, offset)
    return datetime.fromisoformat(f"{found.isoformat()}{offset}")
