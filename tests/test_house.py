"""The fixtures themselves: engines, frozen clock, forbidden network, the cast."""

import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

import config
from booking.core.period import Period
from booking.infra import clock as infra_clock
from booking.infra.db import db, is_overlap
from booking.inventory.models import Category
from booking.inventory.rules.classes import CLASSES
from booking.reservations.models import Allocation
from tests import apps, databases, engines, factories
from tests.cast import cast
from tests.required import missing

TEN = Period(datetime(2026, 11, 24, 2, tzinfo=UTC), datetime(2026, 11, 24, 4, tzinfo=UTC))


def test_the_cast_stands_on_both_engines(any_session):
    people = cast(any_session)

    assert factories.actor(people.mei).managed_lab_ids == {people.west_lab.id}
    assert factories.actor(people.bo).administered_company_ids == {people.company_a.id}
    assert factories.actor(people.rep).represented_institution_ids == {people.west.id}
    assert factories.actor(people.ops).park_role == "operator"
    assert len(people.confocal_units) == 3


def test_a_reservation_written_directly_meets_the_guard(any_session):
    pool = factories.create_pool(any_session)
    factories.create_reservation(any_session, pool, TEN)

    with pytest.raises(IntegrityError) as refused:
        factories.create_reservation(any_session, pool, TEN.shifted(timedelta(hours=1)))
    any_session.rollback()

    assert is_overlap(refused.value)


def test_a_reservation_that_ended_holds_nothing(any_session):
    pool = factories.create_pool(any_session)
    factories.create_reservation(any_session, pool, TEN, status="cancelled")

    factories.create_reservation(any_session, pool, TEN)

    active = select(func.count()).where(Allocation.active == 1)
    assert any_session.scalar(active) == 1


@pytest.mark.parametrize("time_around", ["first", "second"])
def test_every_test_begins_with_what_migrations_leave(any_session, time_around):
    site = factories.create_site(any_session, name_zh="同名")
    names = {node.code: node.name_zh for node in any_session.scalars(select(Category))}
    assert names == {node.code: node.name_zh for node in CLASSES}
    assert site.id == 1

    changed, gone = any_session.get(Category, "010100"), any_session.get(Category, "010200")
    changed.name_zh = "别名"
    any_session.delete(gone)
    factories.create_category(any_session)


def test_a_stopped_clock_stops_the_database_too(any_session, clock, now):
    assert infra_clock.now() == infra_clock.db_now(any_session) == now

    clock.shift(hours=2)

    assert infra_clock.now() == infra_clock.db_now(any_session) == now + timedelta(hours=2)


def test_without_the_clock_fixture_time_runs(any_session):
    apart = infra_clock.db_now(any_session) - datetime.now(UTC)

    assert abs(apart) < timedelta(seconds=5)


def test_a_request_has_contexts_of_its_own_while_a_session_is_held(
    app, session, client, monkeypatch
):
    held = db.session()
    monkeypatch.setitem(app.view_functions, "health.healthz", lambda: str(db.session() is held))

    assert client.get("/healthz").text == "False"


@pytest.mark.parametrize("time_around", ["first", "second"])
def test_an_app_is_lent_as_new(any_app, time_around):
    assert any_app.config["MAIL_FROM"] == config.Default.MAIL_FROM
    any_app.config["MAIL_FROM"] = "somebody@else.example"


def test_an_app_is_lent_to_one_at_a_time(app, tmp_path):
    with pytest.raises(RuntimeError, match="two cannot have one app"):
        apps.lend(app.config["DATABASE_URL"], {}, tmp_path)


def test_connecting_to_another_machine_is_refused():
    with socket.socket() as outgoing, pytest.raises(AssertionError, match="may not connect"):
        outgoing.connect(("192.0.2.1", 25))


@pytest.mark.postgres
def test_cleaning_postgresql_between_tests_is_quick(pg_app):
    with pg_app.app_context():
        cast(db.session())
        db.session.remove()
        began = time.perf_counter()
        databases.clean_postgresql(db.engine)

    # 3–5 ms alone; the bar leaves room for a busy machine.
    assert time.perf_counter() - began < 0.5


@pytest.mark.postgres
def test_a_private_server_is_durable_and_wakes_after_a_kill():
    try:
        with engines.private_server(durable=True) as server:
            assert _setting(server.url, "fsync") == "on"
            os.kill(server.pid, 9)
            _wait_until(lambda: not _answers(server.url))
            engines.wake(server, durable=True)
            assert _answers(server.url)
    except engines.NoPostgres as error:
        missing(str(error))
    assert not server.folder.exists()


@pytest.mark.postgres
def test_a_server_ends_with_its_owner_however_that_ends():
    owner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        server = engines.start(durable=False)
    except engines.NoPostgres as error:
        owner.kill()
        owner.wait()
        missing(str(error))
    engines.guard(server, owner.pid)

    owner.kill()
    owner.wait()

    _wait_until(lambda: not server.folder.exists())
    assert not _answers(server.url)


def _setting(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        return connection.execute(f"SHOW {name}").fetchone()[0]


def _answers(url: str) -> bool:
    try:
        return _setting(url, "fsync") != ""
    except psycopg.OperationalError:
        return False


def _wait_until(met, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_an_app_writes_beside_its_database_only(app, session, tmp_path):
    assert Path(app.instance_path) == tmp_path
    assert session.scalar(text("SELECT 1")) == 1
