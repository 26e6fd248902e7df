"""What a list shows of a pool: names, how many units, how many of them are free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session

from booking.companies.models import Institution, Lab, Site
from booking.core.actor import Actor
from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.inventory.models import (
    BOOKABLE_STATES,
    Category,
    Contribution,
    Favourite,
    Platform,
    Pool,
    Unit,
)
from booking.inventory.queries.free import unit_is_free
from booking.inventory.rules.sharing import is_insider
from booking.reservations.models import PoolNextFree

MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Named:
    """A name in Chinese and English; one may be empty."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class PoolCard:
    """One pool in a list.

    `free_now` counts units nothing holds now, `open_now` says whether this reader's hours let
    them be booked; `free_at` is about when one can next be booked (None: unknown, or none).
    """

    pool_id: int
    name: Named
    manufacturer: str
    model: str
    category_code: str | None
    category: Named | None
    platform: Named | None
    site: Named
    institution: Named
    lab: Named
    zone: ZoneInfo
    has_photo: bool
    units: int
    in_service: int
    free_now: int
    open_now: bool
    free_at: datetime | None
    favourite: bool  # of this reader


def cards(session: Session, actor: Actor, pool_ids: Sequence[int], now: datetime) -> list[PoolCard]:
    """Return the cards of these pools, in the order given. Two queries.

    The caller has made sure that the actor sees them.
    """
    counts = _counts(session, pool_ids, now)
    rows = {row.id: row for row in session.execute(_query(actor).where(Pool.id.in_(pool_ids)))}
    return [
        _card(actor, rows[key], counts.get(key, (0, 0, 0)), now) for key in pool_ids if key in rows
    ]


def _query(actor: Actor) -> Any:
    kept = exists().where(Favourite.pool_id == Pool.id, Favourite.user_id == actor.user_id)
    return (
        select(
            Pool.id, Pool.name_zh, Pool.name_en, Pool.manufacturer, Pool.model, Pool.photo_file_id,
            Pool.opening_hours, PoolNextFree.free_at, Site.time_zone, Pool.category_code,
            Pool.platform_id, Pool.institution_id, Pool.lab_id, Contribution.shared_hours,
            Category.name_zh.label("category_zh"), Category.name_en.label("category_en"),
            Platform.name_zh.label("platform_zh"), Platform.name_en.label("platform_en"),
            Site.name_zh.label("site_zh"), Site.name_en.label("site_en"),
            Institution.name_zh.label("institution_zh"),
            Institution.name_en.label("institution_en"),
            Lab.name_zh.label("lab_zh"), Lab.name_en.label("lab_en"),
            kept.correlate(Pool).label("favourite"),
        )
        .join(Site, Site.id == Pool.site_id)
        .join(Institution, Institution.id == Pool.institution_id)
        .join(Lab, Lab.id == Pool.lab_id)
        .outerjoin(Category, Category.code == Pool.category_code)
        .outerjoin(Platform, Platform.id == Pool.platform_id)
        .outerjoin(PoolNextFree, PoolNextFree.pool_id == Pool.id)
        .outerjoin(
            Contribution, (Contribution.pool_id == Pool.id) & Contribution.ended_at.is_(None)
        )
        .order_by(Pool.id)
    )  # fmt: skip


def _counts(
    session: Session, pool_ids: Sequence[int], now: datetime
) -> dict[int, tuple[int, int, int]]:
    """Return (units, in service, free now) of each pool."""
    bookable = Unit.state.in_(BOOKABLE_STATES)
    free = bookable & unit_is_free(Period(now, now + MOMENT))
    rows = session.execute(
        select(
            Unit.pool_id,
            func.count(),
            func.sum(case((bookable, 1), else_=0)),
            func.sum(case((free, 1), else_=0)),
        )
        .join(Pool, Pool.id == Unit.pool_id)
        .where(Unit.pool_id.in_(pool_ids), Unit.state != "retired")
        .group_by(Unit.pool_id)
        .order_by(Unit.pool_id)
    )
    return {key: (int(units), int(ready), int(idle)) for key, units, ready, idle in rows}


def _card(actor: Actor, row: Any, counts: tuple[int, int, int], now: datetime) -> PoolCard:
    zone = ZoneInfo(row.time_zone)
    binding = [row.opening_hours]
    if not is_insider(actor, row.institution_id, row.lab_id):
        binding.append(row.shared_hours)
    return PoolCard(
        pool_id=row.id,
        name=Named(row.name_zh, row.name_en),
        manufacturer=row.manufacturer,
        model=row.model,
        category_code=row.category_code,
        category=Named(row.category_zh, row.category_en) if row.category_code else None,
        platform=Named(row.platform_zh, row.platform_en) if row.platform_id else None,
        site=Named(row.site_zh, row.site_en),
        institution=Named(row.institution_zh, row.institution_en),
        lab=Named(row.lab_zh, row.lab_en),
        zone=zone,
        has_photo=row.photo_file_id is not None,
        units=counts[0],
        in_service=counts[1],
        free_now=counts[2],
        open_now=all(_holds(hours, now, zone) for hours in binding if hours is not None),
        free_at=row.free_at,
        favourite=bool(row.favourite),
    )


def _holds(hours: str, now: datetime, zone: ZoneInfo) -> bool:
    return WeeklyHours.parse(hours).contains(Period(now, now + MOMENT), zone)
