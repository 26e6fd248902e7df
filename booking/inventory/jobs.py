"""Ticks over import batches: read what was uploaded, apply what was confirmed, forget the old."""

import secrets
from dataclasses import replace

from flask import current_app
from sqlalchemy.exc import IntegrityError

from booking.core.errors import Invalid
from booking.core.table import Sheet
from booking.infra import clock
from booking.infra.db import db, write
from booking.infra.scheduler import Job
from booking.infra.sheets.limits import limits_of
from booking.infra.sheets.read import read_sheets
from booking.inventory.queries.batches import any_due
from booking.inventory.services.batches import (
    Claimed,
    apply_batch,
    chosen_sheet,
    claim_batch,
    expire_batches,
    fail_batch,
    keep_preview,
    keep_sheet,
    note_progress,
)
from booking.inventory.services.imports import preview_import
from booking.reservations.queries.in_use import bars_at

ROUNDS = 20


def work_on_imports() -> None:
    """Read and apply batches until none is due; any number of processes may."""
    for _ in range(ROUNDS):
        if not any_due(db.session(), clock.db_now(db.session())):
            return
        token = secrets.token_hex(8)
        claimed = write(lambda s, token=token: claim_batch(s, token, clock.db_now(s)))  # type: ignore[misc]
        if claimed is None:
            return
        _work(claimed)


def _work(claimed: Claimed) -> None:
    try:
        if claimed.state == "applying":
            now = clock.now()
            write(lambda session: apply_batch(session, claimed, now, bars_at(now)))
        else:
            _preview(claimed)
    except Invalid as refusal:
        reason = refusal
    except IntegrityError:
        # Somebody created the same site, lab or unit by hand at the same moment.
        reason = Invalid("import_overtaken")
    else:
        return
    write(lambda session: fail_batch(session, claimed, reason))


def _preview(claimed: Claimed) -> None:
    sheet = claimed.sheet or _read(claimed)
    preview = preview_import(db.session(), (sheet,), claimed.options, bars_at(clock.now()))
    write(lambda session: keep_preview(session, claimed, sheet, preview))


def _read(claimed: Claimed) -> Sheet:
    write(lambda session: note_progress(session, claimed, 10))
    sheets = read_sheets(claimed.content, limits_of(current_app.config))
    sheet = chosen_sheet(sheets, replace(claimed.options, mapping={}))
    write(lambda session: keep_sheet(session, claimed, sheet, 60))
    return sheet


def expire_imports() -> None:
    """Forget the files and rows of batches a day old."""
    now = clock.now()
    write(lambda session: expire_batches(session, now))


JOBS = [
    Job("imports", 2, work_on_imports),
    Job("expire-imports", 600, expire_imports),
]
