"""Connections to PostgreSQL: statements stay prepared, and idle lines are tested before use."""

import time
from typing import Any

from psycopg import Connection
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

# A line unused for longer is tested first, as it may have been cut. SQLAlchemy's own
# `pool_pre_ping` tests at every use: three times a booking, a fifth of its round trips.
PING_AFTER_SECONDS = 1
_OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)


class Line(Connection[Any]):
    """A connection that forgets no prepared statement when it rolls back.

    psycopg 3.3 drops them all, as what they name may have been created since BEGIN. Every read
    ends with a rollback, so nothing was ever prepared: PostgreSQL parsed and planned each
    statement of each request anew, half of its work on a booking.
    """

    def rollback(self) -> None:
        """Roll back to the start of any pending transaction."""
        with self.lock:
            if self.pgconn.transaction_status in _OPEN:
                done = self.pgconn.exec_(b"ROLLBACK")
                if done.status == ExecStatus.COMMAND_OK:
                    return
        super().rollback()  # nothing to do, or a line that is dead: psycopg says so


def listen(engine: Engine) -> None:
    """Let the engine open lines of ours, and test those that have been idle."""
    event.listen(engine, "do_connect", _open)
    event.listen(engine, "checkin", _note_use)

    def test(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("used", 0) > PING_AFTER_SECONDS:
            _ping(engine, connection)

    event.listen(engine, "checkout", test)


def _open(_dialect: Any, _record: Any, words: Any, options: dict[str, Any]) -> Line:
    return Line.connect(*words, **options)


def _ping(engine: Engine, connection: Any) -> None:
    """Raise DisconnectionError, upon which the pool opens another line, if this one is dead."""
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()
