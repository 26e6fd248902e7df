"""Processes that race one another: started together, timed on one clock, answers collected."""

import importlib
import os
import random
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event

from bench.drills.ready import FORKED, ready_app
from booking.core.errors import Refusal
from booking.infra.db import db

Contestant = Callable[..., object]
BARRIER_SECONDS = 120
# Who wins is asked, not how soon: with gaps, and on a busy machine, the 3 s of a server are over
# before whoever holds the lock has had the processor.
PATIENCE = "SET lock_timeout = '60s'"
GAPPED = (
    ("booking.reservations.services.holding", "try_blocks"),
    ("booking.reservations.services.moving", "try_blocks"),
    ("booking.reservations.services.breakdown", "change"),
    ("booking.reservations.services.dealing", "live_reservations"),
    ("booking.reservations.services.dealing", "relocate"),
    ("booking.reservations.services.seating", "relocate"),
    ("booking.reservations.services.seating", "try_blocks"),
    ("booking.approvals.services.deciding", "open_change"),
    ("booking.approvals.services.deciding", "take_step"),
    ("booking.approvals.services.handing_on", "take_step"),
    ("booking.reservations.services.cancelling", "end_reservation"),
    ("booking.reservations.services.retiring", "_end_places"),
    ("booking.reservations.services.retiring", "end_access"),
    ("booking.reservations.services.closing", "release"),
    ("booking.policies.services.settings", "renew_edition"),
    ("booking.companies.services.members", "change"),
    ("booking.companies.services.applications", "create_thing"),
    ("booking.training.services.seats", "_take"),
)


@dataclass(frozen=True)
class Attempt:
    """One try of one process: when on the machine's monotonic clock, and what came of it."""

    process: int
    round: int
    started: float
    ended: float
    answer: object  # what was returned; a refusal's code for a refusal
    refused: bool

    def overlaps(self, other: "Attempt") -> bool:
        """Return whether both were under way at one instant, in different processes."""
        return (
            self.process != other.process
            and self.started < other.ended
            and other.started < self.ended
        )


class Broken(AssertionError):
    """A process raised something that is no refusal."""


def race(
    settings: dict[str, Any],
    contestants: Sequence[tuple[Contestant, tuple[Any, ...]]],
    rounds: int,
    gap_ms: float | Sequence[float] = 0,
) -> list[list[Attempt]]:
    """Return the attempts of every round, one a contestant; each round starts at a barrier.

    A contestant is a top-level function called as f(round, *args) in a process of its own with the
    app's context pushed. `gap_ms` widens the time between looking and writing, for all or for each.
    Raises Broken with the trace of anything that is not a Refusal.
    """
    gaps = [gap_ms] * len(contestants) if isinstance(gap_ms, int | float) else gap_ms
    barrier = FORKED.Barrier(len(contestants))
    answers: Any = FORKED.SimpleQueue()
    processes = [
        FORKED.Process(
            target=_contest,
            args=(n, settings, function, arguments, rounds, gaps, barrier, answers),
            daemon=True,
        )
        for n, (function, arguments) in enumerate(contestants)
    ]
    for process in processes:
        process.start()
    attempts = [answers.get() for _ in contestants]
    for process in processes:
        process.join()
    for found in attempts:
        if isinstance(found, str):
            raise Broken(found)
    return [list(one) for one in zip(*sorted(attempts, key=lambda a: a[0].process), strict=True)]


def truly_overlapped(attempts: Sequence[Attempt]) -> int:
    """Return how many attempts were under way together with another process's."""
    ordered = sorted(attempts, key=lambda attempt: attempt.started)
    met: set[int] = set()
    under_way: list[int] = []
    for n, attempt in enumerate(ordered):
        under_way = [m for m in under_way if ordered[m].ended > attempt.started]
        rivals = [m for m in under_way if ordered[m].process != attempt.process]
        if rivals:
            met.update((n, *rivals))
        under_way.append(n)
    return len(met)


def attempt(process: int, number: int, work: Callable[[], object]) -> Attempt:
    """Return the timed attempt of `work`."""
    started = time.monotonic()
    try:
        answer, refused = work(), False
    except Refusal as refusal:
        answer, refused = refusal.code, True
    return Attempt(process, number, started, time.monotonic(), answer, refused)


def widen_gap(milliseconds: float) -> None:
    """Sleep between looking and writing in this process, so that losers get there in time."""
    if not milliseconds:
        return
    for module_name, name in GAPPED:
        module = importlib.import_module(module_name)
        original = getattr(module, name)

        def slow(*args: Any, _original: Any = original, **kwargs: Any) -> Any:
            # At random, so that now one and now the other comes first.
            time.sleep(random.uniform(0, 2 * milliseconds) / 1000)  # noqa: S311
            return _original(*args, **kwargs)

        setattr(module, name, slow)


def _be_patient(engine: Engine) -> None:
    if engine.dialect.name == "postgresql":

        @event.listens_for(engine, "connect")
        def wait(connection: Any, _record: Any) -> None:
            connection.execute(PATIENCE)
            connection.commit()


def _contest(
    number: int,
    settings: dict[str, Any],
    function: Contestant,
    arguments: tuple[Any, ...],
    rounds: int,
    gaps: Sequence[float],
    barrier: Any,
    answers: Any,
) -> None:
    try:
        app = ready_app(settings)
        widen_gap(gaps[number])
        found = []
        with app.app_context():
            if any(gaps):
                _be_patient(db.engine)
            for n in range(rounds):
                barrier.wait(BARRIER_SECONDS)
                found.append(attempt(number, n, lambda n=n: function(n, *arguments)))  # type: ignore[misc]
    except BaseException:  # noqa: BLE001 - reported to the parent, which raises it
        barrier.abort()
        answers.put(traceback.format_exc())
        os._exit(1)
    answers.put(found)
