"""Fixtures every test uses: apps on both engines, sessions, the frozen clock, what is forbidden."""

import contextvars
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from booking.infra.db import db
from tests import apps, databases, engines
from tests.required import missing

pytest_plugins = ("tests.browser",)

# Monday 09:00 in Asia/Shanghai.
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SHARED = pytest.StashKey[Path]()
OWNER = pytest.StashKey[int]()
# Files that take longest, longest first: no worker is to be left with one of them at the end.
LONGEST = (
    "drills/", "hostile/", "test_route_matrix.py", "bench/", "park/test_look.py", "races/", "e2e/",
    "api/test_matrix_api.py", "reservations/test_model.py", "design/test_look.py",
    "policies/test_look.py", "api/test_hostile_api.py", "reminders/test_processes.py",
)  # fmt: skip
KEPT_VARIABLES = ("BOOKING_TEST_", "BOOKING_SAMPLE_")
LOOPBACK = ("127.", "::1", "localhost")


# --- one folder and one PostgreSQL for all workers --------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Give the run a folder all its workers share; the workers learn it from the main process."""
    given = getattr(config, "workerinput", None)
    if given:
        config.stash[SHARED], config.stash[OWNER] = Path(given["shared"]), given["owner"]
        return
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # xdist would put files of few tests last
    config.stash[SHARED] = Path(tempfile.mkdtemp(prefix="booking-tests-"))
    config.stash[OWNER] = os.getpid()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first."""

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(Path(__file__).parent).as_posix()
        return next((n for n, start in enumerate(LONGEST) if path.startswith(start)), len(LONGEST))

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker the shared folder, and whose end ends the server."""
    node.workerinput["shared"] = str(node.config.stash[SHARED])
    node.workerinput["owner"] = node.config.stash[OWNER]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the shared folder; the server's guardian sees the main process end by itself."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(config.stash[SHARED], ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> str:
    """Return a superuser's URL of the running server, to make databases on."""
    config = request.config
    try:
        return engines.shared_url(config.stash[SHARED], config.stash[OWNER])
    except engines.NoPostgres as error:
        missing(str(error))


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> Iterator[str]:
    """Return the URL of this worker's migrated database."""
    name = f"booking_{os.getpid()}"
    url = engines.create_database(postgres_server, name)
    databases.prepare_postgresql(url)
    yield url
    apps.close()
    engines.drop_database(postgres_server, name)


@pytest.fixture(scope="module")
def empty_postgresql(postgres_server: str) -> Iterator[str]:
    """Return the URL of a database without any table, for a module of tests of migrations."""
    name = f"booking_empty_{os.getpid()}"
    yield engines.create_database(postgres_server, name)
    engines.drop_database(postgres_server, name)


@pytest.fixture(scope="session")
def sqlite_template(request: pytest.FixtureRequest) -> Path:
    """Return a migrated SQLite file; copy it, do not open it."""
    return databases.sqlite_template(request.config.stash[SHARED])


# --- apps and sessions ------------------------------------------------------------------


class Client(FlaskClient):
    """Requests get contexts of their own, as in a server, even while a test holds a session.

    Otherwise Flask would lend them the test's context, and with it the person signed in before.
    Afterwards the test's session forgets what it read, so it sees what the request wrote.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Return the response of one request."""
        response = contextvars.Context().run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.rollback()
        return response


@pytest.fixture
def settings() -> dict[str, Any]:
    """Return settings for the apps of a module or class, which overrides this fixture."""
    return {}


def _app(url: str, settings: dict[str, Any], folder: Path) -> Flask:
    app = apps.lend(url, settings, folder)
    app.test_client_class = Client
    return app


@pytest.fixture
def app(sqlite_template: Path, tmp_path: Path, settings: dict[str, Any]) -> Iterator[Flask]:
    """Return an app on an empty SQLite file; its instance folder is the test's own."""
    app = _app(databases.sqlite_copy(sqlite_template, tmp_path), settings, tmp_path)
    yield app
    apps.give_back(app)


@pytest.fixture
def pg_app(postgres_database: str, tmp_path: Path, settings: dict[str, Any]) -> Iterator[Flask]:
    """Return an app on this worker's PostgreSQL database, emptied afterwards."""
    app = _app(postgres_database, settings, tmp_path)
    yield app
    try:
        with app.app_context():
            db.session.remove()
            databases.clean_postgresql(db.engine)
    finally:
        apps.give_back(app)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_app(request: pytest.FixtureRequest) -> Flask:
    """Return the app, once on each engine."""
    return request.getfixturevalue("app" if request.param == "sqlite" else "pg_app")


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """Return a session on SQLite, with the app's context pushed."""
    yield from _session(app)


@pytest.fixture
def any_session(any_app: Flask) -> Iterator[Session]:
    """Return a session, once on each engine, with the app's context pushed."""
    yield from _session(any_app)


def _session(app: Flask) -> Iterator[Session]:
    with app.app_context():
        yield db.session()
        db.session.remove()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser without cookies on the SQLite app."""
    return app.test_client()


@pytest.fixture
def any_client(any_app: Flask) -> FlaskClient:
    """Return a browser without cookies, once on each engine."""
    return any_app.test_client()


# --- time -------------------------------------------------------------------------------


class Clock:
    """The stopped clock of a test: of this machine, and of PostgreSQL where it is in use."""

    def __init__(self, traveller: Any, postgresql: Flask | None) -> None:
        self._traveller = traveller
        self._postgresql = postgresql
        self.move_to(NOW)

    @property
    def now(self) -> datetime:
        """Return the instant the clock stands at."""
        return datetime.now(UTC)

    def move_to(self, instant: datetime) -> None:
        """Set the clock."""
        self._traveller.move_to(instant)
        if self._postgresql is not None:
            with self._postgresql.app_context():
                databases.freeze_postgresql(db.engine, instant)

    def shift(self, **by: float) -> None:
        """Move the clock on, e.g. `shift(hours=2)`."""
        self.move_to(self.now + timedelta(**by))


@pytest.fixture
def now() -> datetime:
    """Return the instant tests happen at: Monday 2026-11-23 09:00 in Asia/Shanghai."""
    return NOW


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> Iterator[Clock]:
    """Stop the clocks at `now`; move them with `clock.move_to` and `clock.shift`."""
    chosen = getattr(request.node, "callspec", None)
    on_postgresql = "pg_app" in request.fixturenames or (
        chosen is not None and chosen.params.get("any_app") == "postgresql"
    )
    postgresql = request.getfixturevalue("pg_app") if on_postgresql else None
    with time_machine.travel(NOW, tick=False) as traveller:
        yield Clock(traveller, postgresql)


# --- what is forbidden ------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to other machines: no mail, no web service, no surprise."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def check(address: Any) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test may not connect to {address[0]}:{address[1]}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(address)
        return connect_ex(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide BOOKING_* variables of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith("BOOKING_") and not name.startswith(KEPT_VARIABLES):
            monkeypatch.delenv(name)
