"""R3: booking attempts over HTTP on hot slots. Full: 50,000 an engine, at two servers."""

import contextlib
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from bench.drills.ground import Ground, lay
from bench.drills.result import Result, sweep
from bench.drills.servers import Killable, body, free_port, serve, tokens, wait_until_served
from bench.server import serving
from booking import create_app
from booking.infra.db import db
from booking.reservations.models import Reservation
from tests import databases

FULL_ATTEMPTS = 50_000
FULL_SECONDS = 3_600
SERVERS = 2
CLIENTS = 8
UNITS = 2
# Hot slots: at any time every client goes for the same hour; then for the next one.
SLOTS_A_SECOND = 10
P99_MS = 500
BUSY = "503 busy"  # the one refusal of the server itself: try again
EXPLAINED = {"201", "409 conflict", BUSY}


@dataclass
class Tally:
    """What the clients were answered."""

    answers: Counter[str] = field(default_factory=Counter)
    booked: list[tuple[int, int]] = field(default_factory=list)  # (hour, reservation)
    waits: list[float] = field(default_factory=list)  # seconds
    lock: threading.Lock = field(default_factory=threading.Lock)


def run(settings: dict[str, Any], engine: str, seconds: float | None) -> Result:
    """Return what came of it: `seconds` long, or in full until 50,000 attempts."""
    result = Result("R3", engine)
    full = seconds is None
    ground = lay(settings, UNITS, CLIENTS)
    keys = tokens(settings, ground.bookers)
    each = FULL_ATTEMPTS // CLIENTS
    tally = Tally()
    with _served(settings, full=full) as ports:
        began = time.monotonic()
        until = began + (FULL_SECONDS if seconds is None else seconds)
        clients = [
            threading.Thread(
                target=client,
                args=(ground, keys[n], ports[n % len(ports)], each, (began, until), tally),
            )
            for n in range(CLIENTS)
        ]
        for one in clients:
            one.start()
        for one in clients:
            one.join()
        lasted = time.monotonic() - began
    p99 = judge(settings, tally, lasted, result)
    if full:
        result.require(p99 < P99_MS, f"p99 {p99:.0f} ms is not below {P99_MS}")
        made = len(tally.waits)
        result.require(made >= FULL_ATTEMPTS, f"only {made} attempts in {FULL_SECONDS} s")
    return result


@contextlib.contextmanager
def _served(settings: dict[str, Any], *, full: bool) -> Iterator[list[int]]:
    """Yield the ports of servers: as people start them, or forked, which takes milliseconds."""
    with contextlib.ExitStack() as stack:
        if full:
            yield [stack.enter_context(serving(settings)).port for _ in range(SERVERS)]
            return
        ports = [free_port() for _ in range(SERVERS)]
        for server in [Killable(serve, settings, port) for port in ports]:
            stack.callback(server.end)
        for port in ports:
            wait_until_served(port)
        yield ports


def client(
    ground: Ground, token: str, port: int, each: int, times: tuple[float, float], tally: Tally
) -> None:
    """Go for the hot hour again and again, on one line that stays open."""
    began, until = times
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for _ in range(each):
        started = time.monotonic()
        if started > until:
            break
        hour = int((started - began) * SLOTS_A_SECOND)
        try:
            line.request("POST", "/api/v1/reservations", body(ground, hour), sent)
            response = line.getresponse()
            status, answer = response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            line.close()
            status, answer = 0, {"code": type(error).__name__}
        with tally.lock:
            tally.waits.append(time.monotonic() - started)
            tally.answers[f"{status} {answer.get('code', '')}".strip()] += 1
            if status == 201:
                tally.booked.append((hour, answer["id"]))
    line.close()


def judge(settings: dict[str, Any], tally: Tally, lasted: float, result: Result) -> float:
    """Return the 99th percentile of waits in ms.

    What the clients were told is compared with what is in the database, which is swept.
    """
    app = create_app("testing", settings)
    with app.app_context():
        held = set(db.session.scalars(select(Reservation.id)))
    databases.close(app)
    made, waits = len(tally.waits), sorted(tally.waits)
    told = {reservation for _, reservation in tally.booked}
    winners = Counter(hour for hour, _ in tally.booked)
    p99 = waits[int(made * 0.99)] * 1000 if waits else 0
    result.figures = {
        "attempts": made, "per second": round(made / lasted), "booked": len(told),
        "busy": tally.answers[BUSY], "p99 ms": round(p99),
    }  # fmt: skip
    odd = {answer: n for answer, n in tally.answers.items() if answer not in EXPLAINED}
    result.require(told, "nothing was booked")
    result.require(tally.answers["409 conflict"], "nobody lost")
    result.require(not odd, f"unexplained answers: {odd}")
    result.require(told == held, f"{len(told ^ held)} reservations only told or only held")
    result.require(max(winners.values(), default=0) <= UNITS, "an hour has too many winners")
    sweep(settings, result)
    return p99
