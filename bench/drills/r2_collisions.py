"""R2: simultaneous collisions at a barrier. Full: 10,000 slots × 16 processes an engine."""

import time
from typing import Any

from bench.drills.ground import lay
from bench.drills.harness import race, truly_overlapped
from bench.drills.r1_racing import book, judge
from bench.drills.result import Result

FULL_SLOTS, FULL_PROCESSES = 10_000, 16
SHORT_PROCESSES = 4
SHORT_SLOTS_A_SECOND = 12
P99_MS = 250
LEAST_MET = 0.5  # share of slots in which at least two processes were under way together


def run(settings: dict[str, Any], engine: str, seconds: float | None) -> Result:
    """Return what came of it; one unit, so each slot has exactly one winner."""
    result = Result("R2", engine)
    processes = FULL_PROCESSES if seconds is None else SHORT_PROCESSES
    slots = FULL_SLOTS if seconds is None else int(seconds * SHORT_SLOTS_A_SECOND)
    ground = lay(settings, 1, processes)
    began = time.monotonic()
    contestants = [(collide, (ground, n)) for n in range(processes)]
    rounds = race(settings, contestants, slots, gap_ms=0 if seconds is None else 1)
    attempts = [one for attempts in rounds for one in attempts]
    wrong = [n for n, tried in enumerate(rounds) if sum(not a.refused for a in tried) != 1]
    met = sum(bool(truly_overlapped(tried)) for tried in rounds)
    waits = sorted(a.ended - a.started for a in attempts)
    p99 = waits[int(len(waits) * 0.99)] * 1000
    result.figures = {
        "slots": slots, "processes": processes, "met": met, "p99 ms": round(p99),
        "seconds": round(time.monotonic() - began),
    }  # fmt: skip
    result.require(not wrong, f"{len(wrong)} slots without exactly one winner: {wrong[:5]}")
    result.require(met >= LEAST_MET * slots, f"processes met in only {met} of {slots} slots")
    if seconds is None:
        result.require(p99 < P99_MS, f"p99 {p99:.0f} ms is not below {P99_MS}")
    judge(settings, attempts, len(attempts), result)
    return result


def collide(number: int, ground: Any, process: int) -> int:
    """Return the id of the reservation of this round's hour."""
    return book(ground, ground.bookers[process], number)
