"""Pools and units as plain rows, for programs; pages have cards of their own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.inventory.models import BOOKABLE_STATES, Pool, Unit
from booking.inventory.queries.visible import pools_seen_by
from booking.reservations.models import PoolNextFree


def pool_rows(session: Session, pool_ids: Sequence[int]) -> list[Row[*tuple[Any, ...]]]:
    """Return a row of each pool, in the order given: names, ids, counts, next_free_at. One query.

    `next_free_at` is about when a unit can next be booked; None: unknown or none.
    """
    query = select(
        Pool.id, Pool.name_zh, Pool.name_en, Pool.manufacturer, Pool.model, Pool.category_code,
        Pool.platform_id, Pool.site_id, Pool.institution_id, Pool.lab_id, Pool.approval,
        Pool.description, Pool.specifications,
        _units(Unit.state != "retired").label("unit_count"),
        _units(Unit.state.in_(BOOKABLE_STATES)).label("in_service_count"),
        PoolNextFree.free_at.label("next_free_at"),
    ).outerjoin(PoolNextFree, PoolNextFree.pool_id == Pool.id)  # fmt: skip
    rows = session.execute(query.where(Pool.id.in_(pool_ids)).order_by(Pool.id))
    found = {row.id: row for row in rows}
    return [found[pool_id] for pool_id in pool_ids if pool_id in found]


def units_in_pool(pool_id: int) -> Select[*tuple[Any, ...]]:
    """Return a query for the rows of a pool's units that are not retired, by id."""
    wanted = (Unit.pool_id == pool_id, Unit.state != "retired")
    return _unit_rows().where(*wanted).order_by(Unit.id)


def visible_unit(
    session: Session, actor: Actor, unit_id: int, now: datetime
) -> Row[*tuple[Any, ...]]:
    """Return the row of a unit, retired or not. Raises NotFound unless its pool is seen."""
    query = _unit_rows().where(Unit.id == unit_id, pools_seen_by(actor, now))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("unit")
    return row


def _units(state: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).where(Unit.pool_id == Pool.id, state).scalar_subquery()


def _unit_rows() -> Select[*tuple[Any, ...]]:
    warmup = func.coalesce(Unit.warmup_minutes, Pool.warmup_minutes, Pool.inherited_warmup_minutes)
    cleanup = func.coalesce(
        Unit.cleanup_minutes, Pool.cleanup_minutes, Pool.inherited_cleanup_minutes
    )
    return select(
        Unit.id, Unit.pool_id, Unit.kind, Unit.state, Unit.state_note, Unit.name, Unit.asset_no,
        Unit.serial, Unit.room_id, Unit.place, warmup.label("warmup_minutes"),
        cleanup.label("cleanup_minutes"), Unit.customs_supervised,
        Unit.calibration_due_on,
    ).join(Pool, Pool.id == Unit.pool_id)  # fmt: skip
