"""Free units of a pool, a category or the whole park, for one actor, whatever their number."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may
from booking.companies.models import Site
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.core.hours import WeeklyHours
from booking.core.period import Period, to_epoch
from booking.infra.db import BigInt, Instant, is_postgresql, run
from booking.inventory.models import Category, Contribution, Pool, Unit
from booking.inventory.queries.visible import agreed_between, pools_of, pools_seen
from booking.inventory.rules.facets import paths
from booking.reservations.queries.at_once import free_at_once
from booking.reservations.queries.availability import END, START, free_unit_ids
from booking.reservations.queries.facts import pool_of_unit
from booking.reservations.queries.stocked import pool_and_free

# On PostgreSQL a step of an index for each unit costs more than all that is held about a time,
# unless the units are few or the time is long.
MANY_POOLS, SHORT = 100, timedelta(days=2)
# Built once: asked by each search.
_CATEGORIES = select(Category.code, Category.parent_code).order_by(Category.code)
_CODES: BindParameter[str] = bindparam("codes", expanding=True)
_POOLS_IN = select(func.count()).select_from(Pool).where(Pool.category_code.in_(_CODES))
_WINDOWS = (
    select(Contribution.shared_hours, Site.time_zone)
    .join(Pool, Pool.id == Contribution.pool_id)
    .join(Site, Site.id == Pool.site_id)
    .where(Contribution.ended_at.is_(None), Contribution.shared_hours.is_not(None))
    .distinct()
    .order_by(Contribution.shared_hours, Site.time_zone)
)
_ZONE = select(Site.time_zone).where(Site.id == Pool.site_id).correlate(Pool).scalar_subquery()
_SHARED_DURING = exists().where(
    Contribution.pool_id == Pool.id,
    Contribution.ended_at.is_(None),
    *agreed_between(bindparam("first", type_=Instant), bindparam("last", type_=Instant)),
    or_(
        Contribution.shared_hours.is_(None),
        tuple_(Contribution.shared_hours, _ZONE).in_(bindparam("windows", expanding=True)),
    ),
)


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
    other rule is asked. At most four queries. Raises NotFound for what is not there to see.
    """
    if among.unit_id is not None:
        pool_id, _state = pool_of_unit(session, among.unit_id)
        found = _free_in(session, actor, pool_id, period, now)
        return [among.unit_id] if among.unit_id in found else []
    if among.pool_id is not None:
        return _free_in(session, actor, among.pool_id, period, now)
    codes = [] if among.category is None else with_parts(session, among.category)
    statement = _free(
        sees_all=may(actor, "pool.see_unshared"),
        narrowed=among.category is not None,
        at_once=_at_once(session, codes, period),
    )
    asked = {
        "codes": codes, "now": now, "first": period.start, "last": period.end,
        "start": to_epoch(period.start), "end": to_epoch(period.end),
        "institutions": sorted(actor.institution_ids), "labs": sorted(actor.lab_ids),
        "windows": _windows_holding(session, period),
    }  # fmt: skip
    return list(run(session, statement, asked).scalars().all())  # at once: thousands


def _at_once(session: Session, codes: list[str], period: Period) -> bool:
    """Return whether what is held is better looked through by time than unit by unit."""
    if not is_postgresql(session) or period.length > SHORT:
        return False
    return not codes or run(session, _POOLS_IN, {"codes": codes}).scalar_one() >= MANY_POOLS


@cache
def _free(*, sees_all: bool, narrowed: bool, at_once: bool) -> Select[int]:
    """Return the query for free units of pools that are seen and shared then, or one's own."""
    own: ColumnElement[bool] = true()
    if not sees_all:
        own = pools_of(
            bindparam("institutions", expanding=True, type_=BigInt),
            bindparam("labs", expanding=True, type_=BigInt),
        )
    seen = pools_seen(own, bindparam("now", type_=Instant))
    pools = select(Pool.id).where(seen, or_(own, _SHARED_DURING))
    if narrowed:
        pools = pools.where(Pool.category_code.in_(_CODES))
    return (free_at_once if at_once else free_unit_ids)(Unit.pool_id.in_(pools), START, END)


def _free_in(
    session: Session, actor: Actor, pool_id: int, period: Period, now: datetime
) -> list[int]:
    """Return the same of one pool. One query."""
    pool, free = pool_and_free(session, actor, pool_id, period, now)
    if pool.insider(actor) or (pool.sharing and pool.sharing.holds(period, pool.zone)):
        return free
    return []


def with_parts(session: Session, category: str) -> list[str]:
    """Return the codes of a category and all below it. Raises NotFound. One query."""
    every = paths((code, parent) for code, parent in run(session, _CATEGORIES).all())
    found = [code for code, path in every.items() if category in path]
    if not found:
        raise NotFound("category")
    return found


def _windows_holding(session: Session, period: Period) -> list[tuple[str, str]]:
    """Return the shared hours, each with a zone, that hold all of `period`. One query."""
    return [
        (hours, zone)
        for hours, zone in run(session, _WINDOWS).all()
        if WeeklyHours.parse(hours or "").contains(period, ZoneInfo(zone))
    ]
