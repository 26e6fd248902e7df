"""Pools like one: of the same class, model or specifications, at any site."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.errors import Invalid
from booking.core.period import Period
from booking.inventory.models import BOOKABLE_STATES, Pool, Unit
from booking.inventory.queries.free import pools_free_during
from booking.inventory.queries.pools import specification_lines
from booking.inventory.queries.visible import pools_seen_by
from booking.inventory.rules.search import normalise
from booking.reservations.models import PoolNextFree

MOST = 500  # pools compared line by line
ASPECTS = ("category", "model", "specifications")


@dataclass(frozen=True, slots=True)
class Likeness:
    """In what pools must be alike: class, maker and model, and these lines of specifications.

    `lines` are (name, value) as `specification_lines` gives them. Nothing wanted: the same class.
    """

    category: bool = True
    model: bool = False
    lines: tuple[tuple[str, str], ...] = ()


def like_pools(
    session: Session,
    actor: Actor,
    pool_id: int,
    likeness: Likeness,
    now: datetime,
    period: Period | None = None,
) -> list[int]:
    """Return the other pools that are like one and have units in service, soonest free first.

    Only those the actor sees; with `period` only those with a unit free then. Three queries.
    """
    mine = session.execute(
        select(Pool.category_code, Pool.manufacturer, Pool.model).where(Pool.id == pool_id)
    ).one()
    alike: list[ColumnElement[bool]] = []
    if likeness.category and mine.category_code is not None:
        alike.append(Pool.category_code == mine.category_code)
    if likeness.model and mine.model:
        alike += [Pool.model == mine.model, Pool.manufacturer == mine.manufacturer]
    if not alike:  # nothing to compare: everything would be alike
        return []
    in_service = select(Unit.id).where(Unit.pool_id == Pool.id, Unit.state.in_(BOOKABLE_STATES))
    rows = session.execute(
        select(Pool.id, Pool.specifications)
        .outerjoin(PoolNextFree, PoolNextFree.pool_id == Pool.id)
        .where(pools_seen_by(actor, now), Pool.id != pool_id, *alike)
        .where(in_service.correlate(Pool).exists())
        .order_by(PoolNextFree.free_at.asc().nulls_last(), Pool.id)
        .limit(MOST)
    ).all()
    wanted = {_line(line) for line in likeness.lines}
    found = [
        row.id
        for row in rows
        if wanted <= {_line(line) for line in specification_lines(row.specifications)}
    ]
    if period is None or not found:
        return found
    free = pools_free_during(session, actor, period, found, now)
    return [key for key in found if key in free]


def lines_of(session: Session, pool_id: int) -> list[tuple[str, str]]:
    """Return the specification lines of a pool. One query."""
    text = session.execute(select(Pool.specifications).where(Pool.id == pool_id)).scalar_one()
    return specification_lines(text)


def aspects_of(words: str, field: str) -> tuple[str, ...]:
    """Return the ASPECTS named, with commas between. Raises Invalid on another word."""
    found = tuple(word.strip() for word in words.split(",") if word.strip())
    if not set(found) <= set(ASPECTS):
        raise Invalid("unknown_choice", field=field, actual=words)
    return found


def likeness_of(session: Session, pool_id: int, aspects: Sequence[str]) -> Likeness:
    """Return the likeness in these ASPECTS; specifications: every line. One query at most."""
    lines = tuple(lines_of(session, pool_id)) if "specifications" in aspects else ()
    return Likeness("category" in aspects, "model" in aspects, lines)


def _line(line: tuple[str, str]) -> tuple[str, str]:
    return normalise(line[0]), normalise(line[1])
