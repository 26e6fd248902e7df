"""What a reservation was of, to book it again."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.reservations.models import Allocation


def named_units(session: Session, reservation_ids: Sequence[int]) -> dict[int, int]:
    """Return the unit that was asked for by name, by reservation. One query.

    Those of any unit, or of several, are left out.
    """
    rows = session.execute(
        select(Allocation.reservation_id, Allocation.unit_id)
        .where(Allocation.reservation_id.in_(reservation_ids), Allocation.pinned == 1)
        .order_by(Allocation.id)
    )
    found: dict[int, set[int]] = {}
    for reservation_id, unit_id in rows:
        found.setdefault(reservation_id or 0, set()).add(unit_id)
    return {key: units.pop() for key, units in found.items() if len(units) == 1}
