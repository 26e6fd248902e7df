"""The invariants of a live database, each as a query for what breaks it; empty is healthy."""

from datetime import datetime, timedelta

from sqlalchemy import Integer, Text, cast, exists, func, literal, select
from sqlalchemy.orm import Session

from booking.infra.db import BigInt
from booking.infra.outbox import Outbox
from booking.inventory.models import Unit
from booking.reservations.models import (
    LIVE,
    Allocation,
    Closure,
    Draw,
    DrawEntry,
    Hold,
    Reservation,
)
from booking.reservations.queries.availability import ACTIVE

SHOWN = 20
GRACE = timedelta(days=1)  # allocations stay live a day past their end


def overlaps(session: Session) -> list[int]:
    """Return allocations that start before an earlier one of their unit has ended."""
    before = func.lag(Allocation.block_end).over(
        partition_by=Allocation.unit_id, order_by=Allocation.block_start
    )
    inner = (
        select(
            Allocation.id,
            cast(Allocation.block_start, BigInt).label("starts"),
            cast(before, BigInt).label("before"),
        )
        .where(ACTIVE)
        .subquery()
    )
    query = select(inner.c.id).where(inner.c.before > inner.c.starts).order_by(inner.c.id)
    return list(session.scalars(query.limit(SHOWN)))


def short_of_units(session: Session, now: datetime) -> list[int]:
    """Return live reservations that hold fewer or more units than their quantity."""
    held = (
        select(func.count())
        .select_from(Allocation)
        .where(Allocation.reservation_id == Reservation.id, ACTIVE)
        .correlate(Reservation)
        .scalar_subquery()
    )
    query = (
        select(Reservation.id)
        .where(Reservation.status.in_(LIVE), Reservation.end_at > now)
        .where(cast(held, Integer) != Reservation.quantity)
        .order_by(Reservation.id)
    )
    return list(session.scalars(query.limit(SHOWN)))


def held_for_nothing(session: Session) -> list[int]:
    """Return active allocations whose reservation, hold or closure has ended."""
    ended = exists().where(
        Reservation.id == Allocation.reservation_id,
        Reservation.status.not_in((*LIVE, "completed")),
    )
    released = exists().where(Hold.id == Allocation.hold_id, Hold.released_at.is_not(None))
    reopened = exists().where(
        Closure.id == Allocation.closure_id, Closure.cancelled_at.is_not(None)
    )
    query = select(Allocation.id).where(ACTIVE).where(ended | released | reopened)
    return list(session.scalars(query.order_by(Allocation.id).limit(SHOWN)))


def shown_but_not_blocked(session: Session) -> list[int]:
    """Return active allocations that do not cover the shown times of their reservation."""
    query = (
        select(Allocation.id)
        .join(Reservation, Reservation.id == Allocation.reservation_id)
        .where(ACTIVE)
        .where(
            (Allocation.block_start > Reservation.start_at)
            | (Allocation.block_end < Reservation.end_at)
        )
        .order_by(Allocation.id)
    )
    return list(session.scalars(query.limit(SHOWN)))


def forgotten(session: Session, now: datetime) -> list[int]:
    """Return allocations still active two days past their end: nobody retires them."""
    query = select(Allocation.id).where(ACTIVE, Allocation.block_end < now - 2 * GRACE)
    return list(session.scalars(query.order_by(Allocation.id).limit(SHOWN)))


def astray(session: Session, now: datetime) -> list[int]:
    """Return live reservations of one pool that hold a unit of another."""
    query = (
        select(Reservation.id)
        .join(Allocation, Allocation.reservation_id == Reservation.id)
        .join(Unit, Unit.id == Allocation.unit_id)
        .where(ACTIVE, Unit.pool_id != Reservation.pool_id)
        .where(Reservation.status.in_(LIVE), Reservation.end_at > now)
        .order_by(Reservation.id)
    )
    return list(session.scalars(query.limit(SHOWN)))


def untrue_reminders(session: Session) -> list[int]:
    """Return unsent reminders of reservations that have ended."""
    ended = exists().where(
        Outbox.subject_ref == literal("reservation:", Text).concat(cast(Reservation.id, Text)),
        Reservation.status.in_(("cancelled", "rejected", "expired")),
    )
    query = select(Outbox.id).where(
        Outbox.kind == "reminder", Outbox.next_try_at.is_not(None), ended
    )
    return list(session.scalars(query.order_by(Outbox.id).limit(SHOWN)))


def undrawn(session: Session, now: datetime) -> list[int]:
    """Return requests for a day that their draw forgot, or that nobody has drawn for a day."""
    query = (
        select(DrawEntry.id)
        .join(Draw, Draw.id == DrawEntry.draw_id)
        .where(DrawEntry.state == "waiting")
        .where((Draw.state == "done") | (Draw.draws_at < now - GRACE))
    )
    return list(session.scalars(query.order_by(DrawEntry.id).limit(SHOWN)))


def broken(session: Session, now: datetime) -> dict[str, list[int]]:
    """Return what breaks each invariant, up to 20 ids each; an empty dict is a healthy database."""
    found = {
        "overlapping allocations": overlaps(session),
        "reservations without their units": short_of_units(session, now),
        "allocations held for nothing": held_for_nothing(session),
        "allocations shorter than the shown times": shown_but_not_blocked(session),
        "allocations not retired": forgotten(session, now),
        "reservations on a unit of another pool": astray(session, now),
        "reminders of ended reservations": untrue_reminders(session),
        "requests that no draw decided": undrawn(session, now),
    }
    return {name: ids for name, ids in found.items() if ids}
