"""Letting buffers give way: between neighbours who share one, or with a manager's reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.period import Period
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.neighbours import neighbours, touching
from booking.reservations.rules.buffers import Squeezed, squeezed
from booking.reservations.rules.slots import UnitFacts
from booking.reservations.services.holding import Block, plain, try_blocks


@dataclass(frozen=True, slots=True)
class Leave:
    """Whose buffers may give way: those of the person (and so of their chain), None: of nobody.

    `reason`: a manager's, for using anybody's; empty for none.
    """

    person_id: int | None = None
    reason: str = ""

    def __bool__(self) -> bool:
        """Return whether any may."""
        return bool(self.person_id or self.reason)


@dataclass(frozen=True, slots=True)
class Fit:
    """A unit on which a period fits when buffers give way."""

    unit_id: int
    how: Squeezed


def leave_of(pool: PoolFacts, person_id: int | None, reason: str = "") -> Leave:
    """Return whose buffers may give way for a person in a pool, and for a manager's reason."""
    return Leave(person_id if pool.rules.share_buffers.value else None, reason)


def give_back(session: Session, freed: Sequence[Block], now: datetime) -> None:
    """Give neighbours back the buffers that blocks now freed had taken. The pool is locked."""
    for block in freed:
        for one in touching(session, block.unit_id, block.period):
            session.execute(
                update(Allocation)
                .where(Allocation.id == one.allocation_id)
                .values(block_start=one.block.start, block_end=one.block.end)
            )
            after = {"unit": block.unit_id, **plain(one.block)}
            subject = ("allocation", one.allocation_id)
            record(session, None, "allocation.widen", subject, now, after=after)


def fits_squeezed(
    session: Session, units: Sequence[UnitFacts], period: Period, leave: Leave
) -> list[Fit]:
    """Return the units on which the period fits when buffers give way, by id. One query."""
    beside = neighbours(session, units, period, leave.person_id)
    found = []
    for unit in units:
        rows, override = beside.get(unit.unit_id, []), bool(leave.reason)
        how = squeezed(unit, period, rows, override=override)
        if how is not None:
            found.append(Fit(unit.unit_id, how))
    return found


def hold_squeezed(
    session: Session,
    actor: Actor | None,
    fits: Sequence[Fit],
    owner: tuple[str, int],
    leave: Leave,
    now: datetime,
    *,
    pinned: bool,
) -> bool:
    """Return whether these units are held now, their neighbours' blocks shortened; on record.

    A reservation made inside a buffer with a manager's leave keeps the reason.
    """

    def shorten() -> None:
        for fit in fits:
            _shorten(session, actor, fit, now)

    blocks = [Block(fit.unit_id, fit.how.block) for fit in fits]
    if not try_blocks(session, blocks, owner, pinned=pinned, after=shorten):
        return False
    if leave.reason and any(fit.how.others for fit in fits):
        _flag(session, actor, owner, leave.reason, now)
    return True


def _shorten(session: Session, actor: Actor | None, fit: Fit, now: datetime) -> None:
    for allocation_id, period in fit.how.others:
        session.execute(
            update(Allocation)
            .where(Allocation.id == allocation_id)
            .values(block_start=period.start, block_end=period.end)
        )
        after = {"unit": fit.unit_id, **plain(period)}
        subject = ("allocation", allocation_id)
        record(session, actor, "allocation.shorten", subject, now, after=after)


def _flag(
    session: Session, actor: Actor | None, owner: tuple[str, int], reason: str, now: datetime
) -> None:
    kind, owner_id = owner
    if kind == "reservation":
        session.execute(
            update(Reservation).where(Reservation.id == owner_id).values(override_reason=reason)
        )
    record(session, actor, f"{kind}.inside_buffer", owner, now, reason=reason)
