"""Favourites: the instruments a person keeps at hand, for themselves only."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from booking.companies.services.people import lock_person
from booking.core.actor import Actor
from booking.core.errors import WrongState
from booking.inventory.models import Favourite
from booking.reservations.queries.facts import visible_pool

MOST = 200  # of one person


def keep(session: Session, actor: Actor, pool_id: int, now: datetime) -> None:
    """Keep a pool; keeping it again changes nothing.

    Raises NotFound for a pool the actor does not see, WrongState `too_many_favourites`.
    """
    visible_pool(session, actor, pool_id, now)
    lock_person(session, actor.user_id)  # or two at once could pass the limit
    if session.get(Favourite, (actor.user_id, pool_id)) is not None:
        return
    mine = select(func.count()).where(Favourite.user_id == actor.user_id)
    if session.execute(mine).scalar_one() >= MOST:
        raise WrongState("too_many_favourites", limit=MOST)
    session.add(Favourite(user_id=actor.user_id, pool_id=pool_id, created_at=now))


def let_go(session: Session, actor: Actor, pool_id: int, now: datetime) -> None:
    """Keep a pool no longer; one that is not kept stays so. Raises NotFound as `keep` does."""
    visible_pool(session, actor, pool_id, now)
    own = (Favourite.user_id == actor.user_id, Favourite.pool_id == pool_id)
    session.execute(delete(Favourite).where(*own))
