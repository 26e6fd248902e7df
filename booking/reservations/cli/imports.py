"""The command that imports reservations from a spreadsheet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from booking.core.errors import Invalid
from booking.core.table import Sheet
from booking.infra import clock
from booking.infra.db import db, write
from booking.inventory.rules.rows import Problem
from booking.inventory.services.imports import preview_import
from booking.reservations.queries.in_use import bars_at
from booking.reservations.rules.imports import LoadConflict, LoadReport
from booking.reservations.services.import_bookings import (
    BookingOptions,
    Bookings,
    create_missing_units,
    portions,
    prepare_bookings,
    unit_options,
)
from booking.reservations.services.imports import load_reservations, preview_load
from booking.web.messages import message, text_of
from booking.web.terminal import (
    FILE,
    by_command,
    finish,
    print_json,
    progress_bar,
    read_file,
    read_mapping,
    usage_errors,
)

# Choices that cannot be meant: wrong usage (exit 2). Anything else wrong is in the file (exit 1).
USAGE = frozenset(
    {"import_unknown_field", "import_unknown_column", "import_bad_mapping", "import_bad_duration",
     "import_where_missing", "import_place_retired"}
)  # fmt: skip
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came, or would come, of an import."""

    load: LoadReport
    bookings: Bookings

    @property
    def rejected(self) -> tuple[Problem, ...]:
        """Return the rows that could not be used."""
        return self.bookings.prepared.rejected

    def resource(self, conflict: LoadConflict) -> str:
        """Return what the conflict's row calls its thing."""
        return self.bookings.prepared.resources[conflict.line]


@click.command("import-reservations")
@click.argument("file", type=FILE)
@click.option("--mapping", type=FILE, help="JSON: field → column, list of columns or constant.")
@click.option("--institution", default="", help="Look only among its units.")
@click.option("--site", default="", help="Where missing units are created.")
@click.option("--lab", default="", help="Whose missing units are created.")
@click.option("--create-missing", is_flag=True, help="Create unknown things as units.")
@click.option("--dry-run", is_flag=True, help="Only show what would happen.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON; a dry run without --yes.")
@with_appcontext
def import_reservations(
    file: Path, *, mapping: Path | None, dry_run: bool, yes: bool, as_json: bool, **places: Any
) -> None:
    """Import reservations from FILE (resource, start, end, who); overlaps are reported."""
    options = BookingOptions(read_mapping(mapping), **places)
    now = clock.now()
    by_command()
    try:
        with usage_errors(USAGE):
            sheets = read_file(file)
            outcome = _preview(sheets, options, now)
            if not as_json:
                _show(outcome, options)
            if not dry_run and (yes or (not as_json and _confirmed(outcome))):
                outcome = _apply(sheets, options, file.name, now)
                if not as_json:
                    click.echo(_("Done: %(counts)s.", counts=_counts(outcome)))
    except Invalid as refusal:
        _refused(file, refusal, as_json=as_json)
    if as_json:
        print_json(report(outcome))
    finish(usable=bool(outcome.load.imported or outcome.load.unchanged))


def _preview(sheets: list[Sheet], options: BookingOptions, now: datetime) -> Outcome:
    bookings = prepare_bookings(db.session(), sheets, options, now)
    decision = preview_load(db.session(), bookings.prepared.rows, now)
    load = LoadReport(len(decision.accepted), decision.unchanged, decision.conflicts)
    return Outcome(load, bookings)


def _confirmed(outcome: Outcome) -> bool:
    return outcome.load.imported > 0 and click.confirm(_("Import them?"))


def _apply(sheets: list[Sheet], options: BookingOptions, source: str, now: datetime) -> Outcome:
    """Return what was loaded. A few pools a transaction: run again, it goes on where it stopped."""
    bookings = prepare_bookings(db.session(), sheets, options, now)
    if bookings.new_units:
        write(lambda s: create_missing_units(s, bookings, options, source, now))
        bookings = prepare_bookings(db.session(), sheets, options, now)
    reports: list[LoadReport] = []
    parts = portions(bookings.prepared.rows)
    with progress_bar(_("Importing")) as progress:
        for part in parts:
            load = write(lambda s, p=part: load_reservations(s, p, f"import:{source}", now))  # type: ignore[misc]
            reports.append(load)
            progress(len(reports) / len(parts))
    return Outcome(_sum(reports), bookings)


