"""Migrated databases for tests: an SQLite file to copy, a PostgreSQL database a worker."""

import fcntl
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from booking import create_app
from booking.infra.db import db

# A test that left a transaction open would block the next one for ever; name it instead.
CLEAN_LOCK_TIMEOUT = "10s"

# The clock to be frozen, the tables to be brought back to what they were.
_ADDED = Path(__file__).with_name("postgresql.sql")


def migrate(url: str) -> None:
    """Bring the database of `url` from empty to the newest migration."""
    app = create_app("testing", {"DATABASE_URL": url})
    with app.app_context():
        flask_migrate.upgrade()
    close(app)


def sqlite_template(folder: Path) -> Path:
    """Return a migrated SQLite file common to all workers, made by whoever asks first."""
    template = folder / "template.sqlite"
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            fresh = folder / "migrating.sqlite"
            migrate(f"sqlite:///{fresh}")
            fresh.rename(template)
    return template


def sqlite_copy(template: Path, folder: Path) -> str:
    """Return the URL of a fresh copy of the migrated file."""
    target = folder / "booking.sqlite"
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"


def prepare_postgresql(url: str) -> None:
    """Migrate an empty PostgreSQL database and make its clock freezable, its tables cleanable."""
    app = create_app("testing", {"DATABASE_URL": url})
    with app.app_context():
        with db.engine.begin() as connection:
            connection.connection.cursor().execute(_ADDED.read_text(encoding="utf-8"))
            name = db.engine.url.database
            connection.exec_driver_sql(
                f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog'
            )
        db.engine.dispose()  # the path holds for new connections
        flask_migrate.upgrade()
        with db.engine.begin() as connection:
            connection.exec_driver_sql("SELECT test_kept.keep()")
    close(app)


def clean_postgresql(engine: Engine) -> None:
    """Bring every table of the application back to what migrations leave; let the clock run again.

    About 3 ms.
    """
    with engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{CLEAN_LOCK_TIMEOUT}'")
        connection.exec_driver_sql("SELECT test_kept.clean()")
        connection.exec_driver_sql("DELETE FROM test_clock.frozen")


def freeze_postgresql(engine: Engine, at: datetime) -> None:
    """Make the database's clock stand still at `at`."""
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM test_clock.frozen")
        connection.execute(text("INSERT INTO test_clock.frozen VALUES (:at)"), {"at": at})


def forget_durability(app: Flask) -> None:
    """Let an SQLite app leave its rows to the system's memory: no test outlives a power cut."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _synchronous_off)


def follow_address(engine: Engine) -> None:
    """Let the engine open the database of its address as it is then, not as it was when made."""

    @event.listens_for(engine, "do_connect")
    def aim(dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
        given, more = dialect.create_connect_args(engine.url)
        arguments[:] = given
        options.update(more)


def _synchronous_off(connection: Any, _record: Any) -> None:
    connection.execute("pragma synchronous=off")


def close(app: Flask) -> None:
    """Close the connections of an app, so that its files and database can go."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
