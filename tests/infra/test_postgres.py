"""Lines to PostgreSQL: what they keep prepared, and what happens to a dead one."""

import pytest
from sqlalchemy import text

from booking.infra import postgres
from booking.infra.db import db

OFTEN = 6  # psycopg prepares what it has sent five times


@pytest.fixture
def pg_session(pg_app):
    with pg_app.app_context():
        yield db.session()
        db.session.remove()


@pytest.mark.postgres
def test_a_statement_stays_prepared_when_reads_end_with_a_rollback(pg_session):
    for _ in range(OFTEN):
        pg_session.execute(text("SELECT 'kept'"))
        pg_session.rollback()

    asked = text("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT ''kept'''")
    assert pg_session.scalar(asked) == 1


@pytest.mark.postgres
def test_what_was_written_is_rolled_back(pg_session):
    pg_session.execute(text("CREATE TABLE gone (id integer)"))
    pg_session.rollback()

    assert pg_session.scalar(text("SELECT to_regclass('gone')")) is None


@pytest.mark.postgres
def test_a_failed_transaction_can_be_rolled_back_and_used_again(pg_session):
    with pytest.raises(Exception, match="division by zero"):
        pg_session.execute(text("SELECT 1 / 0"))
    pg_session.rollback()

    assert pg_session.scalar(text("SELECT 1")) == 1


@pytest.mark.postgres
def test_a_line_cut_while_idle_is_replaced_unnoticed(pg_session, monkeypatch):
    monkeypatch.setattr(postgres, "PING_AFTER_SECONDS", 0)
    line = pg_session.connection().connection.dbapi_connection
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
        pg_session.rollback()
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": line.info.backend_pid})

        assert pg_session.scalar(text("SELECT 1")) == 1
