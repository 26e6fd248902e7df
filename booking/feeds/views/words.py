"""From what a calendar holds to entries of it, in the reader's language."""

from collections.abc import Iterable
from datetime import UTC, datetime

from flask import url_for
from flask_babel import gettext as _

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.feeds.queries.entries import Block, Line
from booking.feeds.rules.scopes import COMPANY, LAB, OWN, UNIT, Scope
from booking.infra.ics import Entry
from booking.infra.secret import keyed_hash
from booking.web.calendars import organizer, uid_of
from booking.web.links import public_url
from booking.web.locale import named

# What holds a unit for somebody else does not say when that was decided.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def entry_of(line: Line, reader: Actor) -> Entry:
    """Return the entry of a reservation; its person is named to who may read the details."""
    row, found = line.found.row, line.found
    what = named(*found.pool) + (f" × {row.quantity}" if row.quantity > 1 else "")
    whose = ""
    if row.user_id != reader.user_id and may(reader, "reservation.read_note", found.subject):
        whose = found.person
    link = public_url(url_for("reservations.show", reservation_id=row.id))
    units = _(", ").join(unit.name or unit.asset_no or unit.serial for unit in line.units)
    told = [units if row.named_unit or row.quantity > 1 else "", row.reference, link]
    if row.status == "pending":
        told.insert(0, _("Asked for, not decided yet."))
    return Entry(
        uid=uid_of(f"reservation-{row.reference}"), sequence=row.version,
        start=row.start_at, end=row.end_at,
        summary=" · ".join(filter(None, (what, whose))), location=_place(line),
        description="\n".join(filter(None, told)), url=link,
        organizer=organizer(), attendee="", attendee_name="",
        cancelled=row.status in ("cancelled", "rejected", "expired"),
        tentative=row.status == "pending", zone=found.zone, stamp=line.changed_at,
    )  # fmt: skip


def busy_entries(lines: Iterable[Line]) -> list[Entry]:
    """Return the same times without any name, nor a number that leads to one."""
    return [
        _busy(_hidden(line), line.found.period.start, line.found.period.end,
              line.found.row.version, line.changed_at)
        for line in lines
    ]  # fmt: skip


def block_entries(blocks: Iterable[Block], known: frozenset[int]) -> list[Entry]:
    """Return as taken what else holds a unit than the reservations `known`."""
    return [
        _busy(f"taken-{block.id}", block.period.start, block.period.end, 0, LONG_AGO)
        for block in blocks
        if block.reservation_id not in known
    ]


def scope_text(scope: Scope, names: tuple[str, str]) -> str:
    """Return what a calendar is called."""
    name = named(*names)
    return {
        OWN: _("My reservations"),
        COMPANY: _("Company: %(name)s", name=name),
        LAB: _("Lab: %(name)s", name=name),
        UNIT: _("Instrument: %(name)s", name=name),
    }[scope.kind]


def _busy(key: str, start: datetime, end: datetime, sequence: int, stamp: datetime) -> Entry:
    return Entry(
        uid=uid_of(key), sequence=sequence, start=start, end=end, summary=_("Occupied"),
        location="", description="", url="", organizer=organizer(), attendee="", attendee_name="",
        stamp=stamp,
    )  # fmt: skip


def _hidden(line: Line) -> str:
    return f"busy-{keyed_hash(line.found.row.reference, 'busy')[:20]}"


def _place(line: Line) -> str:
    places = {unit.place for unit in line.units}
    place = places.pop() if len(places) == 1 else ""
    return " · ".join(filter(None, (named(*line.found.site), place)))
