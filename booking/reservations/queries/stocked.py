"""A pool with its units in one query: each statement less spares PostgreSQL a round trip.

A booking asks twice, before and after its locks.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, func, select
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.period import Period, to_epoch
from booking.infra.db import run
from booking.inventory.models import Pool, Unit
from booking.reservations.queries.availability import (
    END,
    NEIGHBOURS,
    START,
    Stock,
    is_free,
    stock_from,
)
from booking.reservations.queries.facts import BOOKABLE, PoolFacts, seen_pool, select_facts


def stocked_pool(
    session: Session, actor: Actor, pool_id: int, period: Period, now: datetime
) -> tuple[PoolFacts, Stock]:
    """Return what `visible_pool` and `stock_of` do. Raises NotFound. One query."""
    row = _run(session, _STOCKED, pool_id, period)
    pool = seen_pool(session, actor, row, now)
    return pool, stock_from(
        sorted(json.loads(row.units or "[]")), to_epoch(period.start), to_epoch(period.end)
    )


def pool_and_free(
    session: Session, actor: Actor, pool_id: int, period: Period, now: datetime
) -> tuple[PoolFacts, list[int]]:
    """Return `visible_pool` and the ids of its bookable units free for `period`, in order.

    Buffers included. Raises NotFound. One query.
    """
    row = _run(session, _FREE, pool_id, period)
    return seen_pool(session, actor, row, now), sorted(json.loads(row.units or "[]"))


def _run(session: Session, statements: dict[str, Select[Any]], pool_id: int, period: Period) -> Any:
    asked = {"id": pool_id, "start": to_epoch(period.start), "end": to_epoch(period.end)}
    statement = statements[session.get_bind().dialect.name]
    return run(session, statement, asked).one_or_none()


def _with(units: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the query for the facts of a pool, and `units` of those of its units as JSON text."""
    some = select(cast(units, Text)).where(Unit.pool_id == Pool.id, BOOKABLE, *conditions)
    found = some.correlate(Pool).scalar_subquery().label("units")
    return select_facts().add_columns(found).where(Pool.id == bindparam("id"))


_STOCKED = {
    "postgresql": _with(func.json_agg(func.json_build_array(*NEIGHBOURS))),
    "sqlite": _with(func.json_group_array(func.json_array(*NEIGHBOURS))),
}
_FREE = {
    "postgresql": _with(func.json_agg(Unit.id), is_free(START, END)),
    "sqlite": _with(func.json_group_array(Unit.id), is_free(START, END)),
}
