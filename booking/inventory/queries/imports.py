"""What an import of units must know of the database before it is planned."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.companies.models import Institution, Lab, Site
from booking.inventory.models import Category, Pool, Unit
from booking.inventory.rules.plan import Known, KnownPool, KnownUnit, Named

AT_ONCE = 500  # ids in a statement
# As the table's own default.
NEW_SITE_ZONE = "Asia/Shanghai"


def institution_named(session: Session, name: str) -> Named | None:
    """Return the institution with that name, in either language. One query."""
    query = (
        select(
            Institution.id,
            Institution.name_zh,
            Institution.name_en,
            Institution.retired_at.is_not(None),
        )
        .where(or_(Institution.name_zh == name, Institution.name_en == name))
        .order_by(Institution.id)
    )
    row = session.execute(query).first()
    return Named(*row) if row else None


def site_zone(session: Session, name: str) -> str:
    """Return the time zone of the site with that name, a new site's if there is none."""
    query = select(Site.time_zone).where(or_(Site.name_zh == name, Site.name_en == name))
    return session.scalars(query.order_by(Site.id)).first() or NEW_SITE_ZONE


def pools_of(session: Session, unit_ids: Sequence[int]) -> list[int]:
    """Return the pools of these units, by id. A query for each 500 of them."""
    found: set[int] = set()
    for first in range(0, len(unit_ids), AT_ONCE):
        some = unit_ids[first : first + AT_ONCE]
        found |= set(session.scalars(select(Unit.pool_id).where(Unit.id.in_(some))))
    return sorted(found)


def known_for(session: Session, institution_id: int | None) -> Known:
    """Return all that a plan for the institution compares with; None: it is new. Five queries."""
    sites = session.execute(
        select(Site.id, Site.name_zh, Site.name_en, Site.retired_at.is_not(None)).order_by(Site.id)
    )
    categories = session.execute(select(Category.code, Category.name_zh).order_by(Category.code))
    known_sites = tuple(Named(*row) for row in sites)
    names = dict(categories.all())
    if institution_id is None:
        return Known(sites=known_sites, categories=names)
    labs = session.execute(
        select(Lab.id, Lab.name_zh, Lab.name_en, Lab.retired_at.is_not(None))
        .where(Lab.institution_id == institution_id)
        .order_by(Lab.id)
    )
    return Known(
        sites=known_sites,
        labs=tuple(Named(*row) for row in labs),
        pools=_pools(session, institution_id),
        units=_units(session, institution_id),
        categories=names,
    )


def _pools(session: Session, institution_id: int) -> tuple[KnownPool, ...]:
    query = (
        select(
            Pool.id,
            Pool.site_id,
            Pool.lab_id,
            Pool.manufacturer,
            Pool.model,
            Pool.name_zh,
            Pool.retired_at.is_not(None),
        )
        .where(Pool.institution_id == institution_id)
        .order_by(Pool.id)
    )
    return tuple(KnownPool(*row) for row in session.execute(query))


def _units(session: Session, institution_id: int) -> tuple[KnownUnit, ...]:
    query = (
        select(
            Unit.id,
            Unit.pool_id,
            Unit.asset_no,
            Unit.serial,
            Unit.import_key,
            Unit.import_hash,
            Unit.state,
        )
        .where(Unit.institution_id == institution_id)
        .order_by(Unit.id)
    )
    return tuple(KnownUnit(*row) for row in session.execute(query))
