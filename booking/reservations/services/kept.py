"""Short holds when they end: given back, or used for the booking they were made for."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.core.period import Period
from booking.infra.db import lock_pools
from booking.reservations.models import Hold
from booking.reservations.rules.proposal import MOST_PREFERRED, BookingRequest
from booking.reservations.services.holding import release_hold
from booking.reservations.services.locking import pool_id_of
from booking.reservations.services.offering import Freed, note_freed


def own_hold(session: Session, actor: Actor, hold_id: int) -> Hold:
    """Return one's own short hold that has not been given back, fresh. Raises NotFound."""
    found = session.scalars(
        select(Hold)
        .where(Hold.id == hold_id, Hold.user_id == actor.user_id, Hold.kind == "form")
        .where(Hold.released_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("hold")
    return found


def kept_in(session: Session, actor: Actor, pool_id: int) -> list[int]:
    """Return the ids of the actor's own short holds of a pool, newest first. One query."""
    query = select(Hold.id).where(Hold.user_id == actor.user_id, Hold.released_at.is_(None))
    query = query.where(Hold.kind == "form", Hold.pool_id == pool_id).order_by(Hold.id.desc())
    return list(session.scalars(query))


def give_back(session: Session, actor: Actor, hold_id: int, now: datetime) -> None:
    """Give a short hold back: its time goes to who waits, or is free. Raises NotFound."""
    lock_pools(session, [own_hold(session, actor, hold_id).pool_id])
    let_go(session, own_hold(session, actor, hold_id), now)


def use_hold(
    session: Session, actor: Actor, request: BookingRequest, now: datetime
) -> BookingRequest:
    """Return the request that prefers the units its short hold kept, which are free again.

    Where it has ended meanwhile the booking takes what is free. The pool is locked.
    """
    if request.hold_id is None:
        return request
    try:
        hold = own_hold(session, actor, request.hold_id)
    except NotFound:
        return request
    if hold.pool_id != pool_id_of(session, request):
        return request
    let_go(session, hold, now)
    if request.unit_id is not None or request.preferred_unit_ids:
        return request
    units = tuple(int(unit) for unit in hold.unit_ids.split())
    return replace(request, preferred_unit_ids=units[:MOST_PREFERRED])


def let_go(session: Session, hold: Hold, now: datetime) -> None:
    """Release a short hold: its time goes to who waits. The pool is locked."""
    release_hold(session, hold, now)
    period = Period(hold.start_at, hold.end_at)
    note_freed(session, Freed(hold.pool_id, period, now, hold.user_id, news=False))
