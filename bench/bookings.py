"""What one booking costs, in the service and over HTTP, and how many go in 16 at once."""

import json
import multiprocessing
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import make_url, update

from bench.clocks import Cost, cost
from bench.ground import WARM_UP, Ground
from bench.park import Park
from bench.report import Figure
from bench.server import Client, Server, serving
from booking import create_app
from booking.accounts.services.tokens import SCOPES, create_token
from booking.core.actor import Actor
from booking.infra import clock
from booking.infra.db import db, transaction, write
from booking.policies.models import QuotaRow
from booking.policies.services.settings import lock_edition, renew_edition
from booking.reservations.jobs import count_quotas
from booking.reservations.rules.proposal import BookingRequest
from booking.web.reserve import reserve

AT_ONCE = 16
PROCESSES = (1, 2, 4)  # the peers had two
PRAGMAS = ("journal_mode=wal", "synchronous=full", "busy_timeout=30000")
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["booking.app", "bench.bookings"])


def measure(ground: Ground) -> Iterator[Figure]:
    """Yield the figures of bookings; every one is approved, with audit, mail and reminders."""
    bare = bare_insert(ground)
    service = in_service(ground)
    yield Figure("book in the service, CPU", service.cpu_ms, "ms", "bare INSERT", bare.cpu_ms,
                 "create")  # fmt: skip
    yield Figure("book in the service, wall", service.wall_ms, "ms", "bare INSERT", bare.wall_ms)
    keys = tokens(ground.park.bookers[:AT_ONCE])
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(ground.settings))]
        yield from _over_http(ground, servers[0], keys[0], bare)
        rates = {}
        for count in PROCESSES:
            while len(servers) < count:
                servers.append(stack.enter_context(serving(ground.settings)))
            rates[count] = at_once_over_http(ground, servers, keys)
    yield from _at_once(ground, rates)
    yield from _with_quotas(ground, service)


def in_service(ground: Ground) -> Cost:
    """Return what one booking costs, looking first as every way in does."""
    people, wanted = ground.park.bookers, ground.take(ground.sizes.bookings + WARM_UP)

    def book(n: int) -> None:
        reserve(people[n % len(people)], ground.park.request(wanted[n]))
        db.session.remove()

    return ground.time(book, ground.sizes.bookings)


def _with_quotas(ground: Ground, without: Cost) -> Iterator[Figure]:
    """Yield what a booking costs where two quotas count; none is in the way."""
    common = {"scope_kind": "park", "measure": "minutes", "amount": 10**7, "set_at": clock.now()}
    quotas = [
        QuotaRow(subject="person", period="week", **common),
        QuotaRow(subject="company", period="month", **common),
    ]
    with transaction() as session:
        session.add_all(quotas)
        lock_edition(session)
        renew_edition(session)
    count_quotas()
    found = in_service(ground)
    with transaction() as session:
        session.execute(update(QuotaRow).values(retired_at=clock.now()))
        renew_edition(session)
    yield Figure("book with two quotas, CPU", found.cpu_ms, "ms", "without any", without.cpu_ms)
    yield Figure("book with two quotas, wall", found.wall_ms, "ms", "without any", without.wall_ms)


def bare_insert(ground: Ground) -> Cost:
    """Return what inserting and committing one row costs, by the driver alone."""
    sqlite = ground.engine == "sqlite"
    key = "INTEGER PRIMARY KEY" if sqlite else "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    with db.engine.begin() as connection:
        connection.exec_driver_sql(_BARE_TABLE.format(key=key))
    with _bare(ground.settings["DATABASE_URL"]) as insert:
        return ground.time(insert, ground.sizes.bookings)


def tokens(actors: Sequence[Actor]) -> list[str]:
    """Return an API token for each of the people."""
    now = clock.now()
    return [
        write(lambda s, a=actor: create_token(s, None, a.user_id, SCOPES, now))  # type: ignore[misc]
        for actor in actors
    ]


def body(request: BookingRequest) -> dict[str, Any]:
    """Return a request as the API reads it."""
    start, end = request.start.isoformat(), request.end.isoformat()
    return {"pool_id": request.pool_id, "start": start, "end": end, "purpose": "research"}


def _over_http(ground: Ground, server: Server, token: str, bare: Cost) -> Iterator[Figure]:
    count = ground.sizes.bookings
    wanted = ground.take(count + WARM_UP)
    clocks = [server.cpu_seconds, ground.database]
    with closing(Client(server.port, token)) as client:
        for n in range(WARM_UP):
            client.reserve(body(ground.park.request(wanted[count + n])))
            client.get("/healthz")
        found = cost(lambda n: client.reserve(body(ground.park.request(wanted[n]))), count, clocks)
        nothing = cost(lambda n: client.get("/healthz"), count, clocks)
    yield Figure("book over HTTP, CPU", found.cpu_ms, "ms", "bare INSERT", bare.cpu_ms, "create")
    yield Figure("book over HTTP, CPU", found.cpu_ms, "ms", "no-op request", nothing.cpu_ms)
    yield Figure("book over HTTP, wall", found.wall_ms, "ms", "bare INSERT", bare.wall_ms)


