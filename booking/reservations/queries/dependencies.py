"""What depends on a unit: gas, vacuum, cooling; and what a unit needs."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.inventory.models import Unit, UnitDependency

MOST = 200  # units that one unit may take down with it


@dataclass(frozen=True, slots=True)
class Dependent:
    """A unit that another one takes with it: closed, or its people warned."""

    unit_id: int
    pool_id: int
    closes: bool


def dependents(session: Session, unit_id: int) -> list[Dependent]:
    """Return what depends on a unit, directly or through others, nearest first, each once.

    Through a unit that only warns nothing is closed. One query a step of the chain; what goes in a
    circle is met once.
    """
    found: dict[int, Dependent] = {}
    reached = {unit_id: True}
    while reached and len(found) < MOST:
        rows = session.execute(
            select(
                UnitDependency.unit_id, UnitDependency.needs_unit_id, UnitDependency.effect,
                Unit.pool_id,
            )
            .join(Unit, Unit.id == UnitDependency.unit_id)
            .where(UnitDependency.needs_unit_id.in_(reached), Unit.retired_at.is_(None))
            .order_by(UnitDependency.unit_id, UnitDependency.needs_unit_id)
        ).all()  # fmt: skip
        following: dict[int, bool] = {}
        for row in rows:
            closes = row.effect == "close" and reached[row.needs_unit_id]
            known = found.get(row.unit_id)
            if row.unit_id != unit_id and (known is None or (closes and not known.closes)):
                found[row.unit_id] = Dependent(row.unit_id, row.pool_id, closes)
                following[row.unit_id] = closes
        reached = following
    return list(found.values())[:MOST]


def needs_of(session: Session, unit_id: int) -> list[tuple[int, str]]:
    """Return (unit needed, effect) of a unit, by id. One query."""
    rows = session.execute(
        select(UnitDependency.needs_unit_id, UnitDependency.effect)
        .where(UnitDependency.unit_id == unit_id)
        .order_by(UnitDependency.needs_unit_id)
    )
    return [(row.needs_unit_id, row.effect) for row in rows]
