"""Reads of who people are elsewhere."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import Identity
from booking.core.actor import Actor


def visible_identities(session: Session, actor: Actor) -> list[Identity]:
    """Return the actor's own identities, oldest first. One query."""
    return list(
        session.scalars(
            select(Identity).where(Identity.user_id == actor.user_id).order_by(Identity.id)
        )
    )
