"""Taking a cancellation back, while its time is still free."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Conflict, Forbidden, Stale, WrongState
from booking.core.period import Period
from booking.inventory.models import BOOKABLE_STATES, Unit
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.asking import booker_of
from booking.reservations.queries.availability import in_the_way
from booking.reservations.queries.facts import PoolFacts, pool_facts, units_of
from booking.reservations.queries.people import lock_booker
from booking.reservations.queries.reservations import locked_reservation
from booking.reservations.services.asking_again import require_room
from booking.reservations.services.holding import Block, hold_any, plain, try_blocks
from booking.reservations.services.locking import lock_booking
from booking.reservations.services.notices import (
    About,
    tell_booked,
    tell_person,
)
from booking.reservations.services.splitting import regain
from booking.reservations.services.stepping import tell_deciders


def undo_cancel(
    session: Session, actor: Actor, reservation_id: int, now: datetime, version: int | None = None
) -> None:
    """Make a cancelled reservation what it was, on the same units, else on others of the pool.

    Only by who cancelled it or decides on the pool, before its start (and, of a request, before its
    deadline). Of the rules it had passed only those are asked again that other reservations may
    break meanwhile. Raises NotFound, Forbidden, Stale, WrongState, RuleViolated, Conflict when the
    time has been taken.
    """
    found = locked_reservation(session, actor, reservation_id)
    row, period = found.row, found.period
    decides = may(actor, "reservation.decide", found.subject)
    if not decides and row.ended_by_id != actor.user_id:
        raise Forbidden
    if version is not None and row.version != version:
        raise Stale(version, row.version)
    if row.status != "cancelled" or row.was_status is None:
        raise WrongState("not_cancelled", actual=row.status)
    if period.start <= now:
        raise WrongState("already_started", actual=row.status)
    if row.was_status == "pending" and row.decide_by is not None and row.decide_by <= now:
        raise WrongState("already_expired", actual=row.status)
    lock_booking(session, [row.pool_id], row.user_id, row.company_id)
    pool = pool_facts(session, [row.pool_id])[row.pool_id]
    if pool.retired:
        raise WrongState("unit_retired")
    whose = booker_of(row)
    if row.user_id is not None and whose.party is not None:
        lock_booker(session, row.user_id, whose.party)
    require_room(session, pool, row, now)
    _hold_again(session, pool, row, period)
    row.status, row.was_status, row.reason = row.was_status, None, ""
    row.ended_at = row.ended_by_id = None
    row.version += 1
    session.flush()
    regain(session, row)
    _tell(session, actor, pool, row, now)
    record(
        session, actor, "reservation.undo_cancel", ("reservation", row.id), now,
        after={"status": row.status, **plain(period)},
    )  # fmt: skip


def _hold_again(session: Session, pool: PoolFacts, row: Reservation, period: Period) -> None:
    owner = ("reservation", row.id)
    last = _last_blocks(session, row)
    if len(last) == row.quantity and try_blocks(session, last, owner, pinned=bool(row.named_unit)):
        return
    if row.named_unit:
        units = units_of(session, row.pool_id)
        raise Conflict(in_the_way(session, units, period))
    hold_any(session, pool, period, row.quantity, owner)


def _last_blocks(session: Session, row: Reservation) -> list[Block]:
    """Return what it held when it was cancelled, on units that may still be booked."""
    newest = (
        select(Allocation.id)
        .where(Allocation.reservation_id == row.id)
        .where(Allocation.block_start <= row.start_at, Allocation.block_end >= row.end_at)
        .order_by(Allocation.id.desc())
        .limit(row.quantity)
    )
    rows = session.execute(
        select(Allocation.unit_id, Allocation.block_start, Allocation.block_end)
        .join(Unit, Unit.id == Allocation.unit_id)
        .where(Allocation.id.in_(newest), Unit.state.in_(BOOKABLE_STATES))
        .where(Unit.pool_id == row.pool_id)
        .order_by(Allocation.unit_id)
    )
    return [Block(r.unit_id, Period(r.block_start, r.block_end)) for r in rows]


def _tell(session: Session, actor: Actor, pool: PoolFacts, row: Reservation, now: datetime) -> None:
    about = About.of(row)
    if row.status == "pending":
        tell_deciders(session, about, "request_received", pool, row.company_id, now)
        if row.user_id != actor.user_id:
            tell_person(session, about, "restored", now, by=actor.name)
    else:
        tell_booked(session, about, "restored", now, by=actor.name)
