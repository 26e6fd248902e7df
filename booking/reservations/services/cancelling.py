"""Cancelling a reservation: frees its units at once, tells whom it concerns."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, WrongState
from booking.core.period import Period
from booking.infra.db import lock_pools
from booking.policies.rules.people import late_cancel
from booking.reservations.models import Reservation
from booking.reservations.queries.asking import booker_of, rules_for
from booking.reservations.queries.facts import pool_facts
from booking.reservations.queries.reservations import Found, locked_for
from booking.reservations.rules.life import require_live
from booking.reservations.rules.proposal import require_text
from booking.reservations.services.holding import held_blocks, release
from booking.reservations.services.notices import About, drop_reminders, tell_person
from booking.reservations.services.offering import Freed, note_freed
from booking.reservations.services.overriding import settle
from booking.reservations.services.splitting import end_if_over
from booking.reservations.services.squeezing import give_back
from booking.reservations.services.withdrawing import withdraw_change


def cancel(
    session: Session,
    actor: Actor,
    reservation_id: int,
    reason: str,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Cancel a live reservation. Somebody else's needs a reason; a started one, the lab.

    Raises NotFound, Forbidden, Stale, Invalid (field reason), WrongState with a code for each
    end, RuleViolated when it is too late by the rules; a manager's reason overrides them.
    """
    found = locked_for(session, actor, "reservation.change", reservation_id, expected_version)
    cancel_found(session, actor, found, reason, now)


def cancel_found(session: Session, actor: Actor, found: Found, reason: str, now: datetime) -> None:
    """Cancel a locked reservation; the caller has asked whether the actor may. See `cancel`."""
    row = found.row
    require_live(row.status, found.period, now)
    require_text("reason", reason)
    own = row.user_id == actor.user_id
    if not own and not reason.strip():
        raise Invalid("reason_needed", field="reason")
    if row.start_at <= now and not may(actor, "reservation.decide", found.subject):
        raise WrongState("already_started", actual=row.status)
    was = row.status
    overridden = _late(session, actor, found, reason, now)
    lock_pools(session, [row.pool_id])
    end_reservation(session, row, "cancelled", reason, now, actor.user_id)
    row.was_status, row.ended_at, row.ended_by_id = was, now, actor.user_id
    session.flush()
    about = About(row.id, row.version, row.user_id, found.period)
    if not own or was == "approved":
        tell_person(session, about, "cancelled", now, reason=reason.strip(), by=actor.name, was=was)
    record(
        session, actor, "reservation.cancel", ("reservation", row.id), now,
        before={"status": was}, after={"status": "cancelled", **overridden},
        reason=reason.strip() or None,
    )  # fmt: skip


def _late(
    session: Session, actor: Actor, found: Found, reason: str, now: datetime
) -> dict[str, list[str]]:
    """Return which rule of the latest cancelling was overridden, for the record.

    A request nobody has decided on can always be withdrawn. Raises RuleViolated.
    """
    row = found.row
    if row.status == "pending":
        return {}
    pool = pool_facts(session, [row.pool_id])[row.pool_id]
    latest = rules_for(session, pool, booker_of(row), now).cancel_latest_minutes
    broken = late_cancel(latest, found.period.start, now)
    if broken is None:
        return {}
    settle(actor, pool, (broken,), reason)
    return {"overridden": [broken.code]}


def end_reservation(
    session: Session,
    row: Reservation,
    status: str,
    reason: str,
    now: datetime,
    by: int | None = None,
) -> None:
    """Give a locked reservation an end state: its units and any change request are freed.

    `by` is who ended it. The caller holds the pool's lock.
    """
    withdraw_change(session, row, now)
    had = held_blocks(session, ("reservation", row.id))
    release(session, ("reservation", row.id))
    give_back(session, had, now)
    note_freed(session, Freed(row.pool_id, _period(row), now, by))
    row.status, row.reason, row.version = status, reason.strip(), row.version + 1
    session.flush()
    drop_reminders(session, About(row.id, row.version, None, _period(row)))
    end_if_over(session, row.group_id, now)


def _period(row: Reservation) -> Period:
    return Period(row.start_at, row.end_at)
