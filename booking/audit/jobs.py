"""Ticks of the audit: committed rows are sealed, in any number of processes."""

from functools import partial

from booking.audit.queries.seals import AT_ONCE, look_from, unsealed_rows
from booking.audit.services.sealing import seal
from booking.infra.db import db, write
from booking.infra.scheduler import Job

ROUNDS = 500
HOURS = 6


def seal_new() -> None:
    """Seal what was committed since the last tick, and what was committed out of order."""
    seal_above(look_from(db.session()))


def seal_all() -> None:
    """Seal what is not, wherever it is: what was committed very late."""
    seal_above(0)


def seal_above(since: int) -> int:
    """Return how many rows above an id were sealed, a million at most; a plain read when none."""
    done = 0
    for _ in range(ROUNDS):
        found = unsealed_rows(db.session(), since, 1)
        if not found:
            break
        # What is below the first one found is sealed: the next look begins there.
        since = max(since, int(found[0][0] or 0) - 1)
        sealed = write(partial(seal, since=since))
        done += sealed
        if sealed < AT_ONCE:
            break
    return done


JOBS = [
    Job("audit-seal", 60, seal_new),
    Job("audit-seal-all", HOURS * 3600, seal_all),
]
