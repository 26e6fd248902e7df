"""Priority after a fault: whose time it took waits for another one before everybody else."""

from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.period import Period
from booking.reservations.models import LIVE, Reservation, WaitlistEntry
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.waiting import OPEN
from booking.reservations.services.cancelling import end_reservation
from booking.reservations.services.holding import plain
from booking.reservations.services.notices import About, tell_person
from booking.reservations.services.offering import Freed, add_event, note_freed

AFTER_FAULT = 1
# How long after the lost time another one is of use.
REPLACED_WITHIN = timedelta(days=14)
MINUTE = timedelta(minutes=1)


def wait_first(session: Session, pool: PoolFacts, row: Reservation, now: datetime) -> bool:
    """Return whether the person of a reservation that a fault hits is first in its pool's queue.

    Where the rule says so: for a slot as long, of any unit, from now until 14 days after. What is
    free already is offered at the end of this transaction. The pool is locked.
    """
    if not pool.rules.priority_after_fault.value or pool.retired or row.user_id is None:
        return False
    if (row.company_id, row.institution_id) == (None, None):  # imported
        return False
    queued = select(WaitlistEntry.id).where(WaitlistEntry.replaces_id == row.id, OPEN)
    if session.scalar(queued) is not None:
        return True
    start = now.replace(second=0, microsecond=0)
    window = Period(start, max(row.end_at, start) + REPLACED_WITHIN)
    period = Period(row.start_at, row.end_at)
    values = {
        "kind": "offer", "pool_id": row.pool_id, "user_id": row.user_id, "purpose": row.purpose,
        "company_id": row.company_id, "institution_id": row.institution_id, "note": row.note,
        "quantity": row.quantity, "minutes": max(period.minutes, 1), "first_at": window.start,
        "last_at": window.end, "state": "waiting", "priority": AFTER_FAULT, "created_at": now,
        "replaces_id": row.id,
    }  # fmt: skip
    made = insert(WaitlistEntry).values(values).returning(WaitlistEntry.id)
    entry_id = int(session.execute(made).scalar_one())
    add_event(session, entry_id, "joined", now, fault=row.reference)
    after = {"pool": row.pool_id, "reservation": row.id, **plain(window)}
    record(session, None, "waitlist.priority", ("waitlist", entry_id), now, after=after)
    note_freed(session, Freed(row.pool_id, window, now, news=False))
    return True


def lock_replaced(session: Session, entry: WaitlistEntry, now: datetime) -> Reservation | None:
    """Return the reservation that an entry's slot replaces, locked; None if it holds nothing."""
    if entry.replaces_id is None:
        return None
    return session.scalars(
        select(Reservation)
        .where(Reservation.id == entry.replaces_id, Reservation.user_id == entry.user_id)
        .where(Reservation.status.in_(LIVE), Reservation.start_at > now)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def end_replaced(session: Session, actor: Actor, row: Reservation, now: datetime) -> None:
    """End a reservation whose person takes another time for it. Its pool is locked."""
    was = row.status
    end_reservation(session, row, "cancelled", "", now, actor.user_id)
    about = About.of(row)
    tell_person(session, about, "cancelled", now, by=actor.name, was=was)
    record(
        session, actor, "reservation.replaced", ("reservation", row.id), now,
        before={"status": was}, after={"status": "cancelled"},
    )  # fmt: skip