# --- sixteen at once ---------------------------------------------------------------------


def _at_once(ground: Ground, rates: dict[int, float]) -> Iterator[Figure]:
    bare = _rate(ground, _insert_many)
    service = _rate(ground, _book_many)
    name = f"{AT_ONCE} at once"
    base = (f"bare INSERT, {AT_ONCE} at once", bare)
    yield Figure(f"{name} in the service", service, "/s", *base, "per second")
    for count, rate in rates.items():
        processes = "process" if count == 1 else "processes"
        yield Figure(f"{name} over HTTP, {count} {processes}", rate, "/s", *base, "per second")


def at_once_over_http(ground: Ground, servers: Sequence[Server], keys: Sequence[str]) -> float:
    """Return reservations per second of 16 clients, each on its own connection."""
    each = ground.sizes.each
    bodies = [[body(ground.park.request(n)) for n in ground.take(each + 1)] for _ in range(AT_ONCE)]
    barrier = threading.Barrier(AT_ONCE + 1)
    failures: list[BaseException] = []

    def call(number: int, client: Client) -> None:
        client.reserve(bodies[number][each])
        barrier.wait()
        try:
            for wanted in bodies[number][:each]:
                client.reserve(wanted)
        except BaseException as error:  # noqa: BLE001 - raised below
            failures.append(error)
        barrier.wait()

    with ExitStack() as stack:
        threads = []
        for n in range(AT_ONCE):
            client = Client(servers[n % len(servers)].port, keys[n])
            stack.callback(client.close)
            threads.append(threading.Thread(target=call, args=(n, client), daemon=True))
            threads[-1].start()
        barrier.wait()
        started = time.perf_counter()
        barrier.wait()
        seconds = time.perf_counter() - started
    if failures:
        raise failures[0]
    return AT_ONCE * each / seconds


def _rate(ground: Ground, work: Callable[..., None]) -> float:
    """Return how many times a second 16 processes together do `work`."""
    each = ground.sizes.each
    start, over = _CONTEXT.Barrier(AT_ONCE + 1), _CONTEXT.Barrier(AT_ONCE + 1)
    processes = [
        _CONTEXT.Process(
            target=work, daemon=True,
            args=(ground.settings, ground.park, n, ground.take(each + 1), start, over),
        )
        for n in range(AT_ONCE)
    ]  # fmt: skip
    for process in processes:
        process.start()
    start.wait(120)
    started = time.perf_counter()
    over.wait(120)
    seconds = time.perf_counter() - started
    for process in processes:
        process.join()
    return AT_ONCE * each / seconds


def _book_many(
    settings: dict[str, Any], park: Park, number: int, wanted: range, start: Any, over: Any
) -> None:
    actor = park.bookers[number]
    with create_app("testing", settings).app_context():
        for n in wanted:
            if n == wanted[1]:
                start.wait(120)
            reserve(actor, park.request(n))
            db.session.remove()
        over.wait(120)


def _insert_many(
    settings: dict[str, Any], park: Park, number: int, wanted: range, start: Any, over: Any
) -> None:
    with _bare(settings["DATABASE_URL"]) as insert:
        for n in wanted:
            if n == wanted[1]:
                start.wait(120)
            insert(n)
        over.wait(120)


@contextmanager
def _bare(address: str) -> Iterator[Callable[[int], None]]:
    """Yield a function that inserts one row and commits it, as durably as the application."""
    url = make_url(address)
    at = int(datetime.now().astimezone().timestamp())
    row = (1, at, at + 3600, json.dumps({"purpose": "research"}))
    if url.get_backend_name() == "sqlite":
        connection: Any = sqlite3.connect(str(url.database), isolation_level=None)
        for pragma in PRAGMAS:
            connection.execute(f"pragma {pragma}")
        marks = "?, ?, ?, ?"
    else:
        connection = psycopg.connect(address.replace("+psycopg", ""), autocommit=True)
        marks = "%s, %s, %s, %s"
    with closing(connection):
        insert = f"INSERT INTO bench_bare (user_id, start_at, end_at, note) VALUES ({marks})"  # noqa: S608
        yield lambda n: connection.execute(insert, row)


_BARE_TABLE = """
CREATE TABLE IF NOT EXISTS bench_bare (
  id {key}, user_id BIGINT, start_at BIGINT, end_at BIGINT, note TEXT)
"""
