"""What somebody puts together to be booked as one: kept until it is booked or taken out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking.companies.services.people import lock_person
from booking.core.actor import Actor
from booking.core.errors import NotFound, WrongState
from booking.inventory.models import BundleItem
from booking.reservations.queries.choosing import chosen_pools
from booking.reservations.rules.groups import MOST_PARTS


def add_to_bundle(session: Session, actor: Actor, pool_ids: Sequence[int], now: datetime) -> int:
    """Return how many of these pools are new in the actor's bundle; all of them, or none.

    Raises NotFound for one the actor does not see, WrongState `bundle_full`.
    """
    wanted = dict.fromkeys(pool_ids)
    if not wanted or len(chosen_pools(session, actor, list(wanted), now)) < len(wanted):
        raise NotFound("pool")
    lock_person(session, actor.user_id)  # or two at once could pass the limit
    mine = select(BundleItem.pool_id).where(BundleItem.user_id == actor.user_id)
    held = set(session.scalars(mine))
    new = [key for key in wanted if key not in held]
    if len(held) + len(new) > MOST_PARTS:
        raise WrongState("bundle_full", limit=MOST_PARTS)
    session.add_all(BundleItem(user_id=actor.user_id, pool_id=key, added_at=now) for key in new)
    return len(new)


def take_from_bundle(session: Session, actor: Actor, pool_ids: Sequence[int] | None) -> None:
    """Take these pools out of the actor's bundle, None: all; those not in it stay away."""
    query = delete(BundleItem).where(BundleItem.user_id == actor.user_id)
    if pool_ids is not None:
        query = query.where(BundleItem.pool_id.in_(pool_ids))
    session.execute(query)
