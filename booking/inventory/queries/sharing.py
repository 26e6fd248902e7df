"""Which pools are shared, on what terms."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, may_look, require
from booking.companies.models import Institution, Lab, Site
from booking.companies.queries.lists import count_of, found_in
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.inventory.models import Contribution, Pool, Unit

_LIVE = (Contribution.pool_id == Pool.id) & Contribution.ended_at.is_(None)
SHARED, UNSHARED = "shared", "unshared"


def pools_by_sharing(q: str, institution_id: int | None, state: str) -> Select[Any]:
    """Return a query for (Pool, Institution, Lab, Site, Contribution or None, units), by name.

    `state` is SHARED, UNSHARED (an agreement that ran out counts as shared until it is ended) or
    anything else for both.
    """
    query = (
        select(
            Pool,
            Institution,
            Lab,
            Site,
            Contribution,
            count_of(Unit.id, Unit.pool_id == Pool.id, Unit.retired_at.is_(None)),
        )
        .join(Institution, Institution.id == Pool.institution_id)
        .join(Lab, Lab.id == Pool.lab_id)
        .join(Site, Site.id == Pool.site_id)
        .outerjoin(Contribution, _LIVE)
        .where(Pool.retired_at.is_(None))
        .where(found_in(q, Pool.name_zh, Pool.name_en, Pool.model, Pool.manufacturer))
        .order_by(Institution.name_zh, Pool.name_zh, Pool.id)
    )
    if institution_id is not None:
        query = query.where(Pool.institution_id == institution_id)
    if state == SHARED:
        query = query.where(Contribution.id.is_not(None))
    if state == UNSHARED:
        query = query.where(Contribution.id.is_(None))
    return query


def unshared_pool_ids(session: Session, q: str, institution_id: int) -> list[int]:
    """Return the institution's pools that the words find and no agreement shares. One query."""
    found = pools_by_sharing(q, institution_id, UNSHARED).with_only_columns(Pool.id)
    return list(session.scalars(found))


def sharable(
    session: Session, pool_ids: Collection[int]
) -> list[tuple[int, str, Contribution | None]]:
    """Return (pool, its site's zone, live Contribution or None) of live pools by id. One query."""
    rows = session.execute(
        select(Pool.id, Site.time_zone, Contribution)
        .join(Site, Site.id == Pool.site_id)
        .outerjoin(Contribution, _LIVE)
        .where(Pool.id.in_(pool_ids), Pool.retired_at.is_(None))
        .order_by(Pool.id)
    )
    return [(pool_id, zone, contribution) for pool_id, zone, contribution in rows]


def contribution_at(
    session: Session, contribution_id: int
) -> tuple[Contribution, Pool, Institution, Site]:
    """Return a live agreement with its pool, institution and site. Raises NotFound. One query."""
    row = session.execute(
        select(Contribution, Pool, Institution, Site)
        .join(Pool, Pool.id == Contribution.pool_id)
        .join(Institution, Institution.id == Pool.institution_id)
        .join(Site, Site.id == Pool.site_id)
        .where(Contribution.id == contribution_id, Contribution.ended_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("contribution")
    return row[0], row[1], row[2], row[3]


def visible_contribution(
    session: Session, actor: Actor, contribution_id: int
) -> tuple[Contribution, Pool, Institution, Site]:
    """Return a live agreement the actor may limit. Raises NotFound. One query."""
    found = contribution_at(session, contribution_id)
    require(actor, "sharing.limit", Subject(institution_id=found[2].id))
    return found


def visible_pool_to_limit(session: Session, actor: Actor, pool_id: int) -> Pool:
    """Return a pool whose sharing the actor may limit, fresh. Raises NotFound. One query."""
    pool = session.get(Pool, pool_id, populate_existing=True)
    if pool is None:
        raise NotFound("pool")
    require(actor, "sharing.limit", Subject(institution_id=pool.institution_id))
    return pool


def visible_owned_pool(
    session: Session, actor: Actor, pool_id: int
) -> tuple[Pool, Institution, Site, Contribution | None]:
    """Return a live pool whose sharing the actor may look at. Raises NotFound. One query."""
    row = session.execute(
        select(Pool, Institution, Site, Contribution)
        .join(Institution, Institution.id == Pool.institution_id)
        .join(Site, Site.id == Pool.site_id)
        .outerjoin(Contribution, _LIVE)
        .where(Pool.id == pool_id, Pool.retired_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None or not _looks(actor, row[1].id):
        raise NotFound("pool")
    return row[0], row[1], row[2], row[3]


def visible_sharing(actor: Actor, institution_id: int, q: str) -> Select[Any]:
    """Return `pools_by_sharing` of one institution, shared or not. Raises NotFound."""
    if not _looks(actor, institution_id):
        raise NotFound("institution")
    return pools_by_sharing(q, institution_id, "")


def _looks(actor: Actor, institution_id: int) -> bool:
    return may_look(actor, "sharing.limit", Subject(institution_id=institution_id))
