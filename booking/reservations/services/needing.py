"""What a unit needs to run: gas, vacuum, cooling, each a unit of its own."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid
from booking.inventory.models import Unit, UnitDependency
from booking.inventory.queries.editing import visible_unit_to_edit
from booking.reservations.queries.dependencies import needs_of

EFFECTS = ("close", "warn")
MOST_NEEDS = 20


def add_need(
    session: Session, actor: Actor, unit_id: int, asset_no: str, effect: str, now: datetime
) -> int:
    """Return the unit of the same institution that `unit_id` needs from now on.

    Raises NotFound, Invalid: nothing has that number, it is the unit itself, or too many.
    """
    unit, _pool = visible_unit_to_edit(session, actor, unit_id)
    if effect not in EFFECTS:
        raise Invalid("unknown_choice", field="effect", actual=effect)
    needed = session.scalar(
        select(Unit.id).where(
            Unit.institution_id == unit.institution_id, Unit.asset_no == asset_no.strip(),
            Unit.retired_at.is_(None),
        )
    )  # fmt: skip
    if needed is None or needed == unit_id:
        raise Invalid("unknown_asset_no", field="asset_no", actual=asset_no)
    known = dict(needs_of(session, unit_id))
    if needed not in known and len(known) >= MOST_NEEDS:
        raise Invalid("out_of_range", field="asset_no", least=0, most=MOST_NEEDS, actual=len(known))
    drop_need(session, actor, unit_id, needed, now)
    session.execute(
        insert(UnitDependency).values(unit_id=unit_id, needs_unit_id=needed, effect=effect)
    )
    after = {"needs": needed, "effect": effect}
    record(session, actor, "unit.need", ("unit", unit_id), now, after=after)
    return int(needed)


def drop_need(session: Session, actor: Actor, unit_id: int, needed: int, now: datetime) -> None:
    """Forget that a unit needs another. Raises NotFound."""
    visible_unit_to_edit(session, actor, unit_id)
    gone = session.execute(
        delete(UnitDependency)
        .where(UnitDependency.unit_id == unit_id, UnitDependency.needs_unit_id == needed)
        .returning(UnitDependency.unit_id)
    ).all()
    if gone:
        before = {"needs": needed}
        record(session, actor, "unit.no_need", ("unit", unit_id), now, before=before)
