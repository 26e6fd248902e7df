"""R12: random stories against a model that knows who holds what. Full: 50,000 steps an engine."""

import tempfile
import time
from pathlib import Path
from typing import Any

import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from bench.drills.result import Result
from booking import create_app
from booking.infra.db import db
from tests import databases
from tests.conftest import NOW
from tests.reservations.model_more import WholeTruth

FULL_STEPS = 50_000
STEPS_A_STORY = 50
STORIES_AT_ONCE = 50


def run(settings: dict[str, Any], engine: str, seconds: float | None) -> Result:
    """Return what came of it: `seconds` long, or in full until 50,000 steps."""
    result = Result("R12", engine)
    began = time.perf_counter()
    stories = 0
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(NOW, tick=False):
        machine = _machine(settings["DATABASE_URL"], engine, Path(folder))
        while not _is_over(machine.steps, time.perf_counter() - began, seconds):
            try:
                _tell(machine)
            except AssertionError as error:
                result.problems.append(f"the model disagrees: {error}")
                break
            stories += STORIES_AT_ONCE
    result.figures = {"stories": stories, "steps": machine.steps}
    return result


def _is_over(steps: int, lasted: float, seconds: float | None) -> bool:
    return steps >= FULL_STEPS if seconds is None else lasted >= seconds


def _tell(machine: type[WholeTruth]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=STORIES_AT_ONCE,
            stateful_step_count=STEPS_A_STORY,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def _machine(url: str, engine: str, folder: Path) -> type[WholeTruth]:
    """Return the machine on this engine: a file of its own, or one database emptied, a story."""
    if engine == "sqlite":
        return type("Machine", (WholeTruth,), {"template": databases.sqlite_template(folder)})
    databases.prepare_postgresql(url)

    def empty(_self: WholeTruth) -> str:
        app = create_app("testing", {"DATABASE_URL": url})
        with app.app_context():
            databases.clean_postgresql(db.engine)
            databases.freeze_postgresql(db.engine, NOW)
        databases.close(app)
        return url

    return type("Machine", (WholeTruth,), {"url": empty})
