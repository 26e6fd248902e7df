"""Handing a reservation to a colleague of the same company or institution."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.audit.services import record
from booking.companies.queries.memberships import parties_of
from booking.core.actor import Actor
from booking.core.errors import Invalid
from booking.reservations.models import Reservation
from booking.reservations.queries.asking import booker_of
from booking.reservations.queries.facts import pool_facts
from booking.reservations.queries.people import lock_booker
from booking.reservations.queries.reservations import locked_for
from booking.reservations.rules.life import require_live
from booking.reservations.services.asking_again import require_heir
from booking.reservations.services.locking import lock_booking
from booking.reservations.services.notices import About, plan_reminders, tell_person


def transfer(
    session: Session,
    actor: Actor,
    reservation_id: int,
    to_user_id: int,
    now: datetime,
    version: int | None = None,
) -> None:
    """Give a live reservation to a colleague: the times, units and state stay.

    Raises NotFound, Forbidden, Stale, WrongState, Invalid("not_a_colleague") unless that person
    belongs to the reservation's own company or institution, RuleViolated where that person is not
    qualified or has no room for it.
    """
    found = locked_for(session, actor, "reservation.transfer", reservation_id, version)
    row = found.row
    require_live(row.status, found.period, now, row.decide_by)
    if to_user_id == row.user_id:
        raise Invalid("same_person", field="user_id")
    if not _is_colleague(session, row, to_user_id, now):
        raise Invalid("not_a_colleague", field="user_id", actual=to_user_id)
    lock_booking(session, [row.pool_id], to_user_id, row.company_id)
    whose = booker_of(row)
    if whose.party is not None:
        lock_booker(session, to_user_id, whose.party)
    pool = pool_facts(session, [row.pool_id])[row.pool_id]
    require_heir(session, pool, row, to_user_id, now)
    before = row.user_id
    giver = About(row.id, row.version + 1, before, found.period)
    row.user_id, row.version = to_user_id, row.version + 1
    session.flush()
    about = About(row.id, row.version, to_user_id, found.period)
    if row.status == "pending":
        tell_person(session, about, "handed_to_you", now, by=actor.name)
    else:
        plan_reminders(session, about, now)
        tell_person(session, about, "handed_to_you", now, by=actor.name)
    if before != actor.user_id:
        tell_person(session, giver, "handed_on", now, by=actor.name)
    record(
        session, actor, "reservation.transfer", ("reservation", row.id), now,
        before={"user": before}, after={"user": to_user_id},
    )  # fmt: skip


def _is_colleague(session: Session, row: Reservation, user_id: int, now: datetime) -> bool:
    """Return whether an active person belongs to the reservation's party now."""
    active = session.scalar(select(User.id).where(User.id == user_id, User.retired_at.is_(None)))
    party = (row.company_id, row.institution_id)
    if active is None or party == (None, None):
        return False
    return any((p.company_id, p.institution_id) == party for p in parties_of(session, user_id, now))
