"""The short form of each drill, DRILL_SECONDS long; `make drills` runs them in full."""

import os

import pytest

from bench.drills import r1_racing, r2_collisions, r5_kills, r9_retries

SECONDS = float(os.environ.get("DRILL_SECONDS", "8"))


@pytest.fixture
def settings_of(any_app):
    return {"DATABASE_URL": any_app.config["DATABASE_URL"]}


@pytest.mark.drill
@pytest.mark.parametrize(
    "drill",
    [
        pytest.param(r1_racing, id="R1"),
        pytest.param(r2_collisions, id="R2"),
        pytest.param(r5_kills, id="R5"),
        pytest.param(r9_retries, id="R9"),
    ],
)
def test_the_short_form_passes(drill, settings_of):
    engine = "sqlite" if settings_of["DATABASE_URL"].startswith("sqlite") else "postgresql"
    result = drill.run(settings_of, engine, SECONDS)
    print(result.line())  # noqa: T201 - shown when it fails
    assert result.problems == []
