"""Importing units: preview what a sheet would do, and do it, all or nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.companies.models import Institution
from booking.core.actor import Actor
from booking.core.errors import Busy, Invalid
from booking.core.table import Sheet
from booking.infra.db import is_postgresql, lock_pools
from booking.inventory.queries.imports import institution_named, known_for, pools_of
from booking.inventory.rules.plan import CHANGED, NEW, UNCHANGED, InUse, Plan, leaving, spared
from booking.inventory.rules.planning import make_plan
from booking.inventory.rules.reading import Options, check_options, reading_of
from booking.inventory.rules.rows import Reading, read_rows
from booking.inventory.services.import_rows import insert_units, update_units, write_pools
from booking.inventory.services.search import refresh_search

# Two imports at once would each plan without the other's units; any number will do.
IMPORT_LOCK = 2


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do; `new_institution` when the institution is not there yet."""

    plan: Plan
    reading: Reading
    sheet: str
    institution: str
    new_institution: bool


# Which of these units must keep their state, and why: what is booked on them or depends on them.
# Reservations are to the right of here, so whoever calls brings it.
Bars = Callable[[Session, Sequence[int]], Mapping[int, InUse]]


def preview_import(
    session: Session, sheets: Sequence[Sheet], options: Options, bars: Bars
) -> Preview:
    """Return what importing the sheets would do, reading only. Six queries, whatever the size.

    And those of `bars`, for units that would leave service or come back. Raises Invalid when the
    options or the sheets cannot be used at all.
    """
    check_options(options)
    sheet, reading = reading_of(sheets, options)
    institution = institution_named(session, options.institution.strip())
    if institution and institution.retired:
        raise Invalid("import_place_retired", actual=institution.name_zh)
    known = known_for(session, institution.id if institution else None)
    plan = make_plan(read_rows(sheet.rows, reading), reading, known)
    ids = leaving(plan, {unit.id: unit.state for unit in known.units})
    plan = spared(plan, bars(session, ids) if ids else {}, reading.label("state"))
    name = institution.name_zh if institution else options.institution.strip()
    return Preview(plan, reading, sheet.name, name, institution is None)


def import_units(
    session: Session,
    actor: Actor | None,
    sheets: Sequence[Sheet],
    options: Options,
    source: str,
    now: datetime,
    bars: Bars,
    progress: Callable[[float], None] = lambda share: None,
) -> Preview:
    """Import the sheets and return what was done: planned anew, so a preview may be old.

    All in the caller's transaction. `source` names the file in the audit row. Raises Invalid as
    `preview_import` does.
    """
    if is_postgresql(session):
        session.execute(text("SELECT pg_advisory_xact_lock(:lock, 0)"), {"lock": IMPORT_LOCK})
    preview = preview_import(session, sheets, options, _locking(bars))
    progress(0.3)
    if preview.plan.count(NEW) + preview.plan.count(CHANGED) == 0:
        return preview
    institution_id = _institution(session, preview)
    pool_ids = write_pools(session, preview.plan, institution_id, options, now)
    progress(0.5)
    insert_units(session, preview.plan, institution_id, pool_ids, now)
    update_units(session, preview.plan)
    progress(0.7)
    touched = {pool_ids[u.pool] for u in preview.plan.units if u.status != UNCHANGED}
    refresh_search(session, sorted(touched))
    progress(0.95)
    counts = {status: preview.plan.count(status) for status in (NEW, CHANGED, UNCHANGED)}
    after = {"source": source, **counts, "rejected": len(preview.plan.rejected)}
    record(session, actor, "import_units", ("institution", institution_id), now, after=after)
    return preview


def _locking(bars: Bars) -> Bars:
    """Return `bars` asked under the locks of the units' pools: nobody books meanwhile."""

    def locked(session: Session, unit_ids: Sequence[int]) -> Mapping[int, InUse]:
        pools = pools_of(session, unit_ids)
        lock_pools(session, pools)
        if pools_of(session, unit_ids) != pools:
            raise Busy  # one of them changed pools meanwhile
        return bars(session, unit_ids)

    return locked


def _institution(session: Session, preview: Preview) -> int:
    found = institution_named(session, preview.institution)
    if found:
        return found.id
    row = Institution(name_zh=preview.institution)
    session.add(row)
    session.flush()
    return row.id
