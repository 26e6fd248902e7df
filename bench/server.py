"""The application as people run it: `flask --app booking serve` in a process of its own."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.clocks import process_seconds

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 60
POLL_SECONDS = 0.005
STOP_SECONDS = 15
EXPECTED = "Task queue depth"  # sixteen at once are as many as there are threads


@dataclass
class Server:
    """A running server and how long it took to answer for the first time."""

    port: int
    pid: int
    started_seconds: float

    def cpu_seconds(self) -> float:
        """Return its CPU time so far."""
        return process_seconds(self.pid)

    def resident_mb(self) -> float:
        """Return the memory it holds."""
        lines = (Path("/proc") / str(self.pid) / "status").read_text().splitlines()
        [kilobytes] = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
        return int(kilobytes) / 1024


@contextlib.contextmanager
def serving(settings: Mapping[str, Any], scheduler: str = "off") -> Iterator[Server]:
    """Yield a server on the database of `settings`, ended afterwards."""
    port = free_port()
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "booking", "serve", "--port", str(port)],
            cwd=ROOT, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, stderr=said,
            env=environment(settings, scheduler),
        )  # fmt: skip
        try:
            _wait(process, port)
            yield Server(port, process.pid, time.monotonic() - started)
        finally:
            _end(process)
            said.seek(0)
            sys.stderr.writelines(line for line in said if EXPECTED not in line)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Client:
    """One caller with a token, on one connection that stays open."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def get(self, path: str) -> Any:
        """Return the answer's JSON; raises AssertionError unless it is 200."""
        return self._ask("GET", path, None, 200)

    def reserve(self, body: Mapping[str, Any]) -> Any:
        """Return the reservation made; raises AssertionError unless it is 201."""
        return self._ask("POST", "/api/v1/reservations", json.dumps(body).encode(), 201)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None, status: int) -> Any:
        self._connection.request(method, path, body, self._headers)
        response = self._connection.getresponse()
        text = response.read()
        assert response.status == status, f"{method} {path}: {response.status} {text[:500]!r}"
        return json.loads(text)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


# What is measured is the work, not the patience: one caller asks for a whole park's people.
UNLIMITED = {"SEARCHES_PER_MINUTE": 0, "API_CALLS_PER_TOKEN": 0, "API_CALLS_PER_ADDRESS": 0}


def environment(settings: Mapping[str, Any], scheduler: str = "off") -> dict[str, str]:
    """Return the environment of a process of the application with these settings."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("BOOKING_")}
    ours = {f"BOOKING_{name}": str(value) for name, value in {**UNLIMITED, **settings}.items()}
    return {**inherited, **ours, "BOOKING_SCHEDULER": scheduler}


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at once with {process.returncode}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.suppress(OSError), contextlib.closing(connection):
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"nothing answers on port {port}")
