"""Which tour somebody is still to be shown."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.help.models import TourDone
from booking.help.rules import tour_of


def tour_to_show(session: Session, actor: Actor) -> str | None:
    """Return the actor's tour unless they have put it away. One query at most."""
    tour = tour_of(actor)
    if tour is None:
        return None
    done = select(TourDone.tour).where(TourDone.user_id == actor.user_id, TourDone.tour == tour)
    return None if session.scalar(done) else tour
