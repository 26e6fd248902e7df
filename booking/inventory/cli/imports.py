"""The command that imports units from a spreadsheet."""

from collections import Counter
from collections.abc import Iterable
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
from booking.inventory.rules.plan import CHANGED, NEW, UNCHANGED, Plan
from booking.inventory.rules.reading import Options, check_options
from booking.inventory.rules.rows import Problem
from booking.inventory.services.imports import Preview, import_units, preview_import
from booking.reservations.queries.in_use import bars_at
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
    {"required", "end_before_start", "import_unknown_field", "import_unknown_column",
     "import_bad_mapping", "import_site_needed", "import_place_retired"}
)  # fmt: skip
DAY = click.DateTime(["%Y-%m-%d"])
SHOWN = 20


@click.command("import-units")
@click.argument("file", type=FILE)
@click.option("--institution", required=True, help="Whose units they are; created if missing.")
@click.option("--site", default="", help="Where they are; created if missing.")
@click.option("--lab", default="", help="Who runs them; created if missing.")
@click.option("--mapping", type=FILE, help="JSON: field → column, list of columns or constant.")
@click.option("--share-from", type=DAY, help="Share new groups from this day on.")
@click.option("--share-until", type=DAY, help="Share new groups up to and including this day.")
@click.option("--dry-run", is_flag=True, help="Only show what would happen.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON; a dry run without --yes.")
@with_appcontext
def import_units_command(
    file: Path, *, dry_run: bool, yes: bool, as_json: bool, **options: Any
) -> None:
    """Import units from FILE (CSV, XLSX, XLS …): a preview first, then all or nothing."""
    chosen = _options(**options)
    try:
        with usage_errors(USAGE):
            with progress_bar(_("Reading")) as progress:
                sheets = read_file(file)
                progress(0.6)
                preview = preview_import(db.session(), sheets, chosen, bars_at(clock.now()))
            if not as_json:
                _show(preview)
            if not dry_run and (yes or (not as_json and _confirmed(preview.plan))):
                preview = _apply(sheets, chosen, file.name)
                if not as_json:
                    click.echo(_("Done: %(counts)s.", counts=_counts(preview.plan)))
    except Invalid as refusal:
        _refused(file, refusal, as_json=as_json)
    if as_json:
        print_json(report(preview.plan))
    finish(usable=bool(preview.plan.units))


def _options(
    institution: str,
    site: str,
    lab: str,
    mapping: Path | None,
    share_from: datetime | None,
    share_until: datetime | None,
) -> Options:
    first, last = (day.date() if day else None for day in (share_from, share_until))
    options = Options(institution, site, lab, read_mapping(mapping), first, last)
    with usage_errors(USAGE):
        check_options(options)
    return options


def _confirmed(plan: Plan) -> bool:
    return plan.count(NEW) + plan.count(CHANGED) > 0 and click.confirm(_("Import them?"))


def _apply(sheets: list[Sheet], options: Options, source: str) -> Preview:
    now = clock.now()
    by_command()
    with progress_bar(_("Importing")) as progress:
        return write(
            lambda session: import_units(
                session, None, sheets, options, source, now, bars_at(now), progress
            )
        )


def _refused(file: Path, refusal: Invalid, *, as_json: bool) -> NoReturn:
    if as_json:
        entry = {"row": None, "column": None, "value": file.name, "reason": text_of(refusal)}
        empty = {"new": 0, "changed": 0, "unchanged": 0, "flagged": []}
        print_json({**empty, "rejected": [entry]})
    else:
        click.echo(f"{file.name}: {text_of(refusal)}", err=True)
    finish(usable=False)


# --- the report ------------------------------------------------------------------------


def report(plan: Plan) -> dict[str, Any]:
    """Return what `--json` prints (DESIGN §10)."""
    return {
        "new": plan.count(NEW),
        "changed": plan.count(CHANGED),
        "unchanged": plan.count(UNCHANGED),
        "flagged": [_entry(problem) for problem in plan.flagged],
        "rejected": [_entry(problem) for problem in plan.rejected],
    }


def _entry(problem: Problem) -> dict[str, Any]:
    return {
        "row": problem.line,
        "column": problem.column,
        "value": problem.value,
        "reason": _reason(problem),
    }


def _reason(problem: Problem) -> str:
    return message(problem.code, dict(problem.parameters))


def _counts(plan: Plan) -> str:
    return _(
        "%(new)s new, %(changed)s changed, %(unchanged)s unchanged, %(rejected)s rejected",
        new=plan.count(NEW),
        changed=plan.count(CHANGED),
        unchanged=plan.count(UNCHANGED),
        rejected=len({problem.line for problem in plan.rejected}),
    )


def _show(preview: Preview) -> None:
    plan = preview.plan
    for line in (*_columns(preview), *_created(preview), *_pools(plan), *_problems(plan)):
        click.echo(line)
    click.echo(_counts(plan))


def _columns(preview: Preview) -> Iterable[str]:
    header, sources = preview.reading.header, preview.reading.sources
    for name, source in sources.items():
        labels = [header.label(column) for column in source.columns]
        yield f"{name} ← {' + '.join(labels) or source.const}"
    used = {column for source in sources.values() for column in source.columns}
    rest = [label for column, label in enumerate(header.labels) if column not in used]
    if rest:
        yield _("Not used: %(columns)s", columns=", ".join(rest))


def _created(preview: Preview) -> Iterable[str]:
    if preview.new_institution:
        yield _("New institution: %(name)s", name=preview.institution)
    for name in preview.plan.new_sites:
        yield _("New site: %(name)s", name=name)
    for name in preview.plan.new_labs:
        yield _("New lab: %(name)s", name=name)


def _pools(plan: Plan) -> Iterable[str]:
    new = [pool for pool in plan.pools if pool.new_units]
    yield _("Instrument groups that get units: %(count)s", count=len(new))
    for pool in sorted(new, key=lambda pool: -pool.new_units)[:SHOWN]:
        yield f"  {pool.new_units:>5} × {pool.first.name} · {pool.lab.name} · {pool.site.name}"
    if len(new) > SHOWN:
        yield "  …"


def _problems(plan: Plan) -> Iterable[str]:
    for code, count in Counter(problem.code for problem in plan.flagged).most_common():
        first = next(problem for problem in plan.flagged if problem.code == code)
        yield _("%(count)s × %(reason)s", count=count, reason=_reason(first))
    for problem in plan.rejected[:SHOWN]:
        yield _(
            "Row %(row)s, %(column)s “%(value)s”: %(reason)s",
            row=problem.line,
            column=problem.column,
            value=problem.value,
            reason=_reason(problem),
        )
    if len(plan.rejected) > SHOWN:
        yield "  …"
