"""The invariants of short holds, the waitlist, undecided changes and messages; see `sweep`."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from booking.infra.db import BigInt
from booking.infra.outbox import CLAIMED, PENDING, Outbox
from booking.reservations.models import (
    LIVE,
    Allocation,
    Draw,
    DrawEntry,
    Hold,
    Reservation,
    WaitlistEntry,
)
from booking.reservations.queries.availability import ACTIVE

SHOWN = 20
LATE = timedelta(hours=1)  # jobs run every minute
ABOUT = "reservation:"
UNSENT = (PENDING, CLAIMED)
LIVE_HOLD: ColumnElement[bool] = Hold.released_at.is_(None)


def short_holds(session: Session, _now: datetime) -> list[int]:
    """Return live short holds and offers that hold fewer or more units than they should.

    An offer to move up holds what the reservation does not have already.
    """
    held = (
        select(func.count())
        .select_from(Allocation)
        .where(Allocation.hold_id == Hold.id, ACTIVE)
        .correlate(Hold)
        .scalar_subquery()
    )
    moves = exists().where(
        WaitlistEntry.hold_id == Hold.id, WaitlistEntry.reservation_id.is_not(None)
    )
    query = select(Hold.id).where(LIVE_HOLD, Hold.kind.in_(("form", "offer")))
    return _ids(session, query.where(case((moves, held < 1), else_=held != Hold.quantity)), Hold.id)


def changes_of_ended(session: Session, _now: datetime) -> list[int]:
    """Return undecided changes of reservations that have ended."""
    query = select(Hold.id).join(Reservation, Reservation.id == Hold.reservation_id)
    return _ids(session, query.where(LIVE_HOLD, Reservation.status.not_in(LIVE)), Hold.id)


def offers_without_hold(session: Session, _now: datetime) -> list[int]:
    """Return entries of the waitlist that are offered what is no longer held for them."""
    holds = exists().where(
        Hold.id == WaitlistEntry.hold_id, LIVE_HOLD, Hold.kind == "offer",
        Hold.pool_id == WaitlistEntry.pool_id, Hold.user_id == WaitlistEntry.user_id,
    )  # fmt: skip
    query = select(WaitlistEntry.id).where(WaitlistEntry.state == "offered", ~holds)
    return _ids(session, query, WaitlistEntry.id)


def holds_without_offer(session: Session, _now: datetime) -> list[int]:
    """Return holds for offers that nobody is offered."""
    offered = exists().where(WaitlistEntry.hold_id == Hold.id, WaitlistEntry.state == "offered")
    query = select(Hold.id).where(LIVE_HOLD, Hold.kind == "offer", ~offered)
    return _ids(session, query, Hold.id)


def untrue_reminders(session: Session, _now: datetime) -> list[int]:
    """Return unsent reminders of reservations that have ended or start at another time."""
    # From the message to its reservation, whose key is an index; the other way there is none.
    number = case((Outbox.subject_ref.like(f"{ABOUT}%"), _number_of(Outbox.subject_ref)))
    ended = Reservation.status.in_(("cancelled", "rejected", "expired"))
    moved = Outbox.useful_until != Reservation.start_at
    query = (
        select(Outbox.id)
        .join(Reservation, Reservation.id == number)
        .where(Outbox.kind == "reminder", Outbox.next_try_at.is_not(None), or_(ended, moved))
    )
    return _ids(session, query, Outbox.id)


def stuck_messages(session: Session, _now: datetime) -> list[int]:
    """Return messages nobody will send, and ended ones that would still be tried."""
    unsent = Outbox.state.in_(UNSENT)
    query = select(Outbox.id).where(unsent == Outbox.next_try_at.is_(None))
    return _ids(session, query, Outbox.id)


def undrawn(session: Session, now: datetime) -> list[int]:
    """Return requests for a day that their draw forgot, or that nobody has drawn for a day."""
    query = (
        select(DrawEntry.id)
        .join(Draw, Draw.id == DrawEntry.draw_id)
        .where(DrawEntry.state == "waiting")
        .where((Draw.state == "done") | (Draw.draws_at < now - timedelta(days=1)))
    )
    return _ids(session, query, DrawEntry.id)


def holds_not_released(session: Session, now: datetime) -> list[int]:
    """Return short holds, offers and undecided changes long past their end."""
    query = select(Hold.id).where(LIVE_HOLD, Hold.expires_at < now - LATE)
    return _ids(session, query, Hold.id)


def waiting_in_vain(session: Session, now: datetime) -> list[int]:
    """Return entries of the waitlist whose time has passed."""
    queued = WaitlistEntry.state.in_(("waiting", "offered"))
    query = select(WaitlistEntry.id).where(queued, WaitlistEntry.last_at < now - LATE)
    return _ids(session, query.where(WaitlistEntry.kind != "notice"), WaitlistEntry.id)


def not_sent(session: Session, now: datetime) -> list[int]:
    """Return messages that have been due for an hour; after a failure the next try is later."""
    # What is due at once has an instant before all others: it is late by when it was written.
    due = (Outbox.next_try_at < now - LATE) & (Outbox.created_at < now - LATE)
    return _ids(session, select(Outbox.id).where(due), Outbox.id)


def _number_of(ref: Any) -> ColumnElement[int]:
    return cast(func.substr(ref, len(ABOUT) + 1), BigInt)


def _ids(session: Session, query: Select[int], order: Any) -> list[int]:
    return list(session.scalars(query.order_by(order).limit(SHOWN)))


Check = Callable[[Session, datetime], list[int]]
BROKEN: Mapping[str, Check] = MappingProxyType({
    "short holds without their units": short_holds,
    "undecided changes of ended reservations": changes_of_ended,
    "offers that hold nothing": offers_without_hold,
    "holds that nobody is offered": holds_without_offer,
    "reminders of what has ended or moved": untrue_reminders,
    "messages that are stuck": stuck_messages,
    "requests that no draw decided": undrawn,
})  # fmt: skip
OVERDUE: Mapping[str, Check] = MappingProxyType({
    "holds not released": holds_not_released,
    "waitlist entries past their time": waiting_in_vain,
    "messages not sent": not_sent,
})  # fmt: skip
