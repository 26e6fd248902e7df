"""Saying that nobody came, before the time for coming is over."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Forbidden, WrongState
from booking.core.period import Period
from booking.infra.db import lock_pools
from booking.reservations.queries.facts import pool_facts
from booking.reservations.queries.reservations import locked_for
from booking.reservations.services.cancelling import end_reservation
from booking.reservations.services.notices import About, tell_person


def miss(
    session: Session, actor: Actor, reservation_id: int, now: datetime, version: int | None = None
) -> None:
    """Release a reservation that has begun and nobody came to, as a no-show.

    By the lab's deciders, only where people check in. The person is told. Raises NotFound,
    Forbidden, Stale, WrongState.
    """
    found = locked_for(session, actor, "reservation.use", reservation_id, version)
    row = found.row
    if not may(actor, "reservation.decide", found.subject):
        raise Forbidden
    if not pool_facts(session, [row.pool_id])[row.pool_id].rules.check_in.value:
        raise WrongState("no_check_in", actual=row.status)
    if row.status == "in_use":
        raise WrongState("already_checked_in", actual=row.status)
    if row.status != "approved":
        raise WrongState(
            "already_missed" if row.status == "no_show" else "not_approved", actual=row.status
        )
    if row.start_at > now:
        raise WrongState("not_running", actual=row.status)
    lock_pools(session, [row.pool_id])
    end_reservation(session, row, "no_show", "", now, actor.user_id)
    about = About(row.id, row.version, row.user_id, Period(row.start_at, row.end_at))
    tell_person(session, about, "missed", now)
    record(session, actor, "reservation.miss", ("reservation", row.id), now)
