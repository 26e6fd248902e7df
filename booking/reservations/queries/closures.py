"""Closures of a unit, and the reservations kept inside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.permissions import may_look
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.core.period import Period
from booking.inventory.models import Unit
from booking.reservations.models import Allocation, Closure, Reservation
from booking.reservations.queries.availability import ACTIVE
from booking.reservations.queries.facts import PoolFacts, pool_facts, pool_of_unit
from booking.reservations.queries.named import (
    Named,
    UnitName,
    named,
    named_reservations,
    unit_names,
)


@dataclass(frozen=True, slots=True)
class Closable:
    """A unit the actor may close, with its pool and when it is due for calibration."""

    unit: UnitName
    pool: PoolFacts
    calibration_due_on: str | None
    calibration_every_days: int | None
    calibration_warn_days: int


@dataclass(frozen=True, slots=True)
class Coming:
    """A closure not yet over, who made it, and the reservations kept inside its time."""

    closure_id: int
    kind: str
    note: str
    period: Period
    by: str
    planned: bool
    series: bool
    kept: tuple[Named, ...]


def closable_unit(session: Session, actor: Actor, unit_id: int) -> Closable:
    """Return the unit. Raises NotFound when missing or not the actor's to look after."""
    pool_id, _state = pool_of_unit(session, unit_id)
    pool = pool_facts(session, [pool_id])[pool_id]
    if not may_look(actor, "unit.close", pool.subject()):
        raise NotFound("unit")
    row = session.execute(
        select(
            Unit.calibration_due_on, Unit.calibration_every_days, Unit.calibration_warn_days
        ).where(Unit.id == unit_id)
    ).one()
    return Closable(unit_names(session, {unit_id})[unit_id], pool, *row)


def coming_closures(session: Session, unit_id: int, now: datetime) -> list[Coming]:
    """Return the unit's closures that have not ended, soonest first. Two queries."""
    rows = session.execute(
        select(Closure, User.name)
        .outerjoin(User, User.id == Closure.created_by_id)
        .where(Closure.unit_id == unit_id, Closure.cancelled_at.is_(None), Closure.end_at > now)
        .order_by(Closure.start_at, Closure.id)
    ).all()
    periods = [Period(closure.start_at, closure.end_at) for closure, _ in rows]
    kept = _kept(session, unit_id, periods)
    return [
        Coming(
            closure.id, closure.kind, closure.note, period, name or "",
            bool(closure.planned), closure.series_key is not None,
            tuple(k for k in kept if k.period.overlaps(period)),
        )
        for (closure, name), period in zip(rows, periods, strict=True)
    ]  # fmt: skip


def unit_of_closure(session: Session, closure_id: int) -> int:
    """Return the unit a closure closes or closed. Raises NotFound."""
    unit_id = session.execute(select(Closure.unit_id).where(Closure.id == closure_id)).scalar()
    if unit_id is None:
        raise NotFound("closure")
    return unit_id


def _kept(session: Session, unit_id: int, periods: Sequence[Period]) -> list[Named]:
    if not periods:
        return []
    held = select(Allocation.reservation_id).where(
        Allocation.unit_id == unit_id, ACTIVE, Allocation.reservation_id.is_not(None),
        Allocation.block_end > min(p.start for p in periods),
        Allocation.block_start < max(p.end for p in periods),
    )  # fmt: skip
    query = named_reservations().where(Reservation.id.in_(held))
    rows = session.execute(query.order_by(Reservation.start_at, Reservation.id))
    return [named(row) for row in rows]
