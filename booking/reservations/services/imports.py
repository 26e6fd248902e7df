"""Loading many reservations at once: rules skipped, the constraint never."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.period import Period
from booking.infra.db import is_overlap, is_postgresql, lock_pools
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.imports import held_spans, known_keys
from booking.reservations.rules.imports import (
    HOLDING,
    LoadConflict,
    LoadDecision,
    LoadReport,
    LoadRow,
    decide,
)
from booking.reservations.rules.reference import RANDOM_BYTES, reference

CHUNK = 1000
# Two of a million random references meet in one import of twenty; three tries make it never.
REFERENCE_TRIES = 3

_RESERVATIONS = cast(Table, Reservation.__table__)
_ALLOCATIONS = cast(Table, Allocation.__table__)


def new_reference() -> str:
    """Return a random reference for people."""
    return reference(secrets.token_bytes(RANDOM_BYTES))


def preview_load(session: Session, rows: Sequence[LoadRow], now: datetime) -> LoadDecision:
    """Return what loading the rows would do, reading only. Queries per 500 units and keys."""
    if not rows:
        return LoadDecision((), 0, ())
    units = {unit_id: row.pool_id for row in rows for unit_id in row.unit_ids}
    blocks = [row.block for row in rows]
    within = Period(min(start for start, _ in blocks), max(end for _, end in blocks))
    lines = {row.source_key: row.line for row in reversed(rows)}
    held = held_spans(session, units, within, lines, now)
    return decide(rows, known_keys(session, lines), held, now)


def load_reservations(
    session: Session,
    rows: Sequence[LoadRow],
    source: str,
    now: datetime,
    make_reference: Callable[[], str] = new_reference,
) -> LoadReport:
    """Insert the rows that meet nothing, in file order, and report the rest (DESIGN §3).

    A row whose source key is known counts as unchanged; of two that overlap the first goes in.
    Queues behind other writers of the pools; give at most some 50 pools a transaction.
    """
    lock_pools(session, [row.pool_id for row in rows])
    decision = preview_load(session, rows, now)
    imported, unchanged = 0, decision.unchanged
    conflicts = list(decision.conflicts)
    for chunk in _chunks(decision.accepted):
        late = _insert_chunk(session, chunk, source, now, make_reference)
        imported += len(chunk) - len(late)
        conflicts += [clash for clash in late if clash]
        unchanged += late.count(None)
    if imported:
        after = {"source": source, "rows": imported}
        record(session, None, "import_reservations", ("import", 0), now, after=after)
    return LoadReport(imported, unchanged, tuple(sorted(conflicts, key=lambda c: c.line)))


def _insert_chunk(
    session: Session,
    rows: Sequence[LoadRow],
    source: str,
    now: datetime,
    make_reference: Callable[[], str],
) -> list[LoadConflict | None]:
    """Return what did not go in after all: a conflict, or None for a row already there.

    What was decided can be overtaken only by a writer that took no pool lock; then the chunk is
    rolled back and its rows are tried one by one.
    """
    try:
        with session.begin_nested():
            _insert(session, rows, source, now, make_reference)
        return []
    except IntegrityError:
        pass
    late: list[LoadConflict | None] = []
    for row in rows:
        late += _insert_one(session, row, source, now, make_reference)
    return late


def _insert_one(
    session: Session,
    row: LoadRow,
    source: str,
    now: datetime,
    make_reference: Callable[[], str],
) -> list[LoadConflict | None]:
    for attempt in range(REFERENCE_TRIES):
        try:
            with session.begin_nested():
                _insert(session, [row], source, now, make_reference)
            return []
        except IntegrityError as error:
            if is_overlap(error):
                return [LoadConflict(row.line, None, row.unit_ids[0])]
            if known_keys(session, [row.source_key]):
                return [None]
            if attempt == REFERENCE_TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _insert(
    session: Session,
    rows: Sequence[LoadRow],
    source: str,
    now: datetime,
    make_reference: Callable[[], str],
) -> None:
    ids = _new_ids(session, len(rows))
    values = [
        {"id": reservation_id, **_reservation(row, source, now, make_reference())}
        for row, reservation_id in zip(rows, ids, strict=True)
    ]
    session.execute(insert(_RESERVATIONS), values)
    allocations = [
        allocation
        for row, reservation_id in zip(rows, ids, strict=True)
        for allocation in _allocations(row, reservation_id, now)
    ]
    if allocations:
        session.execute(insert(_ALLOCATIONS), allocations)


def _new_ids(session: Session, count: int) -> Sequence[int]:
    """Return ids for new reservations: with RETURNING psycopg 3.3 takes seven times as long.

    (It parses a statement with every value in it; executemany sends one prepared statement.)
    """
    if is_postgresql(session):
        sequence = func.nextval(func.pg_get_serial_sequence("reservation", "id"))
        return session.scalars(select(sequence).select_from(func.generate_series(1, count))).all()
    # SQLite's write lock is held: nobody else draws.
    last = session.scalar(select(func.max(_RESERVATIONS.c.id))) or 0
    return range(last + 1, last + 1 + count)


def _reservation(row: LoadRow, source: str, now: datetime, ref: str) -> dict[str, Any]:
    created_at = row.created_at or min(now, row.start)
    status = row.status_at(now)
    decide_by = row.decide_by
    if status == "pending" and decide_by is None:
        decide_by = min(now + timedelta(hours=24), row.start)
    return {
        "reference": ref,
        "pool_id": row.pool_id,
        "quantity": len(row.unit_ids),
        "start_at": row.start,
        "end_at": row.end,
        "status": status,
        "version": 1,
        "named_unit": int(row.named_unit),
        "user_id": row.user_id,
        "person_text": row.person_text,
        "company_id": row.company_id,
        "institution_id": row.institution_id,
        "purpose": row.purpose,
        "note": row.note,
        "source": source,
        "source_key": row.source_key,
        "created_at": created_at,
        "decide_by": decide_by,
        "reason": "",
        "override_reason": "",
    }


def _allocations(row: LoadRow, reservation_id: int, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield what the row holds: active whatever its date; a job retires what is long over."""
    if row.status_at(now) not in HOLDING:
        return
    start, end = row.block
    for unit_id in row.unit_ids:
        yield {
            "reservation_id": reservation_id,
            "unit_id": unit_id,
            "kind": "reservation",
            "block_start": start,
            "block_end": end,
            "active": 1,
            "pinned": int(row.named_unit),
        }


def _chunks(rows: Sequence[LoadRow]) -> Iterator[Sequence[LoadRow]]:
    for at in range(0, len(rows), CHUNK):
        yield rows[at : at + CHUNK]
