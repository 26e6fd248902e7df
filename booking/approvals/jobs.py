"""Expiring undecided requests and changes; claims its rows, may run anywhere, twice."""

from booking.approvals.services.deciding import BATCH, expire_changes, expire_requests
from booking.infra import clock
from booking.infra.db import write
from booking.infra.scheduler import Job


def expire() -> None:
    """Expire what nobody decided in time, batch by batch."""
    now = clock.now()
    while write(lambda session: expire_requests(session, now)) == BATCH:
        pass
    while write(lambda session: expire_changes(session, now)) == BATCH:
        pass


JOBS = [Job("expire", 30, expire)]
