"""What stands in a calendar: reservations the reader may see, and what else holds a unit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from booking.audit.models import Audit
from booking.core.actor import Actor
from booking.core.period import Period
from booking.feeds.rules.scopes import COMPANY, LAB, MOST_ENTRIES, UNIT, Scope, span
from booking.inventory.models import Pool
from booking.reservations.models import LONG_SECONDS, Allocation, Reservation
from booking.reservations.queries.named import (
    Named,
    UnitName,
    named,
    named_reservations,
    units_named,
)
from booking.reservations.queries.reservations import seen_by

_SHOWN: ColumnElement[bool] = literal_column(
    "reservation.status IN ('pending','approved','in_use','completed')"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One reservation of a calendar, its units, and when it last changed."""

    found: Named
    units: tuple[UnitName, ...]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Block:
    """A time in which a unit is held, for the reader by nobody in particular."""

    id: int
    period: Period
    reservation_id: int | None


def visible_lines(
    session: Session, actor: Actor, scope: Scope, during: Period, now: datetime
) -> tuple[list[Line], bool]:
    """Return what meets `during`, by start, 5,000 at most, and whether there is more.

    Only what `actor` may see. Pending ones too, but for those whose time to decide is over; not
    what was cancelled, rejected, expired or not come for. Four queries.
    """
    found = union_all(*(_ids(actor, scope, during, part) for part in _parts(during)))
    query = named_reservations().where(Reservation.id.in_(found), _open(now))
    query = query.order_by(Reservation.start_at, Reservation.id).limit(MOST_ENTRIES + 1)
    rows = [named(row) for row in session.execute(query)]
    return lines_of(session, rows[:MOST_ENTRIES]), len(rows) > MOST_ENTRIES


def visible_line(
    session: Session, actor: Actor, scope: Scope, reference: str, now: datetime
) -> Line | None:
    """Return one reservation of a calendar, None where it is not in it. Four queries."""
    during = span(now)
    query = named_reservations().where(
        Reservation.reference == reference, _of(actor, scope, during), seen_by(actor), _SHOWN,
        _open(now), Reservation.start_at < during.end, Reservation.end_at > during.start,
    )  # fmt: skip
    row = session.execute(query).one_or_none()
    return lines_of(session, [named(row)])[0] if row else None


def blocks_of(session: Session, unit_id: int, during: Period) -> list[Block]:
    """Return what holds a unit, buffers included, by start: reservations and closures. One query.

    Rows are retired a day after their end: earlier ones are not told of.
    """
    rows = session.execute(
        select(
            Allocation.id, Allocation.block_start, Allocation.block_end, Allocation.reservation_id
        )
        .where(Allocation.unit_id == unit_id, literal_column("allocation.active = 1"))
        .where(Allocation.block_start < during.end, Allocation.block_end > during.start)
        .where(Allocation.hold_id.is_(None))  # open forms come and go
        .order_by(Allocation.block_start, Allocation.id)
        .limit(MOST_ENTRIES)
    )
    return [Block(key, Period(start, end), reservation) for key, start, end, reservation in rows]


def lines_of(session: Session, rows: list[Named]) -> list[Line]:
    """Return reservations with their units and when they last changed. Three queries."""
    ids = [each.row.id for each in rows]
    units, changed = units_named(session, ids), _changed(session, ids)
    return [
        Line(each, tuple(units.get(each.row.id, ())), changed.get(each.row.id, each.row.created_at))
        for each in rows
    ]


def _changed(session: Session, ids: list[int]) -> dict[int, datetime]:
    """Return when each reservation was last written about; imported ones may have no such row."""
    query = select(Audit.subject_id, func.max(Audit.at)).group_by(Audit.subject_id)
    query = query.where(Audit.subject_type == "reservation", Audit.subject_id.in_(ids))
    return {row[0]: row[1] for row in session.execute(query)}


def _ids(actor: Actor, scope: Scope, during: Period, part: ColumnElement[bool]) -> Any:
    meets = (Reservation.start_at < during.end, Reservation.end_at > during.start, _SHOWN)
    return select(Reservation.id).where(_of(actor, scope, during), seen_by(actor), *meets, part)


def _parts(during: Period) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the two parts of what meets a time: begun lately, and the long ones before.

    Each has its index; asked for together they would be looked for in all history.
    """
    first = during.start - timedelta(seconds=LONG_SECONDS)
    long: ColumnElement[bool] = literal_column(
        f"reservation.end_at - reservation.start_at > {LONG_SECONDS}"
    )
    return Reservation.start_at > first, long & (Reservation.start_at <= first)


def _open(now: datetime) -> ColumnElement[bool]:
    decidable = or_(Reservation.decide_by.is_(None), Reservation.decide_by > now)
    return or_(Reservation.status != "pending", decidable)


def _of(actor: Actor, scope: Scope, during: Period) -> ColumnElement[bool]:
    if scope.kind == COMPANY:
        return Reservation.company_id == scope.id
    if scope.kind == LAB:
        return Reservation.pool_id.in_(select(Pool.id).where(Pool.lab_id == scope.id))
    if scope.kind == UNIT:
        held = select(Allocation.reservation_id).where(
            Allocation.unit_id == scope.id,
            literal_column("allocation.active = 1"),
            Allocation.block_start < during.end,
            Allocation.block_end > during.start,
            Allocation.reservation_id.is_not(None),
        )
        return Reservation.id.in_(held)
    return Reservation.user_id == actor.user_id
