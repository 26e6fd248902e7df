"""Pools by name, for forms in which several are put together."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.queries.lists import found_in
from booking.core.actor import Actor
from booking.inventory.models import Pool
from booking.inventory.queries.visible import pools_seen_by

MOST_FOUND = 8


def found_pools(
    session: Session, actor: Actor, text: str, now: datetime
) -> list[tuple[int, tuple[str, str]]]:
    """Return up to 8 pools the actor sees whose name or model holds `text`. One query."""
    rows = session.execute(
        select(Pool.id, Pool.name_zh, Pool.name_en)
        .where(pools_seen_by(actor, now), found_in(text, Pool.name_zh, Pool.name_en, Pool.model))
        .order_by(Pool.name_zh, Pool.id)
        .limit(MOST_FOUND)
    )
    return [(pool_id, (zh, en)) for pool_id, zh, en in rows]


def chosen_pools(
    session: Session, actor: Actor, pool_ids: Sequence[int], now: datetime
) -> dict[int, tuple[str, str]]:
    """Return the names of those of these pools the actor sees, by id. One query."""
    rows = session.execute(
        select(Pool.id, Pool.name_zh, Pool.name_en).where(
            Pool.id.in_(pool_ids), pools_seen_by(actor, now)
        )
    )
    return {pool_id: (zh, en) for pool_id, zh, en in rows}
