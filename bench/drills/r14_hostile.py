"""R14: every field of every form × 100 hostile strings, every upload × every hostile file.

Full: all of them, once each; in short as many as there is time for, in an order shuffled alike each
time. 0 server errors, nothing reflected as markup, each request under 2 s of CPU.
"""

import io
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import time_machine
from sqlalchemy import make_url

from bench.drills.result import Result
from booking import create_app
from booking.infra.db import db
from tests.conftest import NOW, Client
from tests.hostile import forms, strings
from tests.hostile.files import FILES
from tests.hostile.test_uploads import UPLOADS, ask_for_a_file, forget_rates
from tests.matrix.world import World, sessions, settle

SEED = 20261123
MOST_MB = 300  # more than before, for all of it together


class Lasting(World):
    """A world that keeps what was done to it: PostgreSQL has no file to bring back."""

    def restore(self, *, seen: bool = False) -> None:
        """Leave all as it is."""


def run(settings: dict[str, Any], engine: str, seconds: float | None) -> Result:
    """Fill in every form as who finds it; count what was tried."""
    result = Result("R14", engine)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(NOW, tick=False):
        world = _world(settings, engine, Path(folder))
        ends = None if seconds is None else time.perf_counter() + seconds
        targets = forms.targets(world)
        tried = _fill(world, targets, ends, result)
        uploads = _upload(world, ends, result)
        world.close()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    result.require(grown < MOST_MB, f"{grown:.0f} MB more than before")
    result.require(len(targets) > 30, f"only {len(targets)} forms")
    result.figures = {
        "forms": len(targets), "fields": sum(len(t.fields) for t in targets), "sent": tried,
        "uploads": uploads, "more MB": round(grown),
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


def _cases(targets: list[forms.Target]) -> Iterator[tuple[forms.Target, str, Any]]:
    """Yield every field with every string, shuffled so that little time meets some of all."""
    cases = [(t, name, value) for t in targets for name in t.fields for value in strings.ALL]
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
        fault = forms.tried(clients[target.role], target.address, fields)
        result.require(fault is None, f"{target.address} {name}={value[:30]!r}: {fault}")
        sent += 1
        if sent % 50 == 0:
            world.restore()
    return sent


def _upload(world: World, ends: float | None, result: Result) -> int:
    sent = 0
    for upload, (role, endpoint, ids, field, more) in UPLOADS.items():
        client, address = world.client(role), world.url(endpoint, ids)
        filled = {**more, **(ask_for_a_file(world) if upload == "answer" else {})}
        for name, content in FILES if ends is None else FILES[::9]:
            forget_rates(world)
            form = {**filled, field: (io.BytesIO(content), name)}
            began = time.process_time()
            answer = client.post(address, data=form, content_type="multipart/form-data")
            took = time.process_time() - began
            well = answer.status_code < 500 and took < forms.SECONDS
            result.require(well, f"{upload} {name[:30]!r}: {answer.status_code}, {took:.1f} s")
            sent += 1
        world.restore()
    return sent
