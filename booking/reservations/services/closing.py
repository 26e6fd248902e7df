"""Closing a unit for maintenance, calibration, a fault or its owner's use; and opening it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.accounts.rules import Subject, may
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Conflict, Invalid, NotFound, Taken
from booking.core.period import Period, subtract
from booking.infra.db import lock_pools
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Closure
from booking.reservations.queries.availability import busy_blocks
from booking.reservations.rules.proposal import require_text
from booking.reservations.services.holding import Block, plain, release, try_blocks

KINDS = ("maintenance", "calibration", "fault", "own_use")


@dataclass(frozen=True, slots=True)
class Closed:
    """A closure made, and the blocks of kept reservations it was inserted around."""

    closure_id: int
    kept: tuple[Period, ...]


def close_unit(
    session: Session,
    actor: Actor,
    unit_id: int,
    period: Period,
    kind: str,
    note: str,
    now: datetime,
) -> Closed:
    """Block a unit for `period` around what is already held; kept reservations are returned.

    Raises NotFound (not the actor's lab), Invalid, Conflict when no free time is left inside.
    """
    if kind not in KINDS:
        raise Invalid("unknown_closure", field="kind", actual=kind)
    require_text("note", note)
    pool_id = _pool_to_close(session, actor, unit_id)
    if period.end <= now:
        raise Invalid("ended_closure", field="end")
    lock_pools(session, [pool_id])
    kept = busy_blocks(session, [unit_id], period).get(unit_id, [])
    free = subtract(period, kept)
    if not free:
        raise Conflict(_taken(unit_id, kept))
    values = {
        "pool_id": pool_id, "unit_id": unit_id, "kind": kind, "note": note.strip(),
        "start_at": period.start, "end_at": period.end, "created_at": now,
        "created_by_id": actor.user_id,
    }  # fmt: skip
    closure_id = int(
        session.execute(insert(Closure).values(values).returning(Closure.id)).scalar_one()
    )
    blocks = [Block(unit_id, part) for part in free]
    if not try_blocks(session, blocks, ("closure", closure_id), pinned=True):
        raise Conflict(_taken(unit_id, busy_blocks(session, [unit_id], period).get(unit_id, [])))
    after = {"unit": unit_id, "kind": kind, **plain(period)}
    record(session, actor, "unit.close", ("unit", unit_id), now, after=after)
    return Closed(closure_id, tuple(kept))


def reopen(session: Session, actor: Actor, closure_id: int, now: datetime) -> None:
    """End a closure: what it blocked is free again. Raises NotFound."""
    closure = session.scalars(
        select(Closure)
        .where(Closure.id == closure_id, Closure.cancelled_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if closure is None:
        raise NotFound("closure")
    lock_pools(session, [_pool_to_close(session, actor, closure.unit_id)])
    closure.cancelled_at = now
    release(session, ("closure", closure_id))
    record(session, actor, "unit.reopen", ("unit", closure.unit_id), now)


def _pool_to_close(session: Session, actor: Actor, unit_id: int) -> int:
    row = session.execute(
        select(Pool.id, Pool.lab_id, Pool.institution_id)
        .join(Unit, Unit.pool_id == Pool.id)
        .where(Unit.id == unit_id)
    ).one_or_none()
    subject = Subject(lab_id=row.lab_id, institution_id=row.institution_id) if row else Subject()
    if row is None or not may(actor, "unit.close", subject):
        raise NotFound("unit")
    return int(row.id)


def _taken(unit_id: int, blocks: Sequence[Period]) -> tuple[Taken, ...]:
    return tuple(Taken(unit_id, block) for block in blocks)
