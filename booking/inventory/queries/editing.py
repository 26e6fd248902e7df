"""Pools and units for the people who look after them: lab managers of their labs, operators."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may
from booking.companies.models import Institution, Lab, Room, Site
from booking.companies.queries.lists import Choice, count_of, found_in, shown
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.inventory.models import Category, Contribution, Platform, Pool, Unit


def edited_by(actor: Actor) -> ColumnElement[bool]:
    """Return `pool.edit` of the permission table as a condition on Pool."""
    return true() if may(actor, "pool.edit") else Pool.lab_id.in_(actor.managed_lab_ids)


def looked_at_by(actor: Actor) -> ColumnElement[bool]:
    """Return `pool.read` of the permission table as a condition on Pool."""
    return true() if may(actor, "pool.read") else Pool.lab_id.in_(actor.managed_lab_ids)


def visible_pools_to_edit(
    actor: Actor, q: str, lab_id: int | None, *, retired: bool
) -> Select[Any]:
    """Return a query for (Pool, Lab, Site, units, down, shared) by name, `actor` looks after."""
    live_unit = (Unit.pool_id == Pool.id, Unit.retired_at.is_(None))
    query = (
        select(
            Pool,
            Lab,
            Site,
            count_of(Unit.id, *live_unit),
            count_of(Unit.id, *live_unit, Unit.state == "down"),
            count_of(
                Contribution.id, Contribution.pool_id == Pool.id, Contribution.ended_at.is_(None)
            ),
        )
        .join(Lab, Lab.id == Pool.lab_id)
        .join(Site, Site.id == Pool.site_id)
        .where(looked_at_by(actor), shown(Pool.retired_at, retired=retired))
        .where(found_in(q, Pool.name_zh, Pool.name_en, Pool.model, Pool.manufacturer))
        .order_by(Pool.name_zh, Pool.id)
    )
    return query if lab_id is None else query.where(Pool.lab_id == lab_id)


def visible_pool_to_edit(session: Session, actor: Actor, pool_id: int) -> Pool:
    """Return a pool the actor may edit, fresh. Raises NotFound. One query."""
    return _pool(session, pool_id, edited_by(actor))


def visible_unit_to_edit(session: Session, actor: Actor, unit_id: int) -> tuple[Unit, Pool]:
    """Return a unit of a pool the actor may edit, and the pool. Raises NotFound. One query."""
    return _unit(session, unit_id, edited_by(actor))


def visible_pool_settings(session: Session, actor: Actor, pool_id: int) -> Pool:
    """Return a pool whose settings the actor may see, fresh. Raises NotFound. One query."""
    return _pool(session, pool_id, looked_at_by(actor))


def visible_unit_settings(session: Session, actor: Actor, unit_id: int) -> tuple[Unit, Pool]:
    """Return a unit whose settings the actor may see, and its pool. Raises NotFound. One query."""
    return _unit(session, unit_id, looked_at_by(actor))


def units_to_edit(pool_id: int) -> Select[Unit, Room]:
    """Return a query for (Unit, Room or None) of a pool, retired ones last, then by id."""
    return (
        select(Unit, Room)
        .outerjoin(Room, Room.id == Unit.room_id)
        .where(Unit.pool_id == pool_id)
        .order_by(Unit.retired_at.is_not(None), Unit.id)
    )


def pool_place(session: Session, pool: Pool) -> tuple[Lab, Institution, Site, Contribution | None]:
    """Return the pool's lab, institution, site and live agreement, if there is one. One query."""
    row = session.execute(
        select(Lab, Institution, Site, Contribution)
        .join(Institution, Institution.id == Lab.institution_id)
        .join(Site, Site.id == pool.site_id)
        .outerjoin(
            Contribution, (Contribution.pool_id == pool.id) & Contribution.ended_at.is_(None)
        )
        .where(Lab.id == pool.lab_id)
    ).one()
    return row[0], row[1], row[2], row[3]


def platforms(q: str, *, retired: bool) -> Select[Any]:
    """Return a query for (Platform, pools) by name; the count is of live pools."""
    return (
        select(
            Platform, count_of(Pool.id, Pool.platform_id == Platform.id, Pool.retired_at.is_(None))
        )
        .where(shown(Platform.retired_at, retired=retired))
        .where(found_in(q, Platform.name_zh, Platform.name_en))
        .order_by(Platform.name_zh, Platform.id)
    )


def platform_choices(session: Session, kept: int | None = None) -> list[Choice]:
    """Return the live platforms by name, and `kept` even if retired. One query."""
    query = select(Platform.id, Platform.name_zh, Platform.name_en)
    query = query.where(Platform.retired_at.is_(None) | (Platform.id == kept))
    rows = session.execute(query.order_by(Platform.name_zh, Platform.id))
    return [Choice(*row) for row in rows]


def category_choices(session: Session) -> list[Category]:
    """Return all classes by code: a top class, then what is below it. One query."""
    return list(session.scalars(select(Category).order_by(Category.code)))


def pool_photo(session: Session, pool_id: int) -> int | None:
    """Return the kept file of a pool's picture, None without one. One query.

    The caller has made sure that the person sees the pool.
    """
    return session.scalar(select(Pool.photo_file_id).where(Pool.id == pool_id))


def _pool(session: Session, pool_id: int, allowed: ColumnElement[bool]) -> Pool:
    query = select(Pool).where(Pool.id == pool_id, allowed)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound("pool")
    return found


def _unit(session: Session, unit_id: int, allowed: ColumnElement[bool]) -> tuple[Unit, Pool]:
    query = select(Unit, Pool).join(Pool, Pool.id == Unit.pool_id)
    query = query.where(Unit.id == unit_id, allowed)
    row = session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("unit")
    return row[0], row[1]
