"""Real processes to be killed: a web server and a relay of the outbox, started in milliseconds."""

import http.client
import json
import logging
import os
import signal
import socket
import time
from typing import Any

import waitress

from bench.drills.ground import Ground, slot
from bench.drills.ready import FORKED, ready_app
from booking.accounts.services.tokens import SCOPES, create_token
from booking.core.actor import Actor
from booking.infra import claims, clock
from booking.infra.db import db, write
from booking.reminders.jobs.deliver import deliver_due
from tests import databases

READY_SECONDS = 60
LEASE_SECONDS = 2  # a killed relay's claims wait this long in a drill
RELAY_PAUSE_SECONDS = 0.05
THREADS = 8


class Killable:
    """A process that can be killed at any moment and started again."""

    def __init__(self, target: Any, *arguments: Any) -> None:
        self._target, self._arguments = target, arguments
        self.kills = 0
        self._process = self._start()

    def _start(self) -> Any:
        process = FORKED.Process(target=self._target, args=self._arguments, daemon=True)
        process.start()
        return process

    def kill(self) -> None:
        """Kill it with SIGKILL and start it again."""
        if self._process.pid and self._process.is_alive():
            os.kill(self._process.pid, signal.SIGKILL)
            self.kills += 1
        self._process.join()
        self._process = self._start()

    def end(self) -> None:
        """Kill it for good."""
        if self._process.pid and self._process.is_alive():
            os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()


def serve(settings: dict[str, Any], port: int) -> None:
    """Serve pages and API until killed."""
    app = ready_app(settings)
    logging.getLogger("waitress").setLevel(logging.ERROR)  # queues are what drills make
    waitress.serve(app, host="127.0.0.1", port=port, threads=THREADS, ident=None)


def relay(settings: dict[str, Any]) -> None:
    """Deliver what is due until killed."""
    claims.LEASE_SECONDS = LEASE_SECONDS
    app = ready_app(settings)
    while True:
        with app.app_context():
            deliver_due()
        time.sleep(RELAY_PAUSE_SECONDS)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_until_served(port: int) -> None:
    """Return once the server answers. Raises TimeoutError."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if call(port, "GET", "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nothing answers on port {port}")


def tokens(settings: dict[str, Any], actors: tuple[Actor, ...]) -> list[str]:
    """Return an API token of each actor."""
    app = ready_app(settings)
    with app.app_context():
        now = clock.now()
        made = [
            write(lambda s, a=actor: create_token(s, None, a.user_id, SCOPES, now))  # type: ignore[misc]
            for actor in actors
        ]
        db.session.remove()
    databases.close(app)
    return made


def body(ground: Ground, hour: int, note: str = "") -> bytes:
    """Return the JSON of a reservation of any unit for that hour."""
    start, end = slot(hour)
    wanted = {
        "pool_id": ground.pool_id, "start": start.isoformat(), "end": end.isoformat(),
        "purpose": "research", "note": note,
    }  # fmt: skip
    return json.dumps(wanted).encode()


def headers(token: str, key: str) -> dict[str, str]:
    """Return the headers of a booking with an Idempotency-Key."""
    return {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }


def post(port: int, sent: bytes, with_headers: dict[str, str], *, cut: bool) -> tuple[int, Any]:
    """Return (status, answer) of a booking; raises OSError when the line breaks.

    `cut`: the request is sent and the line is broken before the answer is read.
    """
    return call(port, "POST", "/api/v1/reservations", sent, with_headers, cut=cut)


def call(
    port: int,
    method: str,
    path: str,
    sent: bytes = b"",
    with_headers: dict[str, str] | None = None,
    *,
    cut: bool = False,
) -> tuple[int, Any]:
    """Return (status, JSON answer) of a request on a line of its own; OSError when it breaks."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, sent, with_headers or {})
        if cut:
            raise ConnectionResetError("cut by the drill")
        with connection.getresponse() as response:
            return response.status, json.loads(response.read())
    except http.client.HTTPException as error:
        raise ConnectionResetError(str(error)) from error
    finally:
        connection.close()
