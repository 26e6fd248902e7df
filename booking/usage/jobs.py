"""The tick that keeps what charts show: new days, and days in which something changed late."""

from booking.infra import clock
from booking.infra.db import db, write
from booking.infra.scheduler import Job
from booking.usage.services.keeping import keep_up

ROUNDS = 30


def keep() -> None:
    """Add up what is due, each day in a transaction of its own."""
    now = clock.now()
    for _ in range(ROUNDS):
        if not keep_up(db.session(), write, now):
            break


JOBS = [Job("usage", 300, keep)]
