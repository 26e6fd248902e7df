"""Where a unit could go: the other pools of its institution that the person looks after."""

from typing import Any

from sqlalchemy import Select, select

from booking.companies.models import Lab, Site
from booking.companies.queries.lists import count_of, found_in
from booking.core.actor import Actor
from booking.inventory.models import Pool, Unit
from booking.inventory.queries.editing import edited_by


def visible_pools_to_join(actor: Actor, pool: Pool, q: str) -> Select[Any]:
    """Return a query for (Pool, Lab, Site, units), pools of the same class and model first."""
    alike = (
        Pool.category_code.is_not_distinct_from(pool.category_code).desc(),
        (Pool.model == pool.model).desc(),
    )
    return (
        select(
            Pool, Lab, Site,
            count_of(Unit.id, Unit.pool_id == Pool.id, Unit.retired_at.is_(None)),
        )
        .join(Lab, Lab.id == Pool.lab_id)
        .join(Site, Site.id == Pool.site_id)
        .where(edited_by(actor), Pool.retired_at.is_(None), Pool.id != pool.id)
        .where(Pool.institution_id == pool.institution_id)
        .where(found_in(q, Pool.name_zh, Pool.name_en, Pool.model, Pool.manufacturer))
        .order_by(*alike, Pool.name_zh, Pool.id)
    )  # fmt: skip
