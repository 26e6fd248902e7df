"""Changing what pools are found by: names of places, labs, platforms; retiring what is empty."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import require
from booking.audit.services import add, change
from booking.companies.models import Building, Lab, Room, Site
from booking.companies.rules.register import (
    BuildingFields,
    CompanyFields,
    Fields,
    InstitutionFields,
    LabFields,
    RoomFields,
    SiteFields,
)
from booking.companies.services.register import edit_thing, live
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState
from booking.core.text import tidy
from booking.inventory.models import Platform, Pool, Unit
from booking.inventory.services.search import refresh_search

MOST_NAMED = 5  # of what is in the way


@dataclass(frozen=True, slots=True)
class PlatformFields:
    """A catalogue grouping shown to users."""

    name_zh: str
    name_en: str = ""


def rename_thing(
    session: Session, actor: Actor, thing_id: int, fields: Fields, now: datetime
) -> int:
    """Return `thing_id` after `edit_thing`; pools that are found by its name know the new one."""
    edit_thing(session, actor, thing_id, fields, now)
    pools = _found_by(fields, thing_id)
    if pools is not None:
        refresh_search(session, session.scalars(select(Pool.id).where(pools)).all())
    return thing_id


def create_platform(session: Session, actor: Actor, fields: PlatformFields, now: datetime) -> int:
    """Return the id of a new platform. Raises NotFound unless operator, Invalid."""
    require(actor, "park.edit")
    row = Platform(**asdict(tidy(fields, required=("name_zh",))))
    add(session, actor, row, now, _taken(fields))
    return row.id


def edit_platform(
    session: Session, actor: Actor, platform_id: int, fields: PlatformFields, now: datetime
) -> int:
    """Return `platform_id` after writing its names. Raises NotFound, Invalid, WrongState."""
    row = _platform(session, actor, platform_id)
    fields = tidy(fields, required=("name_zh",))
    change(session, actor, row, asdict(fields), now, taken=_taken(fields))
    pools = session.scalars(select(Pool.id).where(Pool.platform_id == platform_id))
    refresh_search(session, pools.all())
    return platform_id


def retire_platform(session: Session, actor: Actor, platform_id: int, now: datetime) -> None:
    """Retire a platform. Raises WrongState `has_pools` while pools stand on it."""
    row = _platform(session, actor, platform_id)
    _refuse_pools(session, Pool.platform_id == platform_id)
    change(session, actor, row, {"retired_at": now}, now, action="retire")


def restore_platform(session: Session, actor: Actor, platform_id: int, now: datetime) -> None:
    """Bring back a platform retired by mistake. Raises NotFound."""
    require(actor, "park.edit")
    row = session.get(Platform, platform_id)
    if row is None:
        raise NotFound("platform")
    change(session, actor, row, {"retired_at": None}, now, action="restore")


def retire_place(
    session: Session,
    actor: Actor,
    table: type[Site | Building | Room | Lab],
    thing_id: int,
    now: datetime,
) -> None:
    """Retire a site, building, room or lab that nothing stands in any more.

    Raises WrongState `has_buildings`, `has_rooms`, `has_units` or `has_pools`, with how many and
    the names of the first five; NotFound unless operator.
    """  # fmt: skip
    require(actor, "park.edit")
    row: Site | Building | Room | Lab = live(session, table, thing_id)
    if isinstance(row, Site):
        _refuse(
            session,
            "has_buildings",
            Building.name_zh,
            Building.retired_at,
            Building.site_id == row.id,
        )
        _refuse_pools(session, Pool.site_id == row.id)
    elif isinstance(row, Building):
        _refuse(session, "has_rooms", Room.name, Room.retired_at, Room.building_id == row.id)
    elif isinstance(row, Room):
        label = func.coalesce(Unit.asset_no, func.nullif(Unit.name, ""), Unit.serial)
        _refuse(session, "has_units", label, Unit.retired_at, Unit.room_id == row.id)
    else:
        _refuse_pools(session, Pool.lab_id == row.id)
    change(session, actor, row, {"retired_at": now}, now, action="retire")


def refuse_labs(session: Session, institution_id: int) -> None:
    """Raise WrongState `has_labs` while the institution has labs."""
    _refuse(session, "has_labs", Lab.name_zh, Lab.retired_at, Lab.institution_id == institution_id)


def _refuse_pools(session: Session, where: ColumnElement[bool]) -> None:
    _refuse(session, "has_pools", Pool.name_zh, Pool.retired_at, where)


def _refuse(
    session: Session, code: str, label: Any, retired_at: Any, where: ColumnElement[bool]
) -> None:
    names = session.scalars(select(label).where(where, retired_at.is_(None)).order_by(label)).all()
    if names:
        shown = [str(name) for name in names[:MOST_NAMED] if name]
        more = ", …" if len(names) > MOST_NAMED else ""
        raise WrongState(code, count=len(names), names=", ".join(shown) + more)


def _platform(session: Session, actor: Actor, platform_id: int) -> Platform:
    require(actor, "park.edit")
    row = session.get(Platform, platform_id, populate_existing=True, with_for_update=True)
    if row is None:
        raise NotFound("platform")
    if row.retired_at is not None:
        raise WrongState("retired")
    return row


def _found_by(fields: Fields, thing_id: int) -> ColumnElement[bool] | None:
    """Return which pools have the thing's name in their search text; None: it is in none."""
    if isinstance(fields, SiteFields):
        return Pool.site_id == thing_id
    if isinstance(fields, InstitutionFields):
        return Pool.institution_id == thing_id
    if isinstance(fields, LabFields):
        return Pool.lab_id == thing_id
    if isinstance(fields, CompanyFields):
        return None
    units = select(Unit.pool_id).join(Room, Room.id == Unit.room_id)
    if isinstance(fields, BuildingFields):
        return Pool.id.in_(units.where(Room.building_id == thing_id))
    if isinstance(fields, RoomFields):
        return Pool.id.in_(units.where(Room.id == thing_id))
    return None


def _taken(fields: PlatformFields) -> Invalid:
    return Invalid("name_taken", field="name_zh", actual=fields.name_zh)
