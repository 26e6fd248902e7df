"""Adding, changing and retiring what a park consists of: sites, rooms, parties, labs.

Retiring something that others depend on is refused by the use cases further right
(`inventory.services.retiring`, `reservations.services.retiring`), which end here.
"""

from dataclasses import asdict
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import require
from booking.audit.services import add, change
from booking.companies.models import Building, Company, Institution, Lab, Room, Site
from booking.companies.rules.register import (
    BuildingFields,
    CompanyFields,
    Fields,
    InstitutionFields,
    LabFields,
    RoomFields,
    SiteFields,
    checked,
)
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState

Thing = Site | Building | Room | Institution | Company | Lab
T = TypeVar("T", bound=Thing)

TABLES: dict[type[Fields], type[Thing]] = {
    SiteFields: Site,
    BuildingFields: Building,
    RoomFields: Room,
    InstitutionFields: Institution,
    CompanyFields: Company,
    LabFields: Lab,
}


def create_thing(session: Session, actor: Actor, fields: Fields, now: datetime) -> int:
    """Return the id of a new site, building, room, institution, company or lab.

    Raises Invalid on an unfit field or a name already used beside it, NotFound unless operator or
    when the parent is missing, WrongState when the parent is retired.
    """
    require(actor, "park.edit")
    fields = checked(fields)
    _require_parent(session, fields)
    row = TABLES[type(fields)](**asdict(fields))
    add(session, actor, row, now, _taken(fields))
    return row.id


def edit_thing(session: Session, actor: Actor, thing_id: int, fields: Fields, now: datetime) -> int:
    """Return `thing_id` after writing `fields` over what was there; what stays is not audited.

    Raises as `create_thing`, and WrongState when the thing is retired.
    """
    require(actor, "park.edit")
    fields = checked(fields)
    row = live(session, TABLES[type(fields)], thing_id)
    change(session, actor, row, asdict(fields), now, taken=_taken(fields))
    return thing_id


def restore_thing(
    session: Session, actor: Actor, table: type[Thing], thing_id: int, now: datetime
) -> None:
    """Bring back what was retired by mistake. Raises NotFound, WrongState when a parent is not."""
    require(actor, "park.edit")
    row = _locked(session, table, thing_id)
    for parent, parent_id in _parents(row):
        live(session, parent, parent_id)
    change(session, actor, row, {"retired_at": None}, now, action="restore")


def live(session: Session, table: type[T], thing_id: int, *, unused: bool = False) -> T:
    """Return the row, fresh and locked against a change at the same time.

    `unused`: also against anybody who comes to refer to it, as bookings do. Raises NotFound when
    missing, WrongState `retired` when retired.
    """
    row = _locked(session, table, thing_id, key_share=not unused)
    if row.retired_at is not None:
        raise WrongState("retired")
    return row


def _locked(session: Session, table: type[T], thing_id: int, *, key_share: bool = True) -> T:
    # With key_share (NO KEY UPDATE) bookings that only refer to the row do not wait.
    query = select(table).where(table.id == thing_id).with_for_update(key_share=key_share)
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound(table.__tablename__)
    return row


def _require_parent(session: Session, fields: Fields) -> None:
    if isinstance(fields, BuildingFields):
        live(session, Site, fields.site_id)
    elif isinstance(fields, RoomFields):
        live(session, Building, fields.building_id)
    elif isinstance(fields, LabFields):
        live(session, Institution, fields.institution_id)
    elif isinstance(fields, CompanyFields) and fields.home_site_id is not None:
        live(session, Site, fields.home_site_id)


def _parents(row: Thing) -> list[tuple[type[Site] | type[Building] | type[Institution], int]]:
    if isinstance(row, Building):
        return [(Site, row.site_id)]
    if isinstance(row, Room):
        return [(Building, row.building_id)]
    return [(Institution, row.institution_id)] if isinstance(row, Lab) else []


def _taken(fields: Fields) -> Invalid:
    field = "name" if isinstance(fields, RoomFields) else "name_zh"
    return Invalid("name_taken", field=field, actual=getattr(fields, field))
