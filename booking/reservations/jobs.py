"""Ticks over reservations; each claims its rows in the database and may run anywhere, twice."""

from datetime import datetime

from flask import current_app
from sqlalchemy import true

from booking.infra import clock
from booking.infra.db import db, write
from booking.infra.scheduler import Job
from booking.reservations.queries.calibrations import due_soon, untold
from booking.reservations.queries.offers import has_offer
from booking.reservations.queries.quota_ledgers import uncounted
from booking.reservations.queries.waiting import awaited_pools
from booking.reservations.services.answering import forget_files
from booking.reservations.services.calibrating import tell_due
from booking.reservations.services.counting import (
    ENTRIES,
    add_up,
    begin_ledger,
    complete_portion,
    end_ledger,
    forget_uses,
)
from booking.reservations.services.offering import offer_waiting
from booking.reservations.services.upkeep import (
    BATCH,
    complete_ended,
    forget_changes,
    forget_keys,
    keep_next_free,
    next_free_of,
    retire_allocations,
    stalest_pools,
)
from booking.reservations.services.using import miss_absent
from booking.reservations.services.waiting import BATCH as HOLDS_AT_ONCE
from booking.reservations.services.waiting import expire_holds
from booking.web.drawing import make_draws

ROUNDS = 100
NEXT_FREE_AT_ONCE = 50


def offer() -> None:
    """End offers and short holds past their time; offer those who wait what is free."""
    now = clock.now()
    for _ in range(ROUNDS):
        if write(lambda session: expire_holds(session, now)) < HOLDS_AT_ONCE:
            break
    for pool_id in awaited_pools(db.session()):
        if has_offer(db.session(), pool_id, now):
            write(lambda session, pool_id=pool_id: offer_waiting(session, pool_id, now))  # type: ignore[misc]


def draw() -> None:
    """Make the draws that are due, so that nothing depends on somebody coming by."""
    make_draws()


def tell_calibrations() -> None:
    """Tell managers whose units are soon due for calibration, once a due day."""
    now, session = clock.now(), db.session()
    if untold(session, due_soon(session, now, true()), now):
        write(lambda session: tell_due(session, now))


def miss() -> None:
    """Release what nobody came to, batch by batch."""
    now = clock.now()
    for _ in range(ROUNDS):
        if write(lambda session: miss_absent(session, now)) < BATCH:
            break


def complete() -> None:
    """Complete what has ended, batch by batch."""
    now = clock.now()
    for _ in range(ROUNDS):
        if write(lambda session: complete_ended(session, now)) < BATCH:
            break


def retire() -> None:
    """Take allocations out of the live index a day after their end."""
    now = clock.now()
    for _ in range(ROUNDS):
        if write(lambda session: retire_allocations(session, now)) < BATCH:
            break


def forget() -> None:
    """Forget Idempotency-Keys past their time, files that no booking took, old changes."""
    hours, now = current_app.config["IDEMPOTENCY_HOURS"], clock.now()
    write(lambda session: forget_keys(session, now, hours))
    write(lambda session: forget_files(session, now))
    write(forget_changes)
    write(lambda session: forget_uses(session, now))


def count_quotas() -> None:
    """Complete the ledgers of new quotas; add up what has been written down since."""
    for quota_id in uncounted(db.session()):
        count_quota(quota_id, clock.now())
    for _ in range(ROUNDS):
        if write(add_up) < ENTRIES:
            break


def count_quota(quota_id: int, now: datetime) -> None:
    """Complete the ledger of one quota, some people or companies after others."""
    counting = write(lambda session: begin_ledger(session, quota_id, now))
    after: int | None = 0
    while after is not None:
        after = write(lambda session, after=after: complete_portion(session, counting, after))  # type: ignore[misc]
    write(lambda session: end_ledger(session, counting))


def refresh_next_free() -> None:
    """Recompute "soonest free" of the stalest pools; the reading is done outside the write."""
    now = clock.now()
    for _ in range(ROUNDS):
        pools = stalest_pools(db.session(), now, NEXT_FREE_AT_ONCE)
        found = next_free_of(db.session(), pools, now)
        if not found:
            break
        write(lambda session, found=found: keep_next_free(session, found, now))  # type: ignore[misc]


JOBS = [
    Job("offer", 60, offer),
    Job("draw", 20, draw),
    Job("miss", 60, miss),
    Job("complete", 60, complete),
    Job("retire", 600, retire),
    Job("calibrations", 3600, tell_calibrations),
    Job("forget-keys", 3600, forget),
    Job("next-free", 60, refresh_next_free),
    Job("count-quotas", 60, count_quotas),
]
