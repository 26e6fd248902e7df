"""What stands beside a period on units, and whether its buffers may give way."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.period import Period
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.availability import ACTIVE
from booking.reservations.queries.facts import CLEANUP, WARMUP
from booking.reservations.rules.buffers import Neighbour
from booking.reservations.rules.eject import reach
from booking.reservations.rules.slots import UnitFacts


def neighbours(
    session: Session,
    units: Sequence[UnitFacts],
    period: Period,
    person_id: int | None,
) -> dict[int, list[Neighbour]]:
    """Return what is in the way of `period` with buffers, by unit, in order. One query.

    Those of the person may share a buffer; None shares with nobody.
    """
    within = reach(units, [period])
    rows = session.execute(
        select(
            Allocation.id, Allocation.unit_id, Allocation.block_start, Allocation.block_end,
            Reservation.start_at, Reservation.end_at, Reservation.user_id,
        )
        .outerjoin(Reservation, Reservation.id == Allocation.reservation_id)
        .where(Allocation.unit_id.in_([unit.unit_id for unit in units]), ACTIVE)
        .where(Allocation.block_start < within.end, Allocation.block_end > within.start)
        .order_by(Allocation.unit_id, Allocation.block_start)
    )  # fmt: skip
    found: dict[int, list[Neighbour]] = {}
    for row in rows:
        shown = Period(row.start_at, row.end_at) if row.start_at is not None else None
        shares = person_id is not None and row.user_id == person_id
        block = Period(row.block_start, row.block_end)
        found.setdefault(row.unit_id, []).append(Neighbour(row.id, block, shown, shares))
    return found


@dataclass(frozen=True, slots=True)
class Beside:
    """What touches a time that was freed, and how much of it its own buffers want."""

    allocation_id: int
    block: Period


def touching(session: Session, unit_id: int, freed: Period) -> list[Beside]:
    """Return the neighbours of a freed block that were shortened for it, with their whole block.

    No more of it than was freed. One query.
    """
    rows = session.execute(
        select(
            Allocation.id, Allocation.block_start, Allocation.block_end, Reservation.start_at,
            Reservation.end_at, WARMUP.label("warmup"), CLEANUP.label("cleanup"),
        )
        .join(Reservation, Reservation.id == Allocation.reservation_id)
        .join(Unit, Unit.id == Allocation.unit_id)
        .join(Pool, Pool.id == Unit.pool_id)
        .where(Allocation.unit_id == unit_id, ACTIVE)
        .where((Allocation.block_end == freed.start) | (Allocation.block_start == freed.end))
    )  # fmt: skip
    found = []
    for row in rows:
        whole = Period(row.start_at, row.end_at).widened(row.warmup, row.cleanup)
        start, end = row.block_start, row.block_end
        if end == freed.start:
            end = max(end, min(whole.end, freed.end))
        else:
            start = min(start, max(whole.start, freed.start))
        if (start, end) != (row.block_start, row.block_end):
            found.append(Beside(row.id, Period(start, end)))
    return found
