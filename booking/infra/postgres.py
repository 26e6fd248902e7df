"""Connections to PostgreSQL: statements stay prepared, columns are described when asked for.

And idle lines are tested before use.
"""

import time
from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

# A line unused for longer is tested first, as it may have been cut. SQLAlchemy's own
# `pool_pre_ping` tests at every use: three times a booking, a fifth of its round trips.
PING_AFTER_SECONDS = 1
# libpq's numbers (psycopg.pq), written out: without PostgreSQL nothing loads the driver.
_IDLE = 0  # no transaction: nothing to roll back
_OPEN = (2, 3)  # in a transaction, or in one that has failed
_DONE, _ROWS = 1, 2


def listen(engine: Engine) -> None:
    """Let the engine keep statements prepared, and test lines that have been idle."""
    engine.dialect.do_rollback = _rollback  # type: ignore[method-assign]
    event.listen(engine, "connect", _describe_late)
    event.listen(engine, "checkin", _note_use)

    def test(connection: Any, record: Any, _proxy: Any) -> None:
        used = record.info.get("used")
        if used is not None and time.monotonic() - used > PING_AFTER_SECONDS:
            _ping(engine, connection)

    event.listen(engine, "checkout", test)


class _Columns:
    """What psycopg says of the columns of a result, worked out when it is looked at.

    SQLAlchemy asks after each statement, and looks only where it does not know the statement:
    0.8 µs a column, of which a booking reads ninety.
    """

    def __init__(self, describe: Any) -> None:
        self._describe = describe

    def __iter__(self) -> Iterator[Any]:
        return iter(self._describe())

    def __len__(self) -> int:
        return len(self._describe())

    def __getitem__(self, place: Any) -> Any:
        return self._describe()[place]


def _describe_late(connection: Any, _record: Any) -> None:
    connection.cursor_factory = _late_cursor(connection.cursor_factory)


@cache
def _late_cursor(kind: Any) -> Any:
    """Return the same kind of cursor, with a description that is worked out when looked at."""
    describe = kind.description.fget

    def description(cursor: Any) -> _Columns | None:
        result = cursor.pgresult
        if result is None or not (result.nfields or result.status == _ROWS):
            return None
        return _Columns(lambda: describe(cursor))

    return type("LateCursor", (kind,), {"description": property(description)})


def _rollback(dbapi_connection: Any) -> None:
    """Roll back, forgetting no prepared statement. Raises psycopg's OperationalError when cut.

    psycopg 3.3's own rollback drops them all, as what they name may have been created since BEGIN.
    Every read ends with a rollback, so nothing was ever prepared: PostgreSQL parsed and planned
    each statement of each request anew, half of its work on a booking.
    """
    with dbapi_connection.lock:
        if dbapi_connection.pgconn.transaction_status == _IDLE:
            return
        if dbapi_connection.pgconn.transaction_status in _OPEN:
            done = dbapi_connection.pgconn.exec_(b"ROLLBACK")
            if done.status == _DONE:
                return
    dbapi_connection.rollback()  # nothing to do, or a line that is dead: psycopg says so


def _ping(engine: Engine, connection: Any) -> None:
    """Raise InvalidatePoolError, upon which the pool opens another line, if this one is dead.

    The others that are idle are as old, and go with it.
    """
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()
