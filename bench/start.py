"""Cold start and memory of `flask --app booking serve`."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

from bench.bookings import body, tokens
from bench.ground import Ground
from bench.report import Figure
from bench.server import ROOT, Client, serving

REQUESTS = 50


def measure(ground: Ground) -> Iterator[Figure]:
    """Yield seconds to the first answer, and memory before and after some work."""
    starts = []
    for _ in range(ground.sizes.starts):
        with serving(ground.settings, scheduler="on") as server:
            starts.append(server.started_seconds)
            idle = server.resident_mb()
    yield Figure("cold start to the first answer", statistics.median(starts), "s",
                 "python -c 'import flask, sqlalchemy.orm'", _import_seconds(ground.sizes.starts),
                 "cold start")  # fmt: skip
    yield Figure("memory when started", idle, "MB", target="memory")
    yield Figure(f"memory after {REQUESTS} bookings and searches", _worked(ground), "MB",
                 target="memory")  # fmt: skip


def _worked(ground: Ground) -> float:
    [key] = tokens(ground.park.bookers[:1])
    start, end = (moment.isoformat() for moment in ground.park.ten_to_twelve())
    path = f"/api/v1/availability?start={start}&end={end}".replace("+", "%2B")
    with serving(ground.settings, scheduler="on") as server:
        with closing(Client(server.port, key)) as client:
            for number in ground.take(REQUESTS):
                client.reserve(body(ground.park.request(number)))
                client.get(path)
        return server.resident_mb()


def _import_seconds(times: int) -> float:
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import flask, sqlalchemy.orm"], check=True, cwd=ROOT)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)
