"""The database handle, its types, and the one place that commits."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Connection,
    CursorResult,
    Engine,
    Executable,
    Integer,
    MetaData,
    event,
    text,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from booking.core.errors import Busy
from booking.core.period import from_epoch, to_epoch
from booking.infra import postgres
from booking.infra.turns import Turns

T = TypeVar("T")

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
# STRICT tables of SQLite refuse BIGINT; INTEGER there is 64 bits wide.
BigInt = BigInteger().with_variant(Integer, "sqlite")

LOCK_TIMEOUT_MS = 3000  # PostgreSQL: then 503 "busy, try again"
BUSY_TIMEOUT_MS = 30000  # SQLite: only stragglers outside `transaction()` wait here
# 32 MB of log. A booking writes 36 pages, most of them the same ones: carried over to the database
# every 1,000 pages, as by default, half of the time of sixteen writers went into that.
CHECKPOINT_PAGES = 8000
RETRIES = 3
SERIALISATION_STATES = {"40001", "40P01"}
LOCK_STATES = {"55P03"}
_TURNS: dict[tuple[int, str], Turns] = {}
_LOCK_POOL = text("SELECT pg_advisory_xact_lock(1, :id)")


class Base(DeclarativeBase):
    """The declarative base of every table."""

    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True)


class Instant(TypeDecorator[datetime]):
    """BIGINT epoch seconds in the database, aware UTC in Python. Naive times raise ValueError."""

    impl = BigInt
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        """Return the epoch seconds stored for `value`."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return to_epoch(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        """Return the aware UTC instant of stored seconds."""
        return None if value is None else from_epoch(value)


def init_app(app: Flask) -> None:
    """Bind the engine: SQLite in the instance folder unless DATABASE_URL names another."""
    url = app.config["DATABASE_URL"] or f"sqlite:///{Path(app.instance_path) / 'booking.sqlite'}"
    url = url.replace("postgres://", "postgresql://", 1)
    options = dict(app.config["SQLALCHEMY_ENGINE_OPTIONS"])
    if url.startswith("postgresql"):
        arguments = options.setdefault("connect_args", {})
        arguments.setdefault(
            "options", f"-c lock_timeout={LOCK_TIMEOUT_MS} -c synchronous_commit=on"
        )
    options.setdefault("pool_size", 20)
    # The line used last knows the statements and has the pages: the others are for the rush.
    options.setdefault("pool_use_lifo", True)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        listen(db.engine)


def listen(engine: Engine) -> None:
    """Attach pragmas and the explicit BEGIN to an SQLite engine, our lines to PostgreSQL's."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _pragmas)
        event.listen(engine, "begin", _begin)
    else:
        postgres.listen(engine)


def _pragmas(connection: Any, _record: Any) -> None:
    # Without this the driver sends BEGIN by itself, too late: look-then-insert would race.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=wal",
        "synchronous=full",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "foreign_keys=on",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    ):
        connection.execute(f"pragma {pragma}")


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextlib.contextmanager
def transaction() -> Iterator[Session]:
    """Yield the session inside one write transaction and commit it once; roll back on any error.

    The open read of the request is rolled back first. Raises RuntimeError inside another
    transaction, Busy when a lock cannot be had in time.
    """
    session: Session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("transaction() inside another transaction()")
    session.rollback()
    with _writers_queue():
        session.info["writing"] = True
        try:
            session.connection(execution_options={"write": True})
            yield session
            for work, items in session.info.pop("at_end", {}).items():
                work(session, items)
            session.commit()
        except OperationalError as error:
            session.rollback()
            if _is_lock_timeout(error):
                raise Busy from error
            raise
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop("writing", None)
            session.info.pop("at_end", None)


def at_end(session: Session, work: Callable[[Session, list[Any]], None], item: object) -> None:
    """Have `work` run once, with all items given for it, last before the transaction commits.

    For what must see everything the transaction did, however many services took part in it.
    """
    works = session.info.setdefault("at_end", {})
    works.setdefault(work, []).append(item)


