"""The short form of each drill, DRILL_SECONDS long; `make drills` runs them in full."""

import os

import pytest

from bench.drills import (
    r1_racing,
    r2_collisions,
    r3_http,
    r4_paths,
    r5_kills,
    r9_retries,
    r10_dst,
    r11_api,
    r14_hostile,
    r15_budget,
)

SECONDS = float(os.environ.get("DRILL_SECONDS", "8"))
QUICK_SECONDS = min(SECONDS, 3)


@pytest.fixture
def settings_of(any_app):
    return {"DATABASE_URL": any_app.config["DATABASE_URL"]}


@pytest.mark.drill
@pytest.mark.parametrize(
    ("drill", "seconds"),
    [
        pytest.param(r1_racing, SECONDS, id="R1"),
        pytest.param(r2_collisions, SECONDS, id="R2"),
        pytest.param(r3_http, QUICK_SECONDS, id="R3"),
        pytest.param(r4_paths, SECONDS, id="R4"),
        pytest.param(r5_kills, SECONDS, id="R5"),
        pytest.param(r9_retries, SECONDS, id="R9"),
        pytest.param(r10_dst, QUICK_SECONDS, id="R10"),
        pytest.param(r11_api, QUICK_SECONDS, id="R11"),
        pytest.param(r14_hostile, QUICK_SECONDS, id="R14"),
        pytest.param(r15_budget, QUICK_SECONDS, id="R15"),
    ],
)
def test_the_short_form_passes(drill, seconds, settings_of):
    engine = "sqlite" if settings_of["DATABASE_URL"].startswith("sqlite") else "postgresql"
    result = drill.run(settings_of, engine, seconds)
    print(result.line())  # noqa: T201 - shown when it fails
    assert result.problems == []
