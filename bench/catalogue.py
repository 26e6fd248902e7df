"""The catalogue's first page on the server, beside a request that does nothing, in one run.

    python -m bench.catalogue [--units 12000] [--pools 1500] [--url postgresql://…]

Requests go through the whole application in this process, without a network.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import flask_migrate
from flask import Flask
from flask.testing import FlaskClient

from bench.synthetic import fill
from booking import create_app
from booking.accounts.models import User
from booking.accounts.services.sessions import start_session
from booking.infra import clock
from booking.infra.db import transaction
from booking.inventory.services.search import refresh_search
from booking.reservations.jobs import refresh_next_free

ROUNDS = 15
BASELINE = "/healthz"
PAGES = {
    "first page, everything": "/pools",
    "two characters": "/pools?q=离心",
    "pinyin": "/pools?q=lixinji",
    "initials": "/pools?q=lxj",
    "one letter wrong": "/pools?q=centrifgue",
    "nothing found": "/pools?q=zzzzzz",
    "eight words": "/pools?q=a e i o r s t n",
    "free 10-12": "/pools?free_from=2026-11-24T10:00&free_to=2026-11-24T12:00",
    "words, ticks and a time": "/pools?q=仪&site=1&state=in_service"
    "&free_from=2026-11-24T10:00&free_to=2026-11-24T12:00",
    "last page": "/pools?page=70",
    "one pool": "/pools/1",
    "one unit": "/units/1",
}


def main() -> None:
    """Fill a park, then print one line a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=12_000)
    parser.add_argument("--pools", type=int, default=1_500)
    parser.add_argument("--bookings", type=int, default=4, help="a unit, in the coming days")
    parser.add_argument("--url", help="an empty database instead of an SQLite file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = chosen.url or f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        app = create_app("testing", {"DATABASE_URL": url})
        with app.app_context():
            user_id = _park(chosen)
        client = _signed_in(app, user_id)
        _report(client)


def _park(chosen: argparse.Namespace) -> int:
    flask_migrate.upgrade()
    with transaction() as session:
        fill(session, chosen.units, chosen.pools, bookings_per_unit=chosen.bookings)
        person = User(email="bench@test.example", name="Bench", created_at=datetime.now(UTC))
        session.add(person)
        session.flush()
        user_id = person.id
    for label in ("search texts, all new", "search texts, unchanged"):
        print(f"{label:28s} {_milliseconds(_refresh):8.0f} ms")
    refresh_next_free()
    return user_id


def _refresh() -> None:
    with transaction() as session:
        refresh_search(session, None)


def _signed_in(app: Flask, user_id: int) -> FlaskClient:
    with app.app_context(), transaction() as session:
        token = start_session(session, user_id, "127.0.0.1", "bench", clock.now())
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["locale"] = "zh_Hans_CN"
    return client


def _report(client: FlaskClient) -> None:
    base = _measured(client, BASELINE)[0]
    print(f"{'median of ' + str(ROUNDS):28s} {'CPU ms':>8s} {'wall ms':>8s} {'worst':>8s}")
    print(f"{'a request that does nothing':28s} {base:8.2f}")
    for label, path in PAGES.items():
        cpu, wall, worst = _measured(client, path)
        print(f"{label:28s} {cpu:8.1f} {wall:8.1f} {worst:8.1f}  {cpu / base:6.0f} ×")


def _measured(client: FlaskClient, path: str) -> tuple[float, float, float]:
    """Return the medians of CPU and wall milliseconds, and the worst wall time."""

    def ask() -> None:
        answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}")

    ask()
    walls, cpus = [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        walls.append(_milliseconds(ask))
        cpus.append((time.process_time() - began) * 1000)
    return statistics.median(cpus), statistics.median(walls), max(walls)


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
