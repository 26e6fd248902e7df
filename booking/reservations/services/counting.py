"""Keeping the ledgers of quotas: completing a new one, adding up, forgetting what is past."""

from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from booking.core.period import CELL_SECONDS, to_epoch
from booking.infra import quota_use
from booking.infra.db import is_postgresql, run
from booking.policies.models import QuotaRow
from booking.reservations.queries.quota_ledgers import LACKING, codes_of, kept_from

_NAMES = ", ".join(quota_use.NAMES)
_SUMS = ", ".join(f"sum({name})" for name in quota_use.NAMES)
_SOME = " OR ".join(f"sum({name}) <> 0" for name in quota_use.NAMES)
_ENTRY = {True: "nextval('quota_use_entry')", False: "0"}
_COMPLETE = {
    postgresql: text(
        f"INSERT INTO quota_use (quota_id, who, cell, entry, {_NAMES}) "  # noqa: S608
        f"SELECT :quota, who, cell, {_ENTRY[postgresql]}, {_NAMES} FROM ({LACKING}) AS lacking"
        + (" WHERE 1 = 1" if postgresql else f" WHERE 1 = 1{quota_use.ADD}")
    )
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
AT_ONCE = 5000


def name_codes(session: Session, quota_id: int) -> None:
    """Write down which codes a quota of a class is for, so that changes are written down for it.

    In a transaction of its own, before `complete_ledger`: who books meanwhile must see them.
    """
    row = session.get_one(QuotaRow, quota_id)
    codes = codes_of(session, row)
    if codes != row.codes:
        session.execute(update(QuotaRow).where(QuotaRow.id == quota_id).values(codes=codes))


def complete_ledger(session: Session, quota_id: int, now: datetime) -> None:
    """Make the ledger of a quota complete, from when on it is needed."""
    query = select(QuotaRow).where(QuotaRow.id == quota_id, QuotaRow.counted_from.is_(None))
    # Who moves a pool waits until this is over, and then has it counted anew.
    row = session.scalar(query.with_for_update(key_share=True))
    if row is None or row.codes != codes_of(session, row):
        return
    if is_postgresql(session):
        _let_writers_end(session)
    since = kept_from(row, now)
    run(session, _COMPLETE[is_postgresql(session)], {"quota": quota_id, "since": to_epoch(since)})
    row.counted_from = since


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
    return int(run(session, _ADD_UP, {"most": AT_ONCE}).scalar_one())


def forget_uses(session: Session, now: datetime) -> None:
    """Forget what no window reaches any more, and the ledgers of quotas that have ended."""
    rows = session.scalars(select(QuotaRow).where(QuotaRow.counted_from.is_not(None))).all()
    for row in rows:
        since = kept_from(row, now)
        if row.counted_from is not None and row.counted_from < since:
            row.counted_from = since
            run(session, _FORGET, {"quota": row.id, "since": to_epoch(since)})
    run(session, _FORGET_ENDED)
