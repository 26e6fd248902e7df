"""Two processes that race each other round by round, in whatever roles they are given."""

import contextlib
import importlib
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

from bench.drills.harness import BARRIER_SECONDS, Attempt, Broken, attempt, widen_gap
from bench.drills.ready import FORKED, ready_app
from booking.infra.db import db


class Duel:
    """Both processes and the lines to them."""

    def __init__(self, settings: dict[str, Any], gap_ms: float) -> None:
        self._barrier = FORKED.Barrier(2)
        self._lines, self._processes = [], []
        for number in range(2):
            here, there = FORKED.Pipe()
            process = FORKED.Process(
                target=_fight, args=(number, settings, gap_ms, self._barrier, there), daemon=True
            )
            process.start()
            there.close()
            self._lines.append(here)
            self._processes.append(process)

    def race(
        self, roles: Sequence[tuple[str, str]], scenes: Sequence[tuple[Any, Any]]
    ) -> list[tuple[Attempt, Attempt]]:
        """Return both attempts of each round: role (module, function) on that round's scene.

        Raises Broken with the trace of anything that is not a Refusal.
        """
        for number, line in enumerate(self._lines):
            line.send((roles[number], [pair[number] for pair in scenes]))
        answers = [line.recv() for line in self._lines]
        traces = [answer for answer in answers if isinstance(answer, str)]
        if traces:  # the other one's barrier breaks with it
            raise Broken(min(traces, key=lambda trace: "BrokenBarrierError" in trace))
        return list(zip(*answers, strict=True))

    def end(self) -> None:
        """Let both processes end."""
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.send(None)
        for process in self._processes:
            process.join(BARRIER_SECONDS)


@contextlib.contextmanager
def duel(settings: dict[str, Any], gap_ms: float) -> Iterator[Duel]:
    """Yield two processes ready to race."""
    found = Duel(settings, gap_ms)
    try:
        yield found
    finally:
        found.end()


def _fight(number: int, settings: dict[str, Any], gap_ms: float, barrier: Any, line: Any) -> None:
    app = ready_app(settings)
    widen_gap(gap_ms)
    with app.app_context():
        while (order := line.recv()) is not None:
            (module, name), scenes = order
            act = getattr(importlib.import_module(module), name)
            try:
                line.send(_rounds(number, act, scenes, barrier))
            except BaseException:  # noqa: BLE001 - reported to the parent, which raises it
                barrier.abort()
                line.send(traceback.format_exc())
                return
        db.session.remove()
        db.engine.dispose()


def _rounds(number: int, act: Any, scenes: Sequence[Any], barrier: Any) -> list[Attempt]:
    found = []
    for n, scene in enumerate(scenes):
        barrier.wait(BARRIER_SECONDS)
        found.append(attempt(number, n, lambda scene=scene: act(scene)))  # type: ignore[misc]
        db.session.rollback()  # as between two requests: nobody looks through an old snapshot
    return found
