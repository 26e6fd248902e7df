"""Lists of sites, buildings and rooms, with what each of them holds."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from booking.companies.models import Building, Room, Site
from booking.companies.queries.lists import Choice, count_of, found_in, shown
from booking.core.errors import NotFound
from booking.inventory.models import Pool, Unit


def sites(q: str, *, retired: bool) -> Select[Any]:
    """Return a query for (Site, buildings, pools) by name; counts are of live ones."""
    return (
        select(
            Site,
            count_of(Building.id, Building.site_id == Site.id, Building.retired_at.is_(None)),
            count_of(Pool.id, Pool.site_id == Site.id, Pool.retired_at.is_(None)),
        )
        .where(shown(Site.retired_at, retired=retired))
        .where(found_in(q, Site.name_zh, Site.name_en, Site.address))
        .order_by(Site.name_zh, Site.id)
    )


def buildings_of(session: Session, site_id: int) -> list[tuple[Building, int]]:
    """Return the site's buildings with their number of live rooms, retired ones last. One query."""
    rows = session.execute(
        select(
            Building, count_of(Room.id, Room.building_id == Building.id, Room.retired_at.is_(None))
        )
        .where(Building.site_id == site_id)
        .order_by(Building.retired_at.is_not(None), Building.name_zh, Building.id)
    )
    return [(building, rooms) for building, rooms in rows]


def rooms_of(session: Session, building_id: int) -> list[tuple[Room, int]]:
    """Return the building's rooms with their number of live units, retired ones last. One query."""
    rows = session.execute(
        select(Room, count_of(Unit.id, Unit.room_id == Room.id, Unit.retired_at.is_(None)))
        .where(Room.building_id == building_id)
        .order_by(Room.retired_at.is_not(None), Room.name, Room.id)
    )
    return [(room, units) for room, units in rows]


def building_at(session: Session, building_id: int) -> tuple[Building, Site]:
    """Return a building and its site. Raises NotFound. One query."""
    query = select(Building, Site).join(Site).where(Building.id == building_id)
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound("building")
    return found[0], found[1]


def room_at(session: Session, room_id: int) -> tuple[Room, Building, Site]:
    """Return a room, its building and site. Raises NotFound. One query."""
    query = select(Room, Building, Site).join(Building, Building.id == Room.building_id)
    query = query.join(Site, Site.id == Building.site_id).where(Room.id == room_id)
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound("room")
    return found[0], found[1], found[2]


def rooms_at_site(session: Session, site_id: int) -> list[Choice]:
    """Return the site's live rooms, each under its building. One query."""
    rows = session.execute(
        select(Room.id, Room.name, Building.name_zh, Building.name_en)
        .join(Building, Building.id == Room.building_id)
        .where(
            Building.site_id == site_id, Building.retired_at.is_(None), Room.retired_at.is_(None)
        )
        .order_by(Building.name_zh, Building.id, Room.name, Room.id)
    )
    return [Choice(room_id, name, name, zh, en) for room_id, name, zh, en in rows]
