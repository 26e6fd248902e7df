"""Importing bookings from sheets: prepared, previewed, and loaded a few pools at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from booking.core.errors import Invalid
from booking.core.table import Row, Sheet
from booking.inventory.queries.imports import institution_named, site_zone
from booking.inventory.rules.reading import Options
from booking.inventory.services.imports import Preview, import_units
from booking.reservations.queries.in_use import bars_at
from booking.reservations.queries.resources import people_by_address, resources_of
from booking.reservations.rules.import_plan import Prepared, addresses, prepare
from booking.reservations.rules.import_rows import (
    BookingReading,
    BookingRow,
    booking_reading,
    read_bookings,
)
from booking.reservations.rules.imports import LoadRow
from booking.reservations.rules.resources import Resources

# More pools than this in one transaction would hold their locks too long (DESIGN §2).
POOLS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class BookingOptions:
    """The choices of an import; with `create_missing`, unknown things become units there."""

    mapping: Mapping[str, object] = field(default_factory=dict)
    institution: str = ""
    site: str = ""
    lab: str = ""
    create_missing: bool = False


@dataclass(frozen=True, slots=True)
class Bookings:
    """A sheet's bookings as prepared, and the sheet of units that its unknown things make."""

    prepared: Prepared
    new_units: tuple[Sheet, ...]


def prepare_bookings(
    session: Session, sheets: Sequence[Sheet], options: BookingOptions, now: datetime
) -> Bookings:
    """Return the bookings of the sheets, ready to load; reading only.

    Raises Invalid when options or sheets cannot be used at all.
    """
    if options.create_missing and not (options.institution and options.site):
        raise Invalid("import_where_missing", field="create_missing")
    sheet, reading = booking_reading(sheets, options.mapping)
    rows, unreadable = read_bookings(sheet.rows, reading)
    people = people_by_address(session, addresses(rows), now)
    zone = site_zone(session, options.site) if options.create_missing else None
    prepared = prepare(rows, reading, _resources(session, options), people, zone)
    rejected = sorted((*unreadable, *prepared.rejected), key=lambda problem: problem.line)
    whole = Prepared(prepared.rows, tuple(rejected), prepared.resources, prepared.missing)
    return Bookings(whole, _units_sheet(sheet, reading, rows, prepared.missing))


def _resources(session: Session, options: BookingOptions) -> Resources:
    if not options.institution:
        return resources_of(session, None)
    institution = institution_named(session, options.institution.strip())
    return resources_of(session, institution.id) if institution else Resources(())


def _units_sheet(
    sheet: Sheet, reading: BookingReading, rows: Sequence[BookingRow], lines: Sequence[int]
) -> tuple[Sheet, ...]:
    """Return a sheet of the unknown things: by model and serial if they are, else by name."""
    if not lines:
        return ()
    columns = reading.sources["resource"].columns
    pair = [reading.sources.get(name) for name in ("model", "serial")]
    known = all(pair) and columns == tuple(c for source in pair if source for c in source.columns)
    called, wanted = {row.line: row.resource for row in rows}, set(lines)
    made = [Row(1, ("model", "serial") if known else ("name",))]
    for row in sheet.rows:
        if row.number in wanted:
            cells = (
                (row.cell(columns[0]), row.cell(columns[-1])) if known else (called[row.number],)
            )
            made.append(Row(row.number, cells))
    return (Sheet("", tuple(made)),)


def unit_options(options: BookingOptions) -> Options:
    """Return the choices for importing the unknown things as units."""
    return Options(options.institution, options.site, options.lab)


def create_missing_units(
    session: Session, bookings: Bookings, options: BookingOptions, source: str, now: datetime
) -> Preview:
    """Create the unknown things as units, in the caller's transaction; prepare anew afterwards."""
    chosen = unit_options(options)
    return import_units(session, None, bookings.new_units, chosen, source, now, bars_at(now))


def portions(rows: Sequence[LoadRow]) -> list[list[LoadRow]]:
    """Return the rows by groups of at most 50 pools, file order kept within each.

    Rows that can be in each other's way share a pool and so a portion; each may be its own
    transaction, and after an interruption the import is simply run again.
    """
    group: dict[int, int] = {}
    found: list[list[LoadRow]] = []
    for row in rows:
        index = group.setdefault(row.pool_id, len(group) // POOLS_AT_ONCE)
        if index == len(found):
            found.append([])
        found[index].append(row)
    return found
