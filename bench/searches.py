"""Looking for free units: in a pool, a category, the whole park; and how that grows."""

from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlencode

from bench.bookings import in_service, tokens
from bench.clocks import Cost, cost
from bench.ground import WARM_UP, Ground
from bench.report import Figure
from bench.server import Client, serving
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db
from booking.reservations.queries.availability import free_units
from booking.reservations.queries.fleet import Among, free_for

POOL, CATEGORY, ALL = "free in a pool", "free in a category", "free of all"
BOOKING = "book in the service, CPU"


def in_process(ground: Ground) -> dict[str, Cost]:
    """Return what each search costs in the service, and a booking, at the present size."""
    found = {name: _search(ground, among) for name, among in _among(ground).items()}
    found["best fit in a pool"] = _best_fit(ground)
    found[BOOKING] = in_service(ground)
    return found


def measure(ground: Ground, before: dict[str, Cost]) -> Iterator[Figure]:
    """Yield the figures at the present size; `before` are the costs at the smaller one."""
    nothing = _nothing(ground)
    after = in_process(ground)
    for name, found in after.items():
        if name != BOOKING:
            yield Figure(f"{name}, CPU", found.cpu_ms, "ms", "SELECT 1", nothing.cpu_ms,
                         name if name != ALL else "")  # fmt: skip
    yield from _over_http(ground)
    few, many = ground.sizes.few, ground.sizes.many
    for name, found in after.items():
        yield Figure(f"{name}: growth {few:,} → {many:,}", found.cpu_ms / before[name].cpu_ms, "×",
                     target="growth")  # fmt: skip


def _among(ground: Ground) -> dict[str, Among]:
    return {
        POOL: Among(pool_id=ground.park.largest),
        CATEGORY: Among(category=ground.park.category),
        ALL: Among(),
    }


def _search(ground: Ground, among: Among) -> Cost:
    period, now = Period(*ground.park.ten_to_twelve()), clock.now()

    def search(_: int) -> None:
        free_for(db.session(), ground.park.ada, among, period, now)
        db.session.remove()

    return ground.time(search, ground.sizes.searches)


def _best_fit(ground: Ground) -> Cost:
    period = Period(*ground.park.ten_to_twelve())

    def search(_: int) -> None:
        free_units(db.session(), ground.park.largest, period)
        db.session.remove()

    return ground.time(search, ground.sizes.searches)


def _nothing(ground: Ground) -> Cost:
    def ask(_: int) -> None:
        db.session.connection().exec_driver_sql("SELECT 1").scalar_one()
        db.session.remove()

    return ground.time(ask, ground.sizes.bookings)


def _over_http(ground: Ground) -> Iterator[Figure]:
    start, end = ground.park.ten_to_twelve()
    times = {"start": start.isoformat(), "end": end.isoformat()}
    count = ground.sizes.searches
    [key] = tokens([ground.park.ada])
    with serving(ground.settings) as server, closing(Client(server.port, key)) as client:
        clocks = [server.cpu_seconds, ground.database]
        nothing = cost(lambda _: client.get("/healthz"), count, clocks)
        for name, among in _among(ground).items():
            given = {"pool": among.pool_id, "category": among.category}
            words = {key: value for key, value in given.items() if value is not None}
            path = f"/api/v1/availability?{urlencode(times | words)}"
            for _ in range(WARM_UP):
                client.get(path)
            found = cost(lambda _: client.get(path), count, clocks)  # noqa: B023 - called at once
            yield Figure(f"{name}, over HTTP, CPU", found.cpu_ms, "ms", "no-op request",
                         nothing.cpu_ms)  # fmt: skip
            yield Figure(f"{name}, over HTTP, wall", found.wall_ms, "ms", "no-op request",
                         nothing.wall_ms, f"{name}, over HTTP")  # fmt: skip
