"""Putting a tour away for good, and asking for it again."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.help.models import TourDone
from booking.help.rules import TOURS

_PUT_AWAY = {
    engine.dialect.name: engine.insert(TourDone.__table__).on_conflict_do_nothing()
    for engine in (postgresql, sqlite)
}


def put_away(session: Session, actor: Actor, tour: str, now: datetime) -> None:
    """Show the actor a tour no more; again changes nothing. Raises NotFound for none of TOURS."""
    if tour not in TOURS:
        raise NotFound("tour")
    values = {"user_id": actor.user_id, "tour": tour, "done_at": now}
    session.execute(_PUT_AWAY[session.get_bind().dialect.name], values)


def show_again(session: Session, actor: Actor) -> None:
    """Show the actor every tour of theirs again."""
    session.execute(delete(TourDone).where(TourDone.user_id == actor.user_id))
