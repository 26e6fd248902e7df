"""R13, timings of sign-in: how long a refusal takes tells nobody whether there is an account.

Of each kind of account one after the other is tried, in random order, with a wrong password over
HTTP; a rank test (Mann-Whitney) says whether their times differ from those of people who can sign
in. The answers must be the same but for the address that was typed.
"""

import math
import random
import re
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Flask

import config
from bench.drills.result import Result
from booking import create_app
from booking.accounts.models import User
from booking.infra.db import transaction
from booking.infra.passwords import hash_password
from tests import databases

FULL, SHORT = 200, 40
# RELIABILITY V6.3.8. Of eight comparisons one in twelve runs would fall below it by chance, so what
# does is measured once more.
BAR = 0.01
# What a park in production takes.
COSTLY = {
    name: getattr(config.Default, name)
    for name in ("ARGON2_MEMORY_KIB", "ARGON2_PASSES", "ARGON2_LANES")
}
OPEN = {"WTF_CSRF_ENABLED": False, "SIGN_IN_TRIES_PER_ADDRESS": 0, "SIGN_IN_TRIES_PER_ACCOUNT": 0}
KNOWN = "known"
KINDS = (KNOWN, "unknown", "retired", "invited", "factor")
# What was typed, and the form's token.
_VALUE = re.compile(r'value="[^"]*"')
Times = dict[str, list[float]]


def run(settings: dict[str, Any], engine: str, seconds: float | None) -> Result:
    """Return what came of it: 200 tries of each kind, 40 in the short form."""
    result = Result("R13", engine)
    each = FULL if seconds is None else SHORT
    app = create_app("testing", {**settings, **COSTLY, **OPEN})
    with app.app_context():
        _people(each)
    bodies: set[str] = set()
    measured(app, 1, bodies)  # what the first request of a process does once
    times = measured(app, each, bodies)
    again = suspects(times)
    if again:
        result.figures["measured again"] = "/".join(again)
        times = measured(app, each, bodies)
    databases.close(app)
    for kind in KINDS:
        middle = statistics.median(times[kind]) * 1000
        result.figures[f"{kind} ms"] = (
            f"{middle:.1f} (p {mann_whitney(times[kind], times[KNOWN]):.3f})"
        )
    told = [kind for kind in again if kind in suspects(times)]
    result.require(not told, f"time tells apart: {', '.join(told)}")
    result.require(len(bodies) == 1, f"{len(bodies)} different answers")
    return result


def measured(app: Flask, each: int, bodies: set[str]) -> Times:
    """Return the seconds that each try took, by kind; answers go into `bodies`."""
    client, times = app.test_client(), {kind: list[float]() for kind in KINDS}
    for n in range(each):
        for kind in random.sample(KINDS, len(KINDS)):
            email = f"{kind}{n}@drill.example"
            began = time.perf_counter()
            answer = client.post("/account/sign-in", data={"email": email, "password": "wrong"})
            times[kind].append(time.perf_counter() - began)
            bodies.add(f"{answer.status_code} {_VALUE.sub('', answer.text)}")
    return times


def suspects(times: Times) -> list[str]:
    """Return the kinds whose times differ from those of people who can sign in."""
    return [kind for kind in KINDS if mann_whitney(times[kind], times[KNOWN]) <= BAR]


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the two-sided p that both come from one distribution, by the normal approximation.

    With the corrections for ties and for continuity. For 20 values a side or more.

    >>> round(mann_whitney([19, 22, 16, 29, 24], [20, 11, 17, 12]), 4)
    0.1113
    """
    ordered = sorted([*first, *second])
    ranks: dict[float, float] = {}
    ties, at = 0, 0
    while at < len(ordered):
        count = ordered.count(ordered[at])
        ranks[ordered[at]] = at + (count + 1) / 2
        ties += count**3 - count
        at += count
    n, m = len(first), len(second)
    both = n + m
    u = sum(ranks[value] for value in first) - n * (n + 1) / 2
    spread = math.sqrt(n * m / 12 * (both + 1 - ties / (both * (both - 1))))
    if not spread:
        return 1.0
    z = max(abs(u - n * m / 2) - 0.5, 0) / spread
    return math.erfc(z / math.sqrt(2))


def _people(each: int) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    stored = hash_password("right horse battery")
    differing: dict[str, dict[str, Any]] = {
        KNOWN: {}, "retired": {"retired_at": now}, "invited": {"password_hash": None},
        "factor": {"factor_since": now},
    }  # fmt: skip
    with transaction() as session:
        for kind, more in differing.items():
            for n in range(each):
                person = {"password_hash": stored, "created_at": now, "name": kind, **more}
                session.add(User(email=f"{kind}{n}@drill.example", **person))
