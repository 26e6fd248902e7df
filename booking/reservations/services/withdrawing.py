"""Taking back a change that was asked for: the times that stand, stand on."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import WrongState
from booking.core.period import Period
from booking.infra.db import lock_pools
from booking.reservations.models import Hold, Reservation
from booking.reservations.queries.reservations import locked_for, open_change
from booking.reservations.rules.life import require_live
from booking.reservations.services.holding import plain, release_hold
from booking.reservations.services.notices import About, drop_questions, tell_person
from booking.reservations.services.offering import note_less
from booking.reservations.services.stepping import drop_steps


def withdraw(
    session: Session,
    actor: Actor,
    reservation_id: int,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Take back the undecided change of a reservation: what it alone held is free again.

    Raises NotFound, WrongState `no_open_change` or with a code for each end.
    """
    found = locked_for(session, actor, "reservation.change", reservation_id, expected_version)
    row = found.row
    require_live(row.status, found.period, now, row.decide_by)
    lock_pools(session, [row.pool_id])
    hold = open_change(session, row.id)
    if hold is None:
        raise WrongState("no_open_change", actual=row.status)
    withdraw_of_row(session, actor, row, hold, now)


def withdraw_of_row(
    session: Session, actor: Actor, row: Reservation, hold: Hold, now: datetime
) -> None:
    """Take back the change of a reservation that is locked, as its pool is."""
    asked = Period(hold.start_at, hold.end_at)
    release_change(session, row, hold, now)
    row.version += 1
    session.flush()
    if row.user_id != actor.user_id:
        about = About.of(row)
        tell_person(
            session, about, "change_rejected", now,
            new_start=asked.start, new_end=asked.end, by=actor.name,
        )  # fmt: skip
    record(
        session, actor, "reservation.withdraw_change", ("reservation", row.id), now,
        before={**plain(asked), "quantity": hold.quantity}, after={"version": row.version},
    )  # fmt: skip


def withdraw_change(session: Session, row: Reservation, now: datetime) -> None:
    """Release the undecided change request of a reservation, if there is one."""
    hold = open_change(session, row.id)
    if hold is not None:
        release_change(session, row, hold, now)


def release_change(session: Session, row: Reservation, hold: Hold, now: datetime) -> None:
    """Free what a change held, and void the questions about it."""
    release_hold(session, hold, now)
    drop_steps(session, row.id)
    asked = Period(hold.start_at, hold.end_at)
    note_less(session, row.pool_id, asked, Period(row.start_at, row.end_at), now, row.user_id)
    drop_questions(session, About.of(row))
    session.flush()
