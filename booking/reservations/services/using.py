"""Using what was reserved: checking in and out, ending early, and who has not come."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import WrongState
from booking.core.period import Period
from booking.infra.db import lock_pools
from booking.reservations.models import Reservation
from booking.reservations.queries.facts import PoolFacts, pool_facts
from booking.reservations.queries.lists import AGREED
from booking.reservations.queries.reservations import Found, locked_for
from booking.reservations.rules.life import require_live
from booking.reservations.rules.using import (
    LOOKED_BACK,
    ended_now,
    is_running,
    missed_at,
    require_check_in,
)
from booking.reservations.services.cancelling import end_reservation
from booking.reservations.services.holding import plain, trim
from booking.reservations.services.notices import (
    About,
    drop_reminders,
    tell_approvers,
    tell_person,
)
from booking.reservations.services.offering import note_less
from booking.reservations.services.withdrawing import withdraw_change

BATCH = 500


def check_in(
    session: Session, actor: Actor, reservation_id: int, now: datetime, version: int | None = None
) -> None:
    """Begin to use a reservation. Raises NotFound, WrongState with its reason."""
    found, pool = _to_use(session, actor, reservation_id, version)
    row = found.row
    require_live(row.status, found.period, now, row.decide_by)
    require_check_in(row.status, found.period, pool.rules, now)
    withdraw_change(session, row, now)
    row.status, row.checked_in_at, row.version = "in_use", now, row.version + 1
    session.flush()
    _record(session, actor, "reservation.check_in", row, now)


def check_out(
    session: Session, actor: Actor, reservation_id: int, now: datetime, version: int | None = None
) -> None:
    """End a running reservation now; the rest is free for others at once.

    The end becomes now, rounded up to a minute; the booked end is kept. Raises NotFound, Forbidden,
    Stale, WrongState.
    """
    found, pool = _to_use(session, actor, reservation_id, version)
    row = found.row
    require_live(row.status, found.period, now, row.decide_by)
    if not is_running(row.status, found.period, pool.rules, now):
        raise WrongState("not_running", actual=row.status)
    lock_pools(session, [row.pool_id])
    withdraw_change(session, row, now)
    before = plain(found.period)
    used = ended_now(found.period, now)
    if used.end < found.period.end:
        trim(session, ("reservation", row.id), found.period, used, row.quantity)
        row.booked_end_at, row.end_at = found.period.end, used.end
        note_less(session, row.pool_id, found.period, used, now, actor.user_id)
    row.status, row.checked_out_at, row.version = "completed", now, row.version + 1
    session.flush()
    drop_reminders(session, About(row.id, row.version, row.user_id, used))
    record(
        session, actor, "reservation.check_out", ("reservation", row.id), now,
        before=before, after=plain(used),
    )  # fmt: skip


def miss_absent(session: Session, now: datetime) -> int:
    """Return how many reservations nobody came to were released as no-shows, at most 500.

    Only where the pool's people check in. The person and the lab are told once.
    """
    missed = _absent(session, now)
    # Pools in order of id, before any row of a pool is changed (DESIGN §2).
    lock_pools(session, [row.pool_id for row, _pool in missed])
    for row, pool in missed:
        period = Period(row.start_at, row.end_at)
        end_reservation(session, row, "no_show", "", now)
        about = About(row.id, row.version, row.user_id, period)
        tell_person(session, about, "missed", now)
        tell_approvers(session, about, "missed", pool, now)
        record(session, None, "reservation.miss", ("reservation", row.id), now)
    return len(missed)


def _absent(session: Session, now: datetime) -> list[tuple[Reservation, PoolFacts]]:
    """Return approved reservations past the time to come, their rows locked, by id."""
    begun = select(Reservation.id, Reservation.pool_id, Reservation.start_at, Reservation.end_at)
    begun = begun.where(AGREED)
    begun = begun.where(Reservation.status == "approved", Reservation.start_at <= now)
    begun = begun.where(Reservation.end_at > now - LOOKED_BACK)
    # In the order of the index of live ones: ordered by id, all there ever were would be read.
    rows = session.execute(begun.order_by(Reservation.start_at, Reservation.id)).all()
    pools = pool_facts(session, sorted({row.pool_id for row in rows}))
    due = [
        row.id
        for row in rows
        if pools[row.pool_id].rules.check_in.value
        and missed_at(Period(row.start_at, row.end_at), pools[row.pool_id].rules) <= now
    ][:BATCH]
    return [(row, pools[row.pool_id]) for row in _locked(session, due)]


def _locked(session: Session, ids: Sequence[int]) -> Sequence[Reservation]:
    query = (
        select(Reservation)
        .where(Reservation.id.in_(ids), Reservation.status == "approved")
        .order_by(Reservation.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).all()


def _to_use(
    session: Session, actor: Actor, reservation_id: int, version: int | None
) -> tuple[Found, PoolFacts]:
    found = locked_for(session, actor, "reservation.use", reservation_id, version)
    return found, pool_facts(session, [found.row.pool_id])[found.row.pool_id]


def _record(session: Session, actor: Actor, action: str, row: Reservation, now: datetime) -> None:
    record(session, actor, action, ("reservation", row.id), now, after={"status": row.status})
