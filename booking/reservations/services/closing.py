"""Closing a unit for maintenance, calibration, a fault or its owner's use; and opening it again.

What depends on the unit is closed with it, or its people are warned.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, insert, or_, select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, may
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Conflict, Invalid, NotFound, Taken
from booking.core.period import Period, subtract
from booking.infra.db import lock_pools
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Closure
from booking.reservations.queries.affected import holds_unit_during
from booking.reservations.queries.availability import busy_blocks
from booking.reservations.queries.dependencies import dependents
from booking.reservations.rules.dealing import NOTHING_DECIDED, Dealing
from booking.reservations.rules.proposal import require_text
from booking.reservations.services.dealing import Dealt, Gone, deal, warn
from booking.reservations.services.holding import Block, plain, release, try_blocks
from booking.reservations.services.offering import Freed, note_freed

OWN_USE = "own_use"
KINDS = ("maintenance", "calibration", "fault", OWN_USE)
DEPENDENCY, CALIBRATION_DUE = "dependency", "calibration_due"  # written by the system
# The end of what is closed until further notice.
FAR = datetime(9998, 1, 1, tzinfo=UTC)
MOST_TIMES = 60  # of one series: five years of months


@dataclass(frozen=True, slots=True)
class Closing:
    """When a unit is closed and why; `rule` is what the times were made of (RFC 5545)."""

    periods: tuple[Period, ...]
    kind: str
    note: str = ""
    planned: bool = True
    rule: str = ""
    cause_id: int | None = None
    cause_unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """A closure made (the first of a series), what it was inserted around, what was dealt with."""

    closure_id: int
    kept: tuple[Period, ...]
    dealt: Dealt = Dealt()


def close_unit(
    session: Session,
    actor: Actor,
    unit_id: int,
    period: Period,
    kind: str,
    note: str,
    now: datetime,
    dealing: Dealing = NOTHING_DECIDED,
) -> Closed:
    """Block a unit for one period: `close_times` with one."""
    return close_times(session, actor, unit_id, Closing((period,), kind, note), dealing, now)


def close_times(
    session: Session, actor: Actor, unit_id: int, closing: Closing, dealing: Dealing, now: datetime
) -> Closed:
    """Block a unit, and what depends on it, at these times around what is kept.

    Raises NotFound (not the actor's lab, nor their institution's own use), Invalid, what `deal`
    raises while a reservation is undecided, Conflict when no free time is left inside.
    """
    if closing.kind not in KINDS:
        raise Invalid("unknown_closure", field="kind", actual=closing.kind)
    require_text("note", closing.note)
    pool_id = _pool_to_close(session, actor, unit_id, closing.kind)
    if not 1 <= len(closing.periods) <= MOST_TIMES:
        raise Invalid("out_of_range", field="repeats", least=1, most=MOST_TIMES,
                      actual=len(closing.periods))  # fmt: skip
    if closing.periods[0].end <= now:
        raise Invalid("ended_closure", field="end")
    fault = closing.kind == "fault"
    gones = closing_hits(session, unit_id, pool_id, closing.periods, fault=fault)
    warn_dependents(session, unit_id, closing, now)  # locks reservations, so before any pool
    dealt = deal(session, actor, gones, dealing, now)
    made = write_closures(session, actor, unit_id, pool_id, closing, now)
    for closure_id, period in made[0]:
        take_along(session, actor, unit_id, closing, (closure_id, period), now)
    return Closed(made[0][0][0], made[1], dealt)


def closing_hits(
    session: Session,
    unit_id: int,
    pool_id: int,
    periods: Sequence[Period],
    *,
    fault: bool = False,
) -> list[Gone]:
    """Return whom it hits when a unit is closed at these times, and what depends on it with it."""
    closed = [(unit_id, pool_id)]
    closed += [(d.unit_id, d.pool_id) for d in dependents(session, unit_id) if d.closes]
    return [
        Gone(
            pool, or_(*(holds_unit_during(unit, p) for p in periods)), (unit,),
            tells_kept=True, fault=fault,
        )
        for unit, pool in closed
    ]  # fmt: skip


def write_closures(
    session: Session, actor: Actor, unit_id: int, pool_id: int, closing: Closing, now: datetime
) -> tuple[list[tuple[int, Period]], tuple[Period, ...]]:
    """Return the closures written, with their periods, and the blocks they were written around.

    A time without anything free inside is left out; Conflict when all are.
    """
    written, around = [], []
    series = secrets.token_hex(8) if len(closing.periods) > 1 else None
    for period in closing.periods:
        kept = busy_blocks(session, [unit_id], period).get(unit_id, [])
        around += kept
        free = subtract(period, kept)
        if not free:
            continue
        values = {
            "pool_id": pool_id, "unit_id": unit_id, "kind": closing.kind,
            "note": closing.note.strip(), "start_at": period.start, "end_at": period.end,
            "created_at": now, "created_by_id": actor.user_id, "planned": int(closing.planned),
            "series_key": series, "rule": closing.rule or None, "cause_id": closing.cause_id,
            "cause_unit_id": closing.cause_unit_id,
        }  # fmt: skip
        statement = insert(Closure).values(values).returning(Closure.id)
        closure_id = int(session.execute(statement).scalar_one())
        blocks = [Block(unit_id, part) for part in free]
        if not try_blocks(session, blocks, ("closure", closure_id), pinned=True):
            raise Conflict(_taken(unit_id, kept))
        after = {"unit": unit_id, "kind": closing.kind, **plain(period)}
        record(session, actor, "unit.close", ("unit", unit_id), now, after=after)
        written.append((closure_id, period))
    if not written:
        raise Conflict(_taken(unit_id, around))
    return written, tuple(around)


def take_along(
    session: Session,
    actor: Actor,
    unit_id: int,
    closing: Closing,
    cause: tuple[int | None, Period],
    now: datetime,
) -> None:
    """Close what depends on a unit for the period of one closure, or while the unit is down."""
    closure_id, period = cause
    for one in dependents(session, unit_id):
        if not one.closes:
            continue
        along = Closing(
            (period,), DEPENDENCY, closing.note, closing.planned, cause_id=closure_id,
            cause_unit_id=unit_id if closure_id is None else None,
        )  # fmt: skip
        try:
            write_closures(session, actor, one.unit_id, one.pool_id, along, now)
        except Conflict:  # closed or taken all the time anyway
            continue


def warn_dependents(session: Session, unit_id: int, closing: Closing, now: datetime) -> None:
    """Tell those who have booked what is only warned about while a unit it needs is closed."""
    for one in dependents(session, unit_id):
        if not one.closes:
            during = or_(*(holds_unit_during(one.unit_id, p) for p in closing.periods))
            warn(session, Gone(one.pool_id, during, (one.unit_id,)), closing.note, now)


def reopen(
    session: Session, actor: Actor, closure_id: int, now: datetime, *, series: bool = False
) -> None:
    """End a closure, or all of its series that have not ended; what they blocked is free again.

    What was closed because of it opens too. Raises NotFound.
    """
    closure = session.scalars(
        select(Closure)
        .where(Closure.id == closure_id, Closure.cancelled_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if closure is None:
        raise NotFound("closure")
    _pool_to_close(session, actor, closure.unit_id, closure.kind)
    which = Closure.id == closure_id
    if series and closure.series_key:
        which = (Closure.series_key == closure.series_key) & (Closure.end_at > now)
    ids = session.scalars(select(Closure.id).where(which)).all()
    end_closures(session, actor, or_(which, Closure.cause_id.in_(ids)), now)


def end_closures(session: Session, actor: Actor, which: ColumnElement[bool], now: datetime) -> None:
    """End the closures `which` chooses, and free what they block."""
    rows = session.scalars(
        select(Closure)
        .where(which, Closure.cancelled_at.is_(None))
        .order_by(Closure.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    lock_pools(session, [closure.pool_id for closure in rows])
    for closure in rows:
        closure.cancelled_at = now
        release(session, ("closure", closure.id))
        period = Period(closure.start_at, closure.end_at)
        note_freed(session, Freed(closure.pool_id, period, now, actor.user_id))
        record(session, actor, "unit.reopen", ("unit", closure.unit_id), now)


def _pool_to_close(session: Session, actor: Actor, unit_id: int, kind: str) -> int:
    row = session.execute(
        select(Pool.id, Pool.lab_id, Pool.institution_id)
        .join(Unit, Unit.pool_id == Pool.id)
        .where(Unit.id == unit_id)
    ).one_or_none()
    subject = Subject(lab_id=row.lab_id, institution_id=row.institution_id) if row else Subject()
    takes_back = kind == OWN_USE and may(actor, "sharing.limit", subject)
    if row is None or not (takes_back or may(actor, "unit.close", subject)):
        raise NotFound("unit")
    return int(row.id)


def _taken(unit_id: int, blocks: Sequence[Period]) -> tuple[Taken, ...]:
    return tuple(Taken(unit_id, block) for block in blocks)
