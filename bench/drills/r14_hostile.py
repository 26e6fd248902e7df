"""R14: all that takes text × 100 hostile strings, every upload × every hostile file.

Forms, what only scripts send, pages' addresses and calls of the API. Full: all of them, once each;
in short as many as there is time for, in an order shuffled alike each time. 0 server errors,
nothing reflected as markup, each request under 2 s of CPU and 100 MB.
"""

import contextlib
import io
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import time_machine
from sqlalchemy import make_url

from bench.drills.result import Result, battlefield
from booking import create_app
from booking.infra.db import db
from tests.conftest import NOW, Client
from tests.hostile import forms, strings
from tests.hostile.calls import calls
from tests.hostile.files import FILES
from tests.hostile.test_uploads import UPLOADS, ask_for_a_file, forget_rates
from tests.matrix.world import World, sessions, settle

SEED = 20261123
MOST_MB = 100  # that a request may take, above what the process had


class Lasting(World):
    """A world that keeps what was done to it: PostgreSQL has no file to bring back."""

    def restore(self, *, seen: bool = False) -> None:
        """Leave all as it is."""

    def come_back_here(self) -> None:
        """Leave all as it is."""


def run(settings: dict[str, Any], engine: str, seconds: float | None) -> Result:
    """Fill in every form as who finds it; count what was tried."""
    result = Result("R14", engine)
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(NOW, tick=False):
        world = _world(settings, engine, Path(folder))
        targets = [*calls(world), *_forms(world, short=seconds is not None)]
        ends = None if seconds is None else time.perf_counter() + seconds
        # First: where nothing is brought back, what takes files may be gone after the rest.
        uploads = _upload(world, ends, result)
        tried = _fill(world, targets, ends, result)
        world.close()
    result.require(len(targets) > 30, f"only {len(targets)} forms")
    result.figures |= {
        "forms": len(targets), "fields": sum(len(t.names) for t in targets), "sent": tried,
        "uploads": uploads,
    }  # fmt: skip
    return result


def _world(settings: dict[str, Any], engine: str, folder: Path) -> World:
    if engine == "sqlite":
        return World.build(Path(make_url(settings["DATABASE_URL"]).database or ""), folder)
    app = create_app("testing", {**settings, "WTF_CSRF_ENABLED": False})
    app.instance_path = str(folder)
    app.test_client_class = Client
    with app.app_context():
        ids, people, canaries = settle(db.session())
        made = Lasting(app, folder / "none", ids, sessions(people), people, canaries)
        db.session.remove()
    return made


def _forms(world: World, *, short: bool) -> list[forms.Target]:
    """Return the forms; those that are learned by sending them from a world that comes back."""
    if short or not isinstance(world, Lasting):
        return forms.targets(world, unseen=not isinstance(world, Lasting))
    with battlefield("sqlite") as settings, tempfile.TemporaryDirectory() as folder:
        twin = _world(settings, "sqlite", Path(folder))
        found = forms.targets(twin)
        twin.close()
    return found


def _cases(targets: list[forms.Target]) -> Iterator[tuple[forms.Target, str, Any]]:
    """Yield every field with every string, shuffled so that little time meets some of all."""
    cases = [(t, name, value) for t in targets for name in t.names for value in strings.ALL]
    random.Random(SEED).shuffle(cases)  # noqa: S311 - the same order each time
    yield from cases


def _fill(world: World, targets: list[forms.Target], ends: float | None, result: Result) -> int:
    clients = {role: world.client(role) for role in world.tokens}
    clients["anonymous"] = world.client("anonymous")
    sent = 0
    for target, name, value in _cases(targets):
        if ends is not None and time.perf_counter() > ends:
            break
        fields = {**target.fields, name: value}
        taken = Memory()
        fault = forms.tried(clients[target.role], target, fields)
        result.require(fault is None, f"{target.address} {name}={value[:30]!r}: {fault}")
        taken.require(result, f"{target.address} {name}={value[:30]!r}")
        sent += 1
        if sent % 50 == 0:
            world.restore()
    return sent


class Memory:
    """What this process takes from now on: the most of it, above what it has now."""

    def __init__(self) -> None:
        self._has = _status("VmRSS")
        with contextlib.suppress(OSError):  # where it may not be set back, it is the most ever
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")

    def require(self, result: Result, what: str) -> None:
        """Note a problem when it was too much; the most of all is a figure."""
        took = _status("VmHWM") - self._has
        result.require(took < MOST_MB, f"{what}: {took:.0f} MB")
        result.figures["most MB"] = max(result.figures.get("most MB", 0), round(took))


def _status(name: str) -> float:
    """Return a size of this process in MB."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(text.partition(f"{name}:")[2].split()[0]) / 1024


def _upload(world: World, ends: float | None, result: Result) -> int:
    sent = 0
    for upload, (role, endpoint, ids, field, more) in UPLOADS.items():
        client, address = world.client(role), world.url(endpoint, ids)
        filled = {**more, **(ask_for_a_file(world) if upload == "answer" else {})}
        for name, content in FILES if ends is None else FILES[::9]:
            forget_rates(world)
            form = {**filled, field: (io.BytesIO(content), name)}
            taken, began = Memory(), time.process_time()
            answer = client.post(address, data=form, content_type="multipart/form-data")
            taken.require(result, f"{upload} {name[:30]!r}")
            took = time.process_time() - began
            well = answer.status_code < 500 and took < forms.SECONDS
            result.require(well, f"{upload} {name[:30]!r}: {answer.status_code}, {took:.1f} s")
            sent += 1
        world.restore()
    return sent
