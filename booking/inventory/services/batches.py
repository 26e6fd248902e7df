"""Import batches: given, read by whichever process claims them, confirmed, applied once."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, WrongState
from booking.core.table import Sheet
from booking.inventory.models import ImportBatch
from booking.inventory.queries.batches import batch_at, is_due
from booking.inventory.rules.batches import (
    Summary,
    mapping_by_hand,
    options_of,
    options_text,
    sheet_of,
    sheet_text,
    summary,
    summary_text,
)
from booking.inventory.rules.reading import Options, check_options, reading_of
from booking.inventory.services.imports import Bars, Preview, import_units

# Reading takes at most IMPORT_MAX_SECONDS, applying some seconds; a killed process costs this.
LEASE = timedelta(seconds=120)
MOST_NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Claimed:
    """A batch this process works on until its lease ends; `sheet` once the file has been read."""

    id: int
    token: str
    state: str
    filename: str
    content: bytes
    options: Options
    sheet: Sheet | None
    user_id: int | None


def upload_batch(
    session: Session,
    actor: Actor,
    filename: str,
    content: bytes,
    options: Options,
    keep: timedelta,
    now: datetime,
) -> int:
    """Return the id of a new batch. Raises Invalid for choices that cannot be meant."""
    check_options(options)
    if not content:
        raise Invalid("import_empty", field="file")
    batch = ImportBatch(
        user_id=actor.user_id,
        filename=filename[:MOST_NAME_CHARACTERS],
        content=content,
        options=options_text(options),
        created_at=now,
        expires_at=now + keep,
    )
    session.add(batch)
    session.flush()
    record(session, actor, "import_upload", ("import_batch", batch.id), now)
    return batch.id


def map_columns(
    session: Session,
    batch_id: int,
    chosen: dict[str, str],
    site: str | None = None,
    lab: str | None = None,
) -> None:
    """Have the batch previewed anew with these fields for its columns (label → field).

    `site` and `lab` are for the rows that name none; None leaves them as they were given.
    Raises NotFound; WrongState once it was confirmed or has expired.
    """
    batch = batch_at(session, batch_id)
    given = options_of(batch.options)
    options = replace(
        given,
        mapping=mapping_by_hand(chosen),
        site=given.site if site is None else site.strip(),
        lab=given.lab if lab is None else lab.strip(),
    )
    values = {"options": options_text(options), "state": "uploaded", "progress_percent": 0}
    _change(session, batch_id, ("previewed", "failed"), **values, error=None, claimed_until=None)


def confirm_batch(session: Session, actor: Actor, batch_id: int, now: datetime) -> None:
    """Have the batch applied, once. Raises NotFound; WrongState unless it is previewed."""
    batch_at(session, batch_id)
    _change(session, batch_id, ("previewed",), state="applying", claimed_until=None)
    record(session, actor, "import_confirm", ("import_batch", batch_id), now)


def _change(session: Session, batch_id: int, states: tuple[str, ...], **values: Any) -> None:
    """Change a batch that is in one of `states`; of two who try only one does."""
    changed = session.execute(
        update(ImportBatch)
        .where(
            ImportBatch.id == batch_id,
            ImportBatch.state.in_(states),
            ImportBatch.rows.is_not(None),
        )
        .values(**values)
        .returning(ImportBatch.id)
        .execution_options(synchronize_session=False)
    ).first()
    if changed is None:
        raise WrongState("import_not_open")


# --- the work, by whichever process ---------------------------------------------------------


def claim_batch(session: Session, token: str, now: datetime) -> Claimed | None:
    """Return the oldest batch with work left, now this process's; None if there is none.

    `now` is the database's. Two processes that claim at the same time get different batches.
    """
    due = (
        select(ImportBatch.id)
        .where(is_due(now))
        .order_by(ImportBatch.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    row = session.execute(
        update(ImportBatch)
        .where(ImportBatch.id.in_(select(due.c.id)))
        .values(claimed_until=now + LEASE, claim_token=token)
        .returning(
            ImportBatch.id, ImportBatch.state, ImportBatch.filename, ImportBatch.content,
            ImportBatch.options, ImportBatch.rows, ImportBatch.user_id,
        )
        .execution_options(synchronize_session=False)
    ).first()  # fmt: skip
    if row is None:
        return None
    sheet = sheet_of(row.rows) if row.rows else None
    options, content = options_of(row.options), row.content or b""
    return Claimed(row.id, token, row.state, row.filename, content, options, sheet, row.user_id)


def note_progress(session: Session, claimed: Claimed, percent: int) -> None:
    """Say how far reading got."""
    _end(session, claimed, ("uploaded", "parsing"), state="parsing", progress_percent=percent)


def keep_sheet(session: Session, claimed: Claimed, sheet: Sheet, percent: int) -> None:
    """Keep what was read, so that another mapping needs no second reading."""
    values = {"rows": sheet_text(sheet), "progress_percent": percent}
    _end(session, claimed, ("uploaded", "parsing"), **values)


def keep_preview(session: Session, claimed: Claimed, sheet: Sheet, preview: Preview) -> None:
    """Show the preview; confirming is open from here on."""
    text = summary_text(_shown(sheet, preview))
    values = {"preview": text, "state": "previewed", "progress_percent": 100, "error": None}
    _end(session, claimed, ("uploaded", "parsing"), **values, claimed_until=None)


def fail_batch(session: Session, claimed: Claimed, refusal: Invalid) -> None:
    """Note why the file or the choices cannot be used."""
    error = json.dumps([refusal.code, refusal.parameters], ensure_ascii=False, default=str)
    values = {"state": "failed", "error": error, "claimed_until": None}
    _end(session, claimed, ("uploaded", "parsing", "applying"), **values)


def apply_batch(session: Session, claimed: Claimed, now: datetime, bars: Bars) -> bool:
    """Return whether this call imported the batch: with its state, in one transaction, once."""
    # First the state: whoever comes second waits here and then finds nothing to do.
    if not _end(session, claimed, ("applying",), state="applied", applied_at=now):
        return False
    assert claimed.sheet is not None  # noqa: S101 - only previewed batches are confirmed
    actor = Actor(claimed.user_id) if claimed.user_id else None
    sheets = (claimed.sheet,)
    preview = import_units(session, actor, sheets, claimed.options, claimed.filename, now, bars)
    text = summary_text(_shown(claimed.sheet, preview))
    session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == claimed.id)
        .values(preview=text, progress_percent=100, claimed_until=None)
        .execution_options(synchronize_session=False)
    )
    return True


def expire_batches(session: Session, now: datetime) -> int:
    """Return how many batches were emptied of file and rows, their time being over."""
    kept = ImportBatch.content.is_not(None)
    over = update(ImportBatch).where(ImportBatch.expires_at <= now, kept)
    session.execute(
        over.where(ImportBatch.state != "applied")
        .values(state="expired", preview=None)
        .execution_options(synchronize_session=False)
    )
    found = session.execute(
        over.values(content=None, rows=None)
        .returning(ImportBatch.id)
        .execution_options(synchronize_session=False)
    )
    return len(found.all())


def _end(session: Session, claimed: Claimed, states: tuple[str, ...], **values: Any) -> bool:
    """Return whether the batch was changed: still ours, and in one of `states`."""
    changed = session.execute(
        update(ImportBatch)
        .where(
            ImportBatch.id == claimed.id,
            ImportBatch.claim_token == claimed.token,
            ImportBatch.state.in_(states),
        )
        .values(**values)
        .returning(ImportBatch.id)
        .execution_options(synchronize_session=False)
    ).first()
    return changed is not None


def _shown(sheet: Sheet, preview: Preview) -> Summary:
    return summary(
        preview.plan,
        preview.reading,
        sheet,
        preview.institution,
        new_institution=preview.new_institution,
    )


def chosen_sheet(sheets: list[Sheet], options: Options) -> Sheet:
    """Return the sheet that lists units; the fullest one when no heading is known."""
    try:
        return reading_of(sheets, options)[0]
    except Invalid:
        return max(sheets, key=lambda sheet: len(sheet.rows))