def _sum(reports: list[LoadReport]) -> LoadReport:
    conflicts = sorted((c for r in reports for c in r.conflicts), key=lambda c: c.line)
    imported = sum(report.imported for report in reports)
    return LoadReport(imported, sum(report.unchanged for report in reports), tuple(conflicts))


def _refused(file: Path, refusal: Invalid, *, as_json: bool) -> NoReturn:
    if as_json:
        entry = {"row": None, "column": None, "value": file.name, "reason": text_of(refusal)}
        print_json({"imported": 0, "unchanged": 0, "conflicts": [], "rejected": [entry]})
    else:
        click.echo(f"{file.name}: {text_of(refusal)}", err=True)
    finish(usable=False)


# --- the report ------------------------------------------------------------------------


def report(outcome: Outcome) -> dict[str, Any]:
    """Return what `--json` prints (DESIGN §10)."""
    return {
        "imported": outcome.load.imported,
        "unchanged": outcome.load.unchanged,
        "conflicts": [
            {"row": c.line, "with_row": c.with_line, "resource": outcome.resource(c)}
            for c in outcome.load.conflicts
        ],
        "rejected": [
            {"row": p.line, "column": p.column, "value": p.value, "reason": _reason(p)}
            for p in outcome.rejected
        ],
    }


def _reason(problem: Problem) -> str:
    return message(problem.code, dict(problem.parameters))


def _counts(outcome: Outcome) -> str:
    return _(
        "%(imported)s imported, %(unchanged)s unchanged, %(conflicts)s in conflict, "
        "%(rejected)s rejected",
        imported=outcome.load.imported,
        unchanged=outcome.load.unchanged,
        conflicts=len(outcome.load.conflicts),
        rejected=len(outcome.rejected),
    )


def _show(outcome: Outcome, options: BookingOptions) -> None:
    for line in (*_created(outcome, options), *_conflicts(outcome), *_rejected(outcome)):
        click.echo(line)
    click.echo(_counts(outcome))


def _created(outcome: Outcome, options: BookingOptions) -> Iterable[str]:
    if not outcome.bookings.new_units:
        return
    sheets = outcome.bookings.new_units
    preview = preview_import(db.session(), sheets, unit_options(options), bars_at(clock.now()))
    if preview.new_institution:
        yield _("New institution: %(name)s", name=preview.institution)
    for name in preview.plan.new_sites:
        yield _("New site: %(name)s", name=name)
    for name in preview.plan.new_labs:
        yield _("New lab: %(name)s", name=name)
    yield _("New units: %(count)s", count=len(preview.plan.units))


def _conflicts(outcome: Outcome) -> Iterable[str]:
    for conflict in outcome.load.conflicts[:SHOWN]:
        resource = outcome.resource(conflict)
        if conflict.with_line is None:
            text = _("Row %(row)s: %(resource)s is already held at that time")
            yield text % {"row": conflict.line, "resource": resource}
        else:
            text = _("Rows %(first)s and %(row)s overlap on %(resource)s; the first counts")
            first = {"first": conflict.with_line, "row": conflict.line, "resource": resource}
            yield text % first
    if len(outcome.load.conflicts) > SHOWN:
        yield "  …"


def _rejected(outcome: Outcome) -> Iterable[str]:
    for problem in outcome.rejected[:SHOWN]:
        yield _(
            "Row %(row)s, %(column)s “%(value)s”: %(reason)s",
            row=problem.line,
            column=problem.column,
            value=problem.value,
            reason=_reason(problem),
        )
    if len(outcome.rejected) > SHOWN:
        yield "  …"
