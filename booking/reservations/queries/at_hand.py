"""Instruments a person has at hand: kept, used of late, and used by their companies' people."""

from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.inventory.models import Favourite, Pool
from booking.inventory.queries.visible import pools_seen_by
from booking.reservations.models import Reservation

LOOKED_BACK = timedelta(days=90)
# Of one person, and of all of a company: more would only cost time.
OWN_ROWS, COMPANY_ROWS = 200, 1000
UNUSED = ("cancelled", "rejected", "expired")


def favourite_pools(session: Session, actor: Actor, limit: int, now: datetime) -> list[int]:
    """Return the pools the actor keeps and sees, the newest first. One query."""
    query = (
        select(Pool.id)
        .join(Favourite, Favourite.pool_id == Pool.id)
        .where(Favourite.user_id == actor.user_id, pools_seen_by(actor, now))
        .order_by(Favourite.created_at.desc(), Pool.id)
    )
    return list(session.scalars(query.limit(limit)))


def recent_pools(session: Session, actor: Actor, limit: int, now: datetime) -> list[int]:
    """Return the pools of the actor's last reservations they still see, newest first. One query."""
    own = (
        select(Reservation.pool_id, Reservation.start_at)
        .where(Reservation.user_id == actor.user_id, Reservation.status.not_in(UNUSED))
        .order_by(Reservation.start_at.desc())
        .limit(OWN_ROWS)
        .subquery("own")
    )
    query = (
        _seen(actor, now)
        .join(own, own.c.pool_id == Pool.id)
        .group_by(Pool.id)
        .order_by(func.max(own.c.start_at).desc(), Pool.id)
    )
    return list(session.scalars(query.limit(limit)))


def colleagues_pools(
    session: Session, actor: Actor, limit: int, now: datetime
) -> list[tuple[int, int]]:
    """Return (pool, reservations) of what colleagues booked in 90 days and the actor never.

    Of a large company the last 1,000 reservations are counted. The most used first; of people only
    those of the companies the actor is a member of, and none is named. One query.
    """
    used = (
        select(Reservation.pool_id, Reservation.id)
        .where(
            Reservation.company_id.in_(sorted(actor.company_ids)),
            Reservation.start_at > now - LOOKED_BACK,
            Reservation.user_id != actor.user_id,
            Reservation.status.not_in(UNUSED),
        )
        .order_by(Reservation.start_at.desc())
        .limit(COMPANY_ROWS)
        .subquery("used")
    )
    known = (
        select(Reservation.pool_id)
        .where(Reservation.user_id == actor.user_id)
        .order_by(Reservation.start_at.desc())
        .limit(COMPANY_ROWS)
    )
    count = func.count(used.c.id)
    query = (
        _seen(actor, now)
        .add_columns(count)
        .join(used, used.c.pool_id == Pool.id)
        .where(Pool.id.not_in(known))
        .group_by(Pool.id)
        .order_by(count.desc(), Pool.id)
    )
    return [(pool_id, uses) for pool_id, uses in session.execute(query.limit(limit))]


def _seen(actor: Actor, now: datetime) -> Select[int]:
    return select(Pool.id).where(pools_seen_by(actor, now))
