"""Free units of a pool, a category or the whole park, for one actor, whatever their number."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, or_, select, tuple_
from sqlalchemy.orm import Session

from booking.companies.models import Site
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.core.hours import WeeklyHours
from booking.core.period import Period, to_epoch
from booking.infra.db import run
from booking.inventory.models import Category, Contribution, Pool, Unit
from booking.inventory.queries.visible import agreed_during, own_pools, pools_seen_by
from booking.inventory.rules.facets import paths
from booking.reservations.queries.availability import (
    END,
    START,
    free_ids_of_pool,
    free_unit_ids,
)
from booking.reservations.queries.facts import pool_of_unit, visible_pool

# Built once: asked by each search.
_CATEGORIES = select(Category.code, Category.parent_code).order_by(Category.code)
_WINDOWS = (
    select(Contribution.shared_hours, Site.time_zone)
    .join(Pool, Pool.id == Contribution.pool_id)
    .join(Site, Site.id == Pool.site_id)
    .where(Contribution.ended_at.is_(None), Contribution.shared_hours.is_not(None))
    .distinct()
    .order_by(Contribution.shared_hours, Site.time_zone)
)
_ZONE = select(Site.time_zone).where(Site.id == Pool.site_id).correlate(Pool).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Among:
    """Which units are asked about: at most one is given; none means all."""

    pool_id: int | None = None
    unit_id: int | None = None
    category: str | None = None


def free_for(
    session: Session, actor: Actor, among: Among, period: Period, now: datetime
) -> list[int]:
    """Return the ids of units the actor sees that are free for `period`, in order.

    They are in a bookable state, inside the shared windows, their blocks buffers included; no
    other rule is asked. At most three queries. Raises NotFound for what is not there to see.
    """
    if among.unit_id is not None:
        pool_id, _state = pool_of_unit(session, among.unit_id)
        found = _free_in(session, actor, pool_id, period, now)
        return [among.unit_id] if among.unit_id in found else []
    if among.pool_id is not None:
        return _free_in(session, actor, among.pool_id, period, now)
    pools = select(Pool.id).where(
        pools_seen_by(actor, now), or_(own_pools(actor), _shared_during(session, period))
    )
    if among.category is not None:
        pools = pools.where(Pool.category_code.in_(with_parts(session, among.category)))
    query = free_unit_ids(Unit.pool_id.in_(pools), START, END)
    asked = {"start": to_epoch(period.start), "end": to_epoch(period.end)}
    return list(run(session, query, asked).scalars().all())  # at once: thousands


def _free_in(
    session: Session, actor: Actor, pool_id: int, period: Period, now: datetime
) -> list[int]:
    """Return the same of one pool, by statements built once. Two queries."""
    pool = visible_pool(session, actor, pool_id, now)
    if pool.insider(actor) or (pool.sharing and pool.sharing.holds(period, pool.zone)):
        return free_ids_of_pool(session, pool_id, period)
    return []


def with_parts(session: Session, category: str) -> list[str]:
    """Return the codes of a category and all below it. Raises NotFound. One query."""
    every = paths((code, parent) for code, parent in run(session, _CATEGORIES))
    found = [code for code, path in every.items() if category in path]
    if not found:
        raise NotFound("category")
    return found


def _shared_during(session: Session, period: Period) -> ColumnElement[bool]:
    """Return the condition on Pool: an agreement and its weekly windows hold all of `period`.

    The few distinct windows are judged here, the pools in the database. One query.
    """
    holding = [
        (hours, zone)
        for hours, zone in run(session, _WINDOWS)
        if WeeklyHours.parse(hours or "").contains(period, ZoneInfo(zone))
    ]
    always = Contribution.shared_hours.is_(None)
    return exists().where(
        Contribution.pool_id == Pool.id,
        Contribution.ended_at.is_(None),
        *agreed_during(period),
        or_(always, tuple_(Contribution.shared_hours, _ZONE).in_(holding)),
    )
