"""Lines to PostgreSQL: what they keep prepared, and what happens to a dead one."""

import psycopg
import pytest
from sqlalchemy import make_url, text

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
def test_columns_are_described_as_psycopg_does_but_only_where_looked_at(pg_session):
    line = pg_session.connection().connection.dbapi_connection
    cursor = line.cursor()
    assert cursor.execute("CREATE TEMPORARY TABLE one (a integer, b text)").description is None

    cursor.execute("SELECT a, b FROM one")

    described, true = cursor.description, psycopg.Cursor.description.fget(cursor)
    assert [tuple(column) for column in described] == [tuple(column) for column in true]
    assert (len(described), tuple(described[1])) == (2, tuple(true[1]))
    assert pg_session.execute(text("SELECT 1 AS x, 'y' AS z")).mappings().one() == {
        "x": 1, "z": "y",
    }  # fmt: skip


@pytest.mark.postgres
def test_a_line_cut_while_idle_is_replaced_unnoticed(pg_session, monkeypatch):
    monkeypatch.setattr(postgres, "PING_AFTER_SECONDS", 0)
    line = pg_session.connection().connection.dbapi_connection
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
        pg_session.rollback()
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": line.info.backend_pid})

        assert pg_session.scalar(text("SELECT 1")) == 1


@pytest.mark.postgres
def test_a_line_cut_in_use_is_answered_with_503_and_the_next_request_has_another(
    pg_app, postgres_server, monkeypatch
):
    client = pg_app.test_client()
    assert client.get("/readyz").status_code in (200, 503)  # opens a line
    monkeypatch.setattr(postgres, "PING_AFTER_SECONDS", 60)
    _cut(postgres_server, pg_app)

    assert _ask(client) == 503
    assert _ask(client) == 401


@pytest.mark.postgres
def test_a_database_that_takes_nobody_is_answered_with_503_until_it_does(pg_app, postgres_server):
    client = pg_app.test_client()
    assert _ask(client) == 401
    _admit(postgres_server, pg_app, "false")
    try:
        _cut(postgres_server, pg_app)
        assert [_ask(client), _ask(client)] == [503, 503]
    finally:
        _admit(postgres_server, pg_app, "true")

    assert _ask(client) == 401


def _ask(client):
    """Return the status that a program with a wrong token gets: it takes a look at the database."""
    return client.get("/api/v1/pools", headers={"Authorization": "Bearer x"}).status_code


def _cut(server, app):
    """End every line to the app's database."""
    cut = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
    _administer(server, cut, [_name(app)])


def _admit(server, app, whether):
    _administer(server, f'ALTER DATABASE "{_name(app)}" ALLOW_CONNECTIONS {whether}')


def _name(app):
    return make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database


def _administer(server, statement, values=()):
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement, values)
