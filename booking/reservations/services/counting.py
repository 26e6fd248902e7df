"""Keeping the ledgers of quotas: completing a new one, adding up, forgetting what is past."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from booking.core.period import CELL_SECONDS, to_epoch
from booking.infra import quota_use
from booking.infra.db import is_postgresql, run
from booking.policies.models import QuotaRow
from booking.reservations.queries.quota_ledgers import (
    LACKING,
    NOT_YET,
    codes_of,
    kept_from,
    next_ids,
)

_NAMES = ", ".join(quota_use.NAMES)
_SUMS = ", ".join(f"sum({name})" for name in quota_use.NAMES)
_SOME = " OR ".join(f"sum({name}) <> 0" for name in quota_use.NAMES)
_ENTRY = {True: "nextval('quota_use_entry')", False: "0"}
_COMPLETE = {
    (subject, postgresql): text(
        f"INSERT INTO quota_use (quota_id, who, cell, entry, {_NAMES}) "  # noqa: S608
        f"SELECT :quota, who, cell, {_ENTRY[postgresql]}, {_NAMES} FROM ({lacking}) AS lacking"
        + (" WHERE 1 = 1" if postgresql else f" WHERE 1 = 1{quota_use.ADD}")
    )
    for subject, lacking in LACKING.items()
    for postgresql in (True, False)
}
# What is deleted here and nothing else is added up, whoever writes meanwhile.
_ADD_UP = text(f"""
WITH gone AS (
  DELETE FROM quota_use WHERE (quota_id, who, cell) IN (
    SELECT quota_id, who, cell FROM quota_use WHERE entry > 0 LIMIT :most)
  RETURNING quota_id, who, cell, {_NAMES}
), summed AS (
  INSERT INTO quota_use (quota_id, who, cell, entry, {_NAMES})
  SELECT quota_id, who, cell, 0, {_SUMS} FROM gone GROUP BY quota_id, who, cell HAVING {_SOME}
)
SELECT count(*) FROM gone
""")  # noqa: S608
_ALONE = text("SELECT pg_advisory_xact_lock(4, 0)")
_FORGET = text(
    "DELETE FROM quota_use WHERE quota_id = :quota"  # noqa: S608 - our own words
    f" AND cell < :since / {CELL_SECONDS} AND cell > -(:since / 86400)"
)
_FORGET_ENDED = text(
    "DELETE FROM quota_use WHERE quota_id IN (SELECT id FROM quota WHERE retired_at IS NOT NULL)"
)
AT_ONCE = {"person": 200, "company": 10}  # whose reservations are counted in one transaction
ENTRIES = 5000


@dataclass(frozen=True, slots=True)
class Counting:
    """A ledger that is being completed; `token` tells whether a pool has moved meanwhile."""

    quota_id: int
    subject: str
    since: datetime
    token: datetime


def begin_ledger(session: Session, quota_id: int, now: datetime) -> Counting:
    """Return what is needed to complete the ledger of a quota, portion by portion.

    Of a quota of a class its codes are written down: who books from now on writes down for them.
    """
    row = session.get_one(QuotaRow, quota_id)
    row.codes = codes_of(session, row)
    token = row.counted_from = NOT_YET + timedelta(seconds=secrets.randbelow(10**9))
    return Counting(quota_id, row.subject, kept_from(row, now), token)


def complete_portion(session: Session, counting: Counting, after: int) -> int | None:
    """Return the last of the people or companies of whom the ledger is complete; None: of all.

    What reservations say less what the ledger says is added, so a portion may be done twice.
    """
    if not after and is_postgresql(session):
        _let_writers_end(session)
    until = next_ids(session, counting.subject, after, AT_ONCE[counting.subject])
    if until is not None:
        statement = _COMPLETE[counting.subject, is_postgresql(session)]
        ids = {"quota": counting.quota_id, "after": after, "until": until}
        run(session, statement, {**ids, "since": to_epoch(counting.since)})
    return until


def end_ledger(session: Session, counting: Counting) -> None:
    """Let the ledger be used, unless a pool or a class has moved since it was begun."""
    session.execute(
        update(QuotaRow)
        .where(QuotaRow.id == counting.quota_id, QuotaRow.counted_from == counting.token)
        .values(counted_from=counting.since)
    )


def _let_writers_end(session: Session) -> None:
    """Wait for those who began to write reservations before the quota could be seen.

    All others write down for it what they do. A lock is let go with its savepoint.
    """
    connection = session.connection()
    connection.exec_driver_sql("SAVEPOINT barrier")
    connection.exec_driver_sql("LOCK TABLE reservation IN SHARE MODE")
    connection.exec_driver_sql("ROLLBACK TO SAVEPOINT barrier")


def add_up(session: Session) -> int:
    """Return how many entries were added up, those of at most 5,000 changes.

    On SQLite each change is added to its sum at once.
    """
    if not is_postgresql(session):
        return 0
    run(session, _ALONE)
    return int(run(session, _ADD_UP, {"most": ENTRIES}).scalar_one())


def forget_uses(session: Session, now: datetime) -> None:
    """Forget what no window reaches any more, and the ledgers of quotas that have ended."""
    rows = session.scalars(select(QuotaRow).where(QuotaRow.counted_from < NOT_YET)).all()
    for row in rows:
        since = kept_from(row, now)
        if row.counted_from is not None and row.counted_from < since:
            row.counted_from = since
            run(session, _FORGET, {"quota": row.id, "since": to_epoch(since)})
    run(session, _FORGET_ENDED)
