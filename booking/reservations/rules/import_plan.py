"""Bookings of a sheet as rows to load: things and people found, periods made instants."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.inventory.rules.rows import Problem
from booking.reservations.rules.import_rows import BookingReading, BookingRow
from booking.reservations.rules.imports import LoadRow
from booking.reservations.rules.resources import Resources, Target, fold


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, and the party they book for if they have just one."""

    user_id: int
    company_id: int | None = None
    institution_id: int | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What can be loaded, in file order; `resources` is what each line calls its thing.

    `missing` has the first line of each thing nobody knows.
    """

    rows: tuple[LoadRow, ...]
    rejected: tuple[Problem, ...]
    resources: Mapping[int, str]
    missing: tuple[int, ...]


def addresses(bookings: Iterable[BookingRow]) -> set[str]:
    """Return the mail addresses the bookings name, folded."""
    return {fold(booking.who) for booking in bookings if "@" in booking.who}


def prepare(
    bookings: Sequence[BookingRow],
    reading: BookingReading,
    resources: Resources,
    people: Mapping[str, Person],
    new_zone: str | None = None,
) -> Prepared:
    """Return the rows to load; `people` is by folded address, unknown ones stay text.

    `new_zone` is the zone of things yet to be created, whose ids are below zero until they are;
    None: rows of unknown things are rejected.
    """
    rows: list[LoadRow] = []
    rejected: list[Problem] = []
    missing: dict[str, tuple[Target, int]] = {}
    for booking in bookings:
        found = resources.find(booking.resource)
        if not found and new_zone:
            number = -1 - len(missing)
            new = (Target(number, number, new_zone), booking.line)
            found = [missing.setdefault(fold(booking.resource), new)[0]]
        outcome = _row(booking, found, people, reading)
        if isinstance(outcome, LoadRow):
            rows.append(outcome)
        else:
            rejected.append(outcome)
    called = {booking.line: booking.resource for booking in bookings}
    lines = tuple(line for _, line in missing.values())
    return Prepared(tuple(rows), tuple(rejected), called, lines)


def _row(
    booking: BookingRow,
    found: Sequence[Target],
    people: Mapping[str, Person],
    reading: BookingReading,
) -> LoadRow | Problem:
    def problem(field: str, value: str, code: str, **parameters: object) -> Problem:
        return Problem(booking.line, reading.label(field), value, code, parameters)

    if not found:
        return problem("resource", booking.resource, "import_resource_unknown")
    if len(found) > 1:
        code = "import_resource_ambiguous"
        return problem("resource", booking.resource, code, count=len(found))
    target = found[0]
    start, end = booking.period_in(target.zone)
    if end <= start:
        return problem("duration" if reading.slot_minutes else "end", str(end), "end_before_start")
    person = people.get(fold(booking.who))
    return LoadRow(
        line=booking.line,
        pool_id=target.pool_id,
        unit_ids=(target.unit_id,),
        start=start,
        end=end,
        user_id=person.user_id if person else None,
        person_text=None if person else booking.who or None,
        company_id=person.company_id if person else None,
        institution_id=person.institution_id if person else None,
        purpose=booking.purpose,
        status=None,
        source_key=source_key(target.unit_id, start, end, booking.who),
        note=booking.note,
    )


def source_key(unit_id: int, start: datetime, end: datetime, who: str) -> str:
    """Return what makes a booking the same one in every file: thing, start, end, who."""
    text = f"{unit_id}|{int(start.timestamp())}|{int(end.timestamp())}|{fold(who)}"
    return hashlib.sha256(text.encode()).hexdigest()
