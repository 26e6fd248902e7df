"""What a search for a time can be narrowed by: sites, and pools that are wanted along."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import Site
from booking.core.actor import Actor
from booking.inventory.models import BOOKABLE_STATES, Pool, Unit
from booking.inventory.queries.visible import pools_seen_by

MOST = 50
INSTRUMENT = "instrument"


@dataclass(frozen=True, slots=True)
class Choice:
    """An id and its names (zh, en)."""

    id: int
    names: tuple[str, str]


def sites(session: Session) -> list[Choice]:
    """Return the sites in use, by id. One query."""
    query = select(Site.id, Site.name_zh, Site.name_en).where(Site.retired_at.is_(None))
    rows = session.execute(query.order_by(Site.id))
    return [Choice(key, (zh, en)) for key, zh, en in rows]


def companions(session: Session, actor: Actor, now: datetime) -> list[Choice]:
    """Return up to 50 visible pools of people, rooms and places, by name. One query."""
    other = select(Unit.id).where(
        Unit.pool_id == Pool.id, Unit.kind != INSTRUMENT, Unit.state.in_(BOOKABLE_STATES)
    )
    rows = session.execute(
        select(Pool.id, Pool.name_zh, Pool.name_en)
        .where(pools_seen_by(actor, now), other.correlate(Pool).exists())
        .order_by(Pool.name_zh, Pool.id)
        .limit(MOST)
    )
    return [Choice(key, (zh, en)) for key, zh, en in rows]
