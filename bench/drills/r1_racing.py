"""R1: racing attempts at the service. Full: 1,000,000 an engine over 16 processes."""

import time
from typing import Any

from sqlalchemy import select

from bench.drills.ground import Ground, lay, slot
from bench.drills.harness import Attempt, attempt, race, truly_overlapped
from bench.drills.ready import ready_app
from bench.drills.result import Result, sweep
from booking.core.actor import Actor
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.models import Reservation
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.requesting import look_before, request_reservation
from tests import databases

FULL_ATTEMPTS = 1_000_000
FULL_PROCESSES, SHORT_PROCESSES = 16, 4
FULL_SECONDS = 7_200  # the promise is about how many, not how fast
UNITS = 2
# Hot slots: at any time every process goes for the same hour; then for the next one. For a new hour
# all of them queue to write, and lose there; until the next they lose by looking. At more than this
# nearly all attempts wait for their turn, and a million take hours.
SLOTS_A_SECOND = 4
LEAST_OVERLAPPED = 0.2
KEPT_LOSERS = 10  # one in ten lost attempts is kept for the count of overlaps


def run(settings: dict[str, Any], engine: str, seconds: float | None) -> Result:
    """Return what came of it: `seconds` long, or in full until a million attempts."""
    result = Result("R1", engine)
    processes = FULL_PROCESSES if seconds is None else SHORT_PROCESSES
    ground = lay(settings, UNITS, processes)
    each = FULL_ATTEMPTS // processes
    limit = FULL_SECONDS if seconds is None else seconds
    contestants = [(storm, (ground, n, each, limit, time.monotonic())) for n in range(processes)]
    storms: Any = race(settings, contestants, 1, gap_ms=0 if seconds is None else 1)[0]
    attempts = [one for process in storms for one in process.answer[0]]
    judge(settings, attempts, sum(process.answer[1] for process in storms), result)
    if seconds is None:
        made = result.figures["attempts"]
        result.require(made >= each * processes, f"only {made} attempts in {FULL_SECONDS} s")
    return result


def storm(
    _round: int, ground: Ground, number: int, each: int, limit: float, origin: float
) -> tuple[list[Attempt], int]:
    """Return the attempts kept and how many were made: all that won, some of those that lost."""
    actor, kept, made = ground.bookers[number], [], 0
    until = time.monotonic() + limit
    while made < each and time.monotonic() < until:
        hour = int((time.monotonic() - origin) * SLOTS_A_SECOND)
        tried = attempt(number, made, lambda hour=hour: book(ground, actor, hour))  # type: ignore[misc]
        made += 1
        if not tried.refused or made % KEPT_LOSERS == 0:
            kept.append(tried)
    return kept, made


def book(ground: Ground, actor: Actor, hour: int) -> int:
    """Return the id of a reservation of any unit for that hour."""
    start, end = slot(hour)
    now = clock.now()
    request = BookingRequest(start=start, end=end, pool_id=ground.pool_id)
    return write(
        lambda s: request_reservation(s, actor, request, now),
        look=lambda s: look_before(s, actor, request, now),
    ).reservation_id


def judge(settings: dict[str, Any], attempts: list[Attempt], made: int, result: Result) -> None:
    """Compare what was acknowledged with what the database holds, and sweep it."""
    acknowledged = {a.answer for a in attempts if not a.refused}
    odd = {a.answer for a in attempts if a.refused} - {"conflict"}
    app = ready_app(settings)
    with app.app_context():
        held = set(db.session.scalars(select(Reservation.id)))
    databases.close(app)
    overlapped = truly_overlapped(attempts)
    result.figures |= {
        "attempts": made, "booked": len(acknowledged),
        "overlapped": f"{overlapped} of {len(attempts)} kept",
    }  # fmt: skip
    result.require(acknowledged, "nothing was booked")
    result.require(not acknowledged - held, f"{len(acknowledged - held)} acknowledged but lost")
    result.require(not held - acknowledged, f"{len(held - acknowledged)} held by nobody")
    result.require(not odd, f"unexplained refusals: {odd}")
    least = int(LEAST_OVERLAPPED * len(attempts))
    result.require(overlapped >= least, f"only {overlapped} of {len(attempts)} overlapped")
    sweep(settings, result)