def write(work: Callable[[Session], T], look: Callable[[Session], object] | None = None) -> T:
    """Return what `work` returns, run in `transaction()`; retried when the database says so.

    `look` runs first in a plain read, so that whoever must lose fails without taking any lock.
    Deadlocks and serialisation failures are tried again (at most 3 times in all).
    """
    if look is not None:
        look(db.session())
    for attempt in range(RETRIES):
        try:
            with transaction() as session:
                return work(session)
        except DBAPIError as error:
            if sqlstate(error) not in SERIALISATION_STATES or attempt == RETRIES - 1:
                raise
            time.sleep(0.01 * 4**attempt)
    raise AssertionError("unreachable")


def run(
    session: Session,
    statement: Executable,
    parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
) -> CursorResult[*tuple[Any, ...]]:
    """Return the result of a Core statement that was built once, run in the session's transaction.

    For hot paths: building a statement and passing it through the ORM costs five times what
    running it does. What the session holds back is written first, as `execute` would.
    """
    session.flush()
    return session.connection().execute(statement, parameters)


@contextlib.contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Undo what is done inside, and only that, when it raises.

    For hot paths: SQLAlchemy 2.1 compiles the statements of `begin_nested` anew each time, a tenth
    of what a booking costs.
    """
    session.flush()
    connection = session.connection()
    connection.exec_driver_sql("SAVEPOINT inside")
    try:
        yield
    except Exception:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT inside")
        raise
    finally:
        connection.exec_driver_sql("RELEASE SAVEPOINT inside")


@contextlib.contextmanager
def rehearsal(session: Session) -> Iterator[None]:
    """Undo everything done inside at its end: what would come of it is known, nothing is kept."""
    session.flush()
    connection = session.connection()
    before = {work: list(items) for work, items in session.info.get("at_end", {}).items()}
    connection.exec_driver_sql("SAVEPOINT rehearsal")
    try:
        yield
    finally:
        session.info["at_end"] = before
        session.expire_all()
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT rehearsal")
        connection.exec_driver_sql("RELEASE SAVEPOINT rehearsal")


def sqlstate(error: DBAPIError) -> str:
    """Return PostgreSQL's five-letter state of an error, empty on SQLite."""
    return getattr(error.orig, "sqlstate", None) or ""


def fits(session: Session, work: Callable[[], object]) -> bool:
    """Return whether `work` was done; nothing of it is when the no-overlap guard refuses."""
    try:
        with savepoint(session):
            work()
    except DBAPIError as error:
        if is_overlap(error):
            return False
        raise
    return True


def is_overlap(error: DBAPIError) -> bool:
    """Return whether the no-overlap guard of `infra.ddl` refused the statement."""
    return sqlstate(error) == "23P01" or "allocation_overlap" in str(error.orig)


def is_postgresql(session: Session) -> bool:
    """Return whether the session speaks to PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


def lock_pools(session: Session, pool_ids: list[int]) -> None:
    """Queue behind other writers of these pools, in id order; SQLite's write lock is enough.

    The advisory lock orders the crowd; the constraint decides (DESIGN §3).
    """
    if is_postgresql(session):
        for pool_id in sorted(set(pool_ids)):
            run(session, _LOCK_POOL, {"id": pool_id})


def _is_lock_timeout(error: OperationalError) -> bool:
    return sqlstate(error) in LOCK_STATES or "database is locked" in str(error.orig)


@contextlib.contextmanager
def _writers_queue() -> Iterator[None]:
    """Queue SQLite writers on a lock file: busy_timeout alone lets late ones starve."""
    database = db.engine.url.database
    if db.engine.dialect.name != "sqlite" or database in (None, "", ":memory:"):
        yield
        return
    # Of this process: after a fork, what the parent's threads held would never be let go.
    turns = _TURNS.setdefault((os.getpid(), database), Turns(f"{database}.lock"))
    with turns.turn(current_app.config["WRITE_WAIT_SECONDS"]):
        yield
