"""The time: this machine's, and the database's, which several processes share."""

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.core.period import from_epoch
from booking.infra.db import is_postgresql


def now() -> datetime:
    """Return this machine's time, aware UTC, in whole seconds. Tests freeze it."""
    return datetime.now(UTC).replace(microsecond=0)


def db_now(session: Session) -> datetime:
    """Return the database's time in whole seconds: leases are compared to this one only.

    On SQLite database and processes share a machine, so the machine's clock is the database's.
    """
    if not is_postgresql(session):
        return now()
    seconds = session.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
    return from_epoch(int(seconds))
