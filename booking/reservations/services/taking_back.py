"""Taking back what is offered or kept for an open form on a unit that cannot be had any more."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.period import Period
from booking.reservations.models import Allocation, Hold, WaitlistEntry
from booking.reservations.queries.availability import ACTIVE
from booking.reservations.services.holding import release_hold
from booking.reservations.services.offering import Freed, add_event, note_freed


def take_back(session: Session, unit_ids: Collection[int], now: datetime) -> None:
    """Release the offers and short holds on units; who was offered one waits on, in their place.

    Another slot, if there is one, is offered at the end of this transaction. The pool is locked.
    """
    held = select(Allocation.hold_id).where(
        Allocation.unit_id.in_(unit_ids), ACTIVE, Allocation.hold_id.is_not(None)
    )
    holds = session.scalars(
        select(Hold)
        .where(Hold.id.in_(held), Hold.kind.in_(("offer", "form")), Hold.released_at.is_(None))
        .order_by(Hold.id)
        .execution_options(populate_existing=True)
    ).all()
    for hold in holds:
        release_hold(session, hold, now)
    offered = session.scalars(
        select(WaitlistEntry)
        .where(WaitlistEntry.hold_id.in_([hold.id for hold in holds]))
        .where(WaitlistEntry.state == "offered")
        .order_by(WaitlistEntry.id)
        .execution_options(populate_existing=True)
    ).all()
    for entry in offered:
        entry.state, entry.hold_id, entry.offer_until = "waiting", None, None
        session.flush()
        add_event(session, entry.id, "taken_back", now)
        window = Period(entry.first_at, entry.last_at)
        note_freed(session, Freed(entry.pool_id, window, now, news=False))
