"""R15: no request takes 2 s of CPU or 200 MB. Full: 12,000 units, 1,000,000 reservations."""

import contextvars
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from bench import park
from bench.clocks import Clock, database_clock
from bench.drills.r15_requests import Request, requests
from bench.drills.result import Result
from booking import create_app
from booking.accounts.services.sessions import start_session
from booking.accounts.services.tokens import SCOPES, create_token
from booking.infra import clock
from booking.infra.db import db, write
from booking.web.api.blueprint import PREFIX as API
from tests import databases

SIZES = {True: (60, 500), False: (12_000, 1_000_000)}  # short, full: units, reservations
EVERY = {True: 6, False: 1}  # of the requests
MOST_SECONDS, MOST_MB = 2.0, 200.0
SLOWEST = 10
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Taken:
    """What a request took: CPU of the application and the database, memory of the application."""

    request: Request
    status: int
    seconds: float
    megabytes: float

    def words(self) -> str:
        """Return one line about it."""
        path = self.request.path[:150]
        return f"{self.seconds:.3f} s {self.megabytes:.0f} MB {self.status} {path}"


def run(settings: dict[str, Any], engine: str, seconds: float | None) -> Result:
    """Ask a full park for everything, once each, as an operator who may see all of it."""
    result = Result("R15", engine)
    units, reservations = SIZES[seconds is not None]
    app = create_app("testing", settings)
    with app.app_context():
        made = park.build(units, clock.now())
        park.fill(0, reservations, made.now)
        every = EVERY[seconds is not None]
        taken = _ask_all(app, made, database_clock(db.engine), every)
        db.session.remove()
    databases.close(app)
    taken.sort(key=lambda one: -one.seconds)
    result.figures = {
        "requests": len(taken),
        "slowest s": round(taken[0].seconds, 3),
        "most MB": round(max(one.megabytes for one in taken)),
    }
    for one in taken[:SLOWEST] if seconds is None else ():
        print(f"     {one.words()}", flush=True)
    for one in taken:
        result.require(one.seconds < MOST_SECONDS and one.megabytes < MOST_MB, one.words())
        # No scheduler runs here, which /readyz is right to say.
        result.require(one.status < 500 or one.request.path == "/readyz", one.words())
    return result


def _ask_all(app: Flask, made: park.Park, database: Clock, every: int = 1) -> list[Taken]:
    ops, now = made.people["ops"], clock.now()
    key = write(lambda s: create_token(s, None, ops, SCOPES, now))
    session = write(lambda s: start_session(s, ops, "127.0.0.1", "drill", now))
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie["_user_id"], cookie["locale"] = session, "en"

    def ask(request: Request) -> Taken:
        headers = {"Authorization": f"Bearer {key}"} if request.path.startswith(API) else {}
        method = "GET" if request.body is None else "POST"
        more = {} if request.body is None else {"json": request.body}
        CLEAR.write_text("5")  # the high-water mark starts from here
        before, started = _megabytes("VmRSS"), time.process_time() + database()
        answer = contextvars.Context().run(
            browser.open, request.path, method=method, headers=headers, **more
        )
        spent = time.process_time() + database() - started
        return Taken(request, answer.status_code, spent, max(0.0, _megabytes("VmHWM") - before))

    ask(Request("/healthz"))
    return [ask(request) for request in list(requests(app, made))[::every]]


def _megabytes(name: str) -> float:
    [line] = [line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1]) / 1024
