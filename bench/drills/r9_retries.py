"""R9: retry safety. Full: 20,000 requests an engine, 30 % of replies cut, the same key again."""

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from bench.drills.ground import Ground, lay
from bench.drills.ready import ready_app
from bench.drills.result import Result, sweep
from bench.drills.servers import (
    Killable,
    body,
    free_port,
    headers,
    post,
    serve,
    tokens,
    wait_until_served,
)
from booking.infra.db import db
from booking.reservations.models import Reservation
from tests import databases

FULL_REQUESTS = 20_000
CLIENTS = 8
CUT = 0.3
LEAST_CUT = 0.2  # share of requests that must have been repeated
OTHER_BODY_EVERY = 10


@dataclass
class Tally:
    """What the clients saw: key → reservation, and what should not have been."""

    made: dict[str, int] = field(default_factory=dict)
    cuts: int = 0
    odd: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def run(settings: dict[str, Any], engine: str, seconds: float | None) -> Result:
    """Return what came of it, through a real server over HTTP."""
    result = Result("R9", engine)
    ground = lay(settings, CLIENTS, CLIENTS)
    keys = tokens(settings, ground.bookers)
    port = free_port()
    server = Killable(serve, settings, port)
    tally = Tally()
    try:
        wait_until_served(port)
        until = time.monotonic() + (3_600 if seconds is None else seconds)
        threads = [
            threading.Thread(target=client, args=(ground, n, keys[n], port, until, tally))
            for n in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        server.end()
    judge(settings, tally, result)
    return result


def client(ground: Ground, number: int, token: str, port: int, until: float, tally: Tally) -> None:
    """Book hour after hour until time or the full number is up; repeat what was cut."""
    chance = random.Random(number)  # noqa: S311 - where lines are cut, not a secret
    for hour in range(FULL_REQUESTS // CLIENTS):
        if time.monotonic() > until:
            return
        key = f"{number}-{hour}"
        cut = chance.random() < CUT
        status, answer = _until_answered(ground, hour, key, token, port, tally, cut=cut)
        with tally.lock:
            tally.made[key] = answer.get("id", 0)
            if status not in (200, 201):
                tally.odd.append(f"{status} {answer.get('code')}")
        if hour % OTHER_BODY_EVERY == 0:
            _other_body(ground, hour, key, token, port, tally)


def _until_answered(
    ground: Ground, hour: int, key: str, token: str, port: int, tally: Tally, *, cut: bool
) -> tuple[int, Any]:
    for _ in range(20):
        try:
            return post(port, body(ground, hour), headers(token, key), cut=cut)
        except OSError:
            with tally.lock:
                tally.cuts += 1
            cut = False
    return 0, {"code": "no answer after 20 tries"}


def _other_body(ground: Ground, hour: int, key: str, token: str, port: int, tally: Tally) -> None:
    status, answer = post(port, body(ground, hour, "other"), headers(token, key), cut=False)
    if (status, answer.get("code")) != (409, "idempotency_mismatch"):
        with tally.lock:
            tally.odd.append(f"another body: {status} {answer.get('code')}")


def judge(settings: dict[str, Any], tally: Tally, result: Result) -> None:
    """Compare what the clients were told with what is in the database."""
    app = ready_app(settings)
    with app.app_context():
        rows = db.session.execute(select(func.count()).select_from(Reservation)).scalar_one()
    databases.close(app)
    made = len(tally.made)
    result.figures = {"requests": made, "cut and repeated": tally.cuts, "reservations": rows}
    result.require(made > 0, "nothing was asked")
    result.require(rows == made, f"{rows} reservations for {made} keys")
    result.require(len(set(tally.made.values())) == made, "two keys share a reservation")
    result.require(not tally.odd, f"unexplained answers: {sorted(set(tally.odd))[:5]}")
    result.require(tally.cuts >= LEAST_CUT * made, f"only {tally.cuts} replies were cut")
    sweep(settings, result)
