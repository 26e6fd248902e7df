"""What is known of who asks: their record in the lab and their qualification for the group."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may
from booking.approvals.rules.askers import LATE_HOURS, LOOKED_BACK_DAYS, Fitness, Record, fitness
from booking.core.actor import Actor
from booking.infra.db import BigInt
from booking.inventory.models import Pool
from booking.policies.models import Qualification
from booking.reservations.models import Reservation
from booking.reservations.queries.facts import pool_facts
from booking.reservations.queries.named import Named


def told_to(actor: Actor, found: Sequence[Named]) -> list[Named]:
    """Return of these requests those of whose person the actor is told more: the lab's deciders.

    A company's admin or a group that agrees as well is not told what the person does elsewhere.
    """
    return [one for one in found if may(actor, "step.lab", one.subject)]


def records(
    session: Session, found: Sequence[Named], now: datetime
) -> dict[tuple[int | None, int | None], Record]:
    """Return the record of each person in each lab, by (user, lab), of the last twelve months.

    Who has none is left out. One query: each person's year is read once, by its index.
    """
    since = now - timedelta(days=LOOKED_BACK_DAYS)
    start, ended = (type_coerce(at, BigInt) for at in (Reservation.start_at, Reservation.ended_at))
    over = and_(Reservation.status.in_(("approved", "in_use")), Reservation.end_at <= now)
    late = and_(
        Reservation.status == "cancelled",
        Reservation.ended_by_id == Reservation.user_id,
        ended > start - LATE_HOURS * 3600,
    )
    rows = session.execute(
        select(
            Reservation.user_id, Pool.lab_id,
            _count(or_(Reservation.status == "completed", over)),
            _count(Reservation.status == "no_show"), _count(late),
        )
        .join(Pool, Pool.id == Reservation.pool_id)
        .where(Reservation.user_id.in_(sorted({one.row.user_id or 0 for one in found})))
        .where(Pool.lab_id.in_(sorted({one.subject.lab_id or 0 for one in found})))
        .where(Reservation.start_at >= since)
        .group_by(Reservation.user_id, Pool.lab_id)
    )  # fmt: skip
    return {(user, lab): Record(*map(int, counts)) for user, lab, *counts in rows}


def fitnesses(session: Session, found: Sequence[Named], now: datetime) -> dict[int, Fitness]:
    """Return by reservation what the person's qualification is worth to it. Two queries.

    Left out: where none is needed nor held.
    """
    pools = pool_facts(session, sorted({one.row.pool_id for one in found}))
    held: dict[int, list[Any]] = defaultdict(list)
    for row in session.scalars(
        select(Qualification)
        .where(Qualification.user_id.in_(sorted({one.row.user_id or 0 for one in found})))
        .where(Qualification.revoked_at.is_(None))
        .order_by(Qualification.id)
    ):
        held[row.user_id].append(row)
    shown = {}
    for one in found:
        pool, until = pools[one.row.pool_id], (one.asked or one.period).end
        known = fitness(pool.place, held[one.row.user_id or 0], pool.rules.level.value, until, now)
        if known is not None:
            shown[one.row.id] = known
    return shown


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))
