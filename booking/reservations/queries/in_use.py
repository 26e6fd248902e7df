"""Which units a file may not take out of service, or back: they are booked, or others need them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.inventory.models import UnitDependency
from booking.inventory.rules.plan import InUse
from booking.reservations.models import LIVE, Allocation, Hold, Reservation
from booking.reservations.queries.availability import ACTIVE

AT_ONCE = 500
MOST_NAMED = 5


def bars_at(now: datetime) -> Callable[[Session, Sequence[int]], Mapping[int, InUse]]:
    """Return what tells of units why they must keep their state at `now`: see `units_in_use`."""

    def bars(session: Session, unit_ids: Sequence[int]) -> Mapping[int, InUse]:
        return units_in_use(session, unit_ids, now)

    return bars


def units_in_use(session: Session, unit_ids: Sequence[int], now: datetime) -> dict[int, InUse]:
    """Return why these units must keep their state; those that may change it are left out.

    What is booked on one is dealt with on its page: moved, kept or cancelled. So is what closes
    or opens with one that others need. Three queries for each 500 units.
    """
    found: dict[int, InUse] = {}
    for first in range(0, len(unit_ids), AT_ONCE):
        some = unit_ids[first : first + AT_ONCE]
        needed = select(UnitDependency.needs_unit_id).where(UnitDependency.needs_unit_id.in_(some))
        found |= dict.fromkeys(session.scalars(needed), InUse("import_needed"))
        for unit_id, references in _booked(session, some, now).items():
            named = ", ".join(references[:MOST_NAMED])
            named += ", …" if len(references) > MOST_NAMED else ""
            found[unit_id] = InUse("import_booked", {"count": len(references), "references": named})
    return found


def _booked(session: Session, unit_ids: Sequence[int], now: datetime) -> dict[int, list[str]]:
    """Return the references of live reservations of each unit, and of changes asked for there."""
    held = (Allocation.unit_id.in_(unit_ids), ACTIVE, Allocation.block_end > now)
    live = (Reservation.status.in_(LIVE), Reservation.end_at > now)
    columns = select(Allocation.unit_id, Reservation.reference, Reservation.start_at)
    own = columns.join(Reservation, Reservation.id == Allocation.reservation_id)
    moving = columns.join(Hold, Hold.id == Allocation.hold_id)
    moving = moving.join(Reservation, Reservation.id == Hold.reservation_id)
    found: dict[int, dict[str, None]] = {}
    for query in (own, moving):
        rows = session.execute(query.where(*held, *live).order_by(Reservation.start_at))
        for unit_id, reference, _start in rows:
            found.setdefault(unit_id, {})[reference] = None
    return {unit_id: list(references) for unit_id, references in found.items()}
