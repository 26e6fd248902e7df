"""Making and changing pools and their units; the lab's managers and operators may."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, require
from booking.audit.services import add, change
from booking.companies.models import Building, Lab, Room, Site
from booking.companies.services.register import live
from booking.core.actor import Actor
from booking.core.errors import Invalid, WrongState
from booking.infra.db import lock_pools
from booking.infra.storage.files import drop, use
from booking.inventory.models import Category, Platform, Pool, Unit
from booking.inventory.queries.editing import visible_pool_to_edit, visible_unit_to_edit
from booking.inventory.rules.pools import (
    APPROVALS,
    KINDS,
    MOST_UNITS,
    PoolFields,
    UnitFields,
    checked_pool,
    checked_unit,
    require_range,
)
from booking.inventory.services.buffers import inherit_buffers
from booking.inventory.services.search import refresh_search


def create_pool(
    session: Session,
    actor: Actor,
    lab_id: int,
    fields: PoolFields,
    kind: str,
    units: int,
    now: datetime,
) -> int:
    """Return the id of a new pool of the lab, with `units` units in service, named by numbers.

    Raises NotFound unless the actor manages the lab, Invalid, WrongState when the lab is retired.
    """  # fmt: skip
    require(actor, "pool.edit", Subject(lab_id=lab_id))
    lab = live(session, Lab, lab_id)
    fields = checked_pool(fields)
    _require_places(session, fields)
    row = Pool(lab_id=lab.id, institution_id=lab.institution_id, created_at=now, **asdict(fields))
    add(session, actor, row, now)
    inherit_buffers(session, [row.id])
    _add_units(session, actor, row, kind, units, now)
    refresh_search(session, [row.id])
    return row.id


def edit_pool(
    session: Session, actor: Actor, pool_id: int, fields: PoolFields, now: datetime
) -> int:
    """Return `pool_id` after writing what the pool is. Raises NotFound, Invalid, WrongState."""
    lock_pools(session, [pool_id])
    pool = _live_pool(session, actor, pool_id)
    fields = checked_pool(fields)
    _require_places(session, fields, pool)
    change(session, actor, pool, asdict(fields), now)
    inherit_buffers(session, [pool_id])
    refresh_search(session, [pool_id])
    return pool_id


def hand_over(session: Session, actor: Actor, pool_id: int, lab_id: int, now: datetime) -> int:
    """Return `pool_id`, run by another lab of its institution; requests wait in that lab's inbox.

    Raises NotFound unless the actor manages both labs, Invalid for a lab of another institution,
    WrongState when one of them is retired.
    """
    lock_pools(session, [pool_id])
    pool = _live_pool(session, actor, pool_id)
    require(actor, "pool.edit", Subject(lab_id=lab_id))
    if live(session, Lab, lab_id).institution_id != pool.institution_id:
        raise Invalid("unknown_choice", field="lab_id", actual=lab_id)
    change(session, actor, pool, {"lab_id": lab_id}, now, action="hand_over")
    inherit_buffers(session, [pool_id])
    refresh_search(session, [pool_id])
    return pool_id


def set_approval(session: Session, actor: Actor, pool_id: int, approval: str, now: datetime) -> int:
    """Return `pool_id` after writing who decides on its requests. Raises NotFound, Invalid."""
    pool = _live_pool(session, actor, pool_id)
    if approval not in APPROVALS:
        raise Invalid("unknown_choice", field="approval", actual=approval)
    change(session, actor, pool, {"approval": approval}, now, action="rules")
    return pool_id


def set_photo(
    session: Session, actor: Actor, pool_id: int, file_id: int | None, now: datetime
) -> int:
    """Return `pool_id` after using a kept file as its picture, or none; the old one goes."""
    pool = _live_pool(session, actor, pool_id)
    old = pool.photo_file_id
    change(session, actor, pool, {"photo_file_id": file_id}, now)
    if file_id is not None:
        use(session, file_id)
    if old is not None and old != file_id:
        drop(session, [old], now)
    return pool_id


def add_units(
    session: Session, actor: Actor, pool_id: int, kind: str, units: int, now: datetime
) -> int:
    """Return `pool_id` after adding `units` units in service. Raises NotFound, Invalid."""
    pool = _live_pool(session, actor, pool_id)
    _add_units(session, actor, pool, kind, units, now)
    refresh_search(session, [pool_id])
    return pool_id


def add_unit(
    session: Session, actor: Actor, pool_id: int, fields: UnitFields, now: datetime
) -> int:
    """Return the id of a new unit. Raises NotFound, Invalid (also an asset number in use)."""
    pool = _live_pool(session, actor, pool_id)
    fields = checked_unit(fields)
    _require_room(session, pool, fields.room_id)
    row = Unit(
        pool_id=pool.id, institution_id=pool.institution_id, created_at=now, **_values(fields)
    )
    add(session, actor, row, now, _asset_taken(fields))
    refresh_search(session, [pool.id])
    return row.id


def edit_unit(
    session: Session, actor: Actor, unit_id: int, fields: UnitFields, now: datetime
) -> int:
    """Return `unit_id` after writing what the unit is; `down` refuses new bookings at once.

    What is booked on it stays. Raises NotFound, Invalid, WrongState when retired.
    """
    unit, pool = visible_unit_to_edit(session, actor, unit_id)
    lock_pools(session, [pool.id])
    unit, pool = visible_unit_to_edit(session, actor, unit_id)
    if unit.retired_at is not None or pool.retired_at is not None:
        raise WrongState("retired")
    fields = checked_unit(fields)
    if fields.room_id != unit.room_id:
        _require_room(session, pool, fields.room_id)
    change(session, actor, unit, _values(fields), now, taken=_asset_taken(fields))
    refresh_search(session, [pool.id])
    return unit_id


def _live_pool(session: Session, actor: Actor, pool_id: int) -> Pool:
    pool = visible_pool_to_edit(session, actor, pool_id)
    if pool.retired_at is not None:
        raise WrongState("retired")
    return pool


def _add_units(
    session: Session, actor: Actor, pool: Pool, kind: str, units: int, now: datetime
) -> None:
    if kind not in KINDS:
        raise Invalid("unknown_choice", field="kind", actual=kind)
    require_range("units", units, 0, MOST_UNITS)
    for _ in range(units):
        row = Unit(pool_id=pool.id, institution_id=pool.institution_id, kind=kind, created_at=now)
        add(session, actor, row, now)


def _require_places(session: Session, fields: PoolFields, kept: Pool | None = None) -> None:
    """Raise unless site, platform and class are there; ones kept from before may be retired."""
    if kept is None or fields.site_id != kept.site_id:
        live(session, Site, fields.site_id)
    if fields.platform_id is not None and (kept is None or fields.platform_id != kept.platform_id):
        platform = session.get(Platform, fields.platform_id)
        if platform is None or platform.retired_at is not None:
            raise Invalid("unknown_choice", field="platform_id", actual=fields.platform_id)
    if fields.category_code is not None and session.get(Category, fields.category_code) is None:
        raise Invalid("unknown_choice", field="category_code", actual=fields.category_code)


def _require_room(session: Session, pool: Pool, room_id: int | None) -> None:
    if room_id is None:
        return
    site_id = session.scalar(
        select(Building.site_id)
        .join(Room, Room.building_id == Building.id)
        .where(Room.id == room_id, Room.retired_at.is_(None))
        .with_for_update(key_share=True, of=Room)
    )
    if site_id != pool.site_id:
        raise Invalid("unknown_choice", field="room_id", actual=room_id)


def _values(fields: UnitFields) -> dict[str, object]:
    return {**asdict(fields), "asset_no": fields.asset_no or None}


def _asset_taken(fields: UnitFields) -> Invalid:
    return Invalid("asset_no_taken", field="asset_no", actual=fields.asset_no)
