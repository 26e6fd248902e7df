"""What is acknowledged is on the disk: how each engine is told to keep it, and what times are."""

from datetime import datetime

import pytest
from sqlalchemy import text

from booking import create_app
from booking.infra.db import BUSY_TIMEOUT_MS, LOCK_TIMEOUT_MS, Instant, db
from tests import databases

FULL = 2  # pragma synchronous


def asked(url, *questions):
    """Return what a connection of the application answers; the tests' own forget durability."""
    app = create_app("testing", {"DATABASE_URL": url})
    with app.app_context():
        answers = [db.session.scalar(text(question)) for question in questions]
        db.session.remove()
    databases.close(app)
    return answers


def test_sqlite_waits_for_the_disk_and_keeps_foreign_keys(app):
    questions = ("synchronous", "journal_mode", "foreign_keys", "busy_timeout")
    answers = asked(app.config["DATABASE_URL"], *(f"PRAGMA {name}" for name in questions))

    # NORMAL lost 140 acknowledged bookings in one power cut.
    assert answers == [FULL, "wal", 1, BUSY_TIMEOUT_MS]


@pytest.mark.postgres
def test_postgresql_waits_for_the_disk_but_not_for_ever_for_a_lock(pg_app):
    answers = asked(
        pg_app.config["DATABASE_URL"], "SHOW synchronous_commit",
        "SELECT setting FROM pg_settings WHERE name = 'lock_timeout'",
    )  # fmt: skip

    assert answers == ["on", str(LOCK_TIMEOUT_MS)]


def test_a_time_without_a_zone_is_not_stored():
    with pytest.raises(ValueError, match="needs a time zone"):
        Instant().process_bind_param(datetime(2026, 11, 23, 9), None)  # noqa: DTZ001
