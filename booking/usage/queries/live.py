"""What waits and what stands idle right now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select
from sqlalchemy.orm import Session

from booking.companies.models import Institution, Lab
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Reservation, WaitlistEntry
from booking.reservations.queries.lists import PENDING
from booking.usage.models import UsageUnit

Where = Sequence[ColumnElement[bool]]
# Days without use; a unit is in the first that holds it. None: longer, or never.
IDLE_STEPS = (7, 30, 90, 180)
AGES = (4, 12, 24, 48)  # hours a request has waited
MOST_PENDING = 20_000
_QUEUED: ColumnElement[bool] = literal_column("waitlist_entry.state IN ('waiting','offered')")
_LIVE = (Unit.retired_at.is_(None), Unit.state != "retired", Pool.retired_at.is_(None))


@dataclass(frozen=True, slots=True)
class Queue:
    """A pool for which people wait: how many, minutes they want, since when."""

    pool_id: int
    name_zh: str
    name_en: str
    entries: int
    minutes: int
    since: datetime


def longest_queues(session: Session, where: Where, most: int) -> list[Queue]:
    """Return the pools most wait for, most first. One query."""
    count = func.count(WaitlistEntry.id)
    query = (
        select(
            Pool.id, Pool.name_zh, Pool.name_en, count,
            func.sum(WaitlistEntry.minutes * WaitlistEntry.quantity),
            func.min(WaitlistEntry.created_at),
        )
        .join(Pool, Pool.id == WaitlistEntry.pool_id)
        .where(_QUEUED, *where)
        .group_by(Pool.id, Pool.name_zh, Pool.name_en)
        .order_by(count.desc(), Pool.id)
        .limit(most)
    )  # fmt: skip
    return [Queue(*row[:4], int(row[4]), row[5]) for row in session.execute(query)]


def pending_ages(
    session: Session, pool_ids: Collection[int] | None, now: datetime
) -> list[tuple[int, datetime]]:
    """Return for each step of AGES, and beyond, how many requests wait and since when. One query.

    `pool_ids` None: of all pools. A step in which none wait has the present as its time.
    """
    # In the order of their index, and pools afterwards: grouped or joined, SQLite would go through
    # all that pools ever had.
    query = select(Reservation.pool_id, Reservation.created_at).where(PENDING)
    query = query.order_by(Reservation.decide_by, Reservation.pool_id).limit(MOST_PENDING)
    found = [(0, now)] * (len(AGES) + 1)
    for pool, made in session.execute(query):
        if pool_ids is None or pool in pool_ids:
            step = next(
                (n for n, hours in enumerate(AGES) if made > now - timedelta(hours=hours)),
                len(AGES),
            )
            found[step] = (found[step][0] + 1, min(found[step][1], made))
    return found


def idle_units(session: Session, where: Where, until: date) -> list[int]:
    """Return how many units were last used within each step of IDLE_STEPS, and longer ago.

    One query.
    """
    last = last_used()
    step = case(
        *((last > since(until, days), n) for n, days in enumerate(IDLE_STEPS)),
        else_=len(IDLE_STEPS),
    )
    query = select(step, func.count()).select_from(Unit).join(Pool, Pool.id == Unit.pool_id)
    query = query.where(*_LIVE, *where).group_by(step)
    found = {int(n): int(count) for n, count in session.execute(query)}
    return [found.get(n, 0) for n in range(len(IDLE_STEPS) + 1)]


def last_used() -> Any:
    """Return the last day a unit was used, as a column of a query over units."""
    return (
        select(func.max(UsageUnit.day))
        .where(UsageUnit.unit_id == Unit.id)
        .correlate(Unit)
        .scalar_subquery()
    )


def units_listed(
    where: Where,
    until: date,
    idle: tuple[int, int | None] | None,
    used_by: tuple[int, str, str] | None,
) -> Select[*tuple[Any, ...]]:
    """Return a query for (Unit, Pool, Lab, Institution, last day used), longest unused first.

    `idle`: last used at least so many days ago, and less than so many. `used_by`: a company, and
    the days between which it used them.
    """
    last = last_used()
    query = (
        select(Unit, Pool, Lab, Institution, last)
        .join(Pool, Pool.id == Unit.pool_id)
        .join(Lab, Lab.id == Pool.lab_id)
        .join(Institution, Institution.id == Pool.institution_id)
        .where(*_LIVE, *where)
    )
    if idle is not None:
        least, most = idle
        query = query.where(func.coalesce(last, "") <= since(until, least))
        if most is not None:
            query = query.where(last > since(until, most))
    if used_by is not None:
        company, first, end = used_by
        used = select(UsageUnit.unit_id).where(
            UsageUnit.company_id == company, UsageUnit.day.between(first, end)
        )
        query = query.where(Unit.id.in_(used))
    return query.order_by(func.coalesce(last, ""), Unit.id)


def used_by_unit(
    session: Session, unit_ids: Sequence[int], first: str, last: str, company: int | None
) -> dict[int, int]:
    """Return the seconds each of these units was used between two days. One query."""
    query = select(UsageUnit.unit_id, func.sum(UsageUnit.used)).where(
        UsageUnit.unit_id.in_(unit_ids), UsageUnit.day.between(first, last)
    )
    if company is not None:
        query = query.where(UsageUnit.company_id == company)
    rows = session.execute(query.group_by(UsageUnit.unit_id))
    return {unit: int(seconds) for unit, seconds in rows}


def since(until: date, days: int) -> str:
    """Return the day so many days before `until`; used after it means used within them."""
    return (until - timedelta(days=days)).isoformat()
