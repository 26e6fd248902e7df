"""What time itself does to reservations: completing, retiring allocations, forgetting keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, literal_column, select, update
from sqlalchemy.orm import Session

from booking.audit.models import Audit
from booking.core.period import Period
from booking.infra.db import is_postgresql
from booking.inventory.models import Pool
from booking.reservations.models import Allocation, Idempotency, PoolNextFree, Reservation
from booking.reservations.models.changes import FORGOTTEN, AllocationChange
from booking.reservations.queries.asking import Booker, Intent, askings
from booking.reservations.queries.availability import ACTIVE, next_slots
from booking.reservations.queries.facts import pool_facts
from booking.reservations.queries.lists import AGREED
from booking.reservations.rules.using import LOOKED_BACK

BATCH = 500
# Live rows stay active a day past their end (DESIGN §3), so late corrections still find them.
RETIRE_AFTER = timedelta(days=1)
A_QUARTER = timedelta(minutes=15)
KEPT_CHANGES = 100_000


def complete_ended(session: Session, now: datetime) -> int:
    """Return how many reservations past their end became completed, at most 500.

    Where people check in, those nobody came to are left to `miss_absent`, which looks back so far.
    """
    due = select(Reservation.id, Reservation.pool_id, Reservation.status, Reservation.end_at)
    # What has ended has begun: the index of live ones, in order of start, has few of those.
    due = due.where(AGREED, Reservation.start_at < now, Reservation.end_at <= now)
    due = due.order_by(Reservation.start_at, Reservation.id)
    due = due.limit(BATCH).with_for_update(skip_locked=True)
    rows = session.execute(due).all()
    pools = pool_facts(session, sorted({row.pool_id for row in rows}))
    found = [
        row.id
        for row in rows
        if row.status == "in_use"
        or not pools[row.pool_id].rules.check_in.value
        or row.end_at <= now - LOOKED_BACK
    ]
    ids = session.scalars(
        update(Reservation)
        .where(Reservation.id.in_(found))
        .where(AGREED)
        .values(status="completed", version=Reservation.version + 1)
        .returning(Reservation.id)
    ).all()
    if ids:
        session.execute(
            insert(Audit),
            [
                {
                    "at": now, "actor_id": None, "action": "reservation.complete",
                    "subject_type": "reservation", "subject_id": id_,
                }
                for id_ in ids
            ],
        )  # fmt: skip
    return len(ids)


def retire_allocations(session: Session, now: datetime) -> int:
    """Return how many allocations a day past their end left the live index, at most 500."""
    due = select(Allocation.id).where(ACTIVE, Allocation.block_end < now - RETIRE_AFTER)
    due = due.order_by(Allocation.block_end).limit(BATCH)
    found = session.scalars(due).all()
    session.execute(update(Allocation).where(Allocation.id.in_(found)).values(active=0))
    return len(found)


def forget_keys(session: Session, now: datetime, hours: int) -> int:
    """Return how many Idempotency-Keys older than `hours` were forgotten."""
    old = Idempotency.created_at < now - timedelta(hours=hours)
    return len(session.execute(delete(Idempotency).where(old).returning(Idempotency.key)).all())


def forget_changes(session: Session) -> None:
    """Forget what the log of changes has but for its last 100,000 entries.

    A map that has not read them yet learns from the entry written here that it must start anew.
    """
    last = session.scalar(select(func.max(AllocationChange.id))) or 0
    old = AllocationChange.id <= last - KEPT_CHANGES
    mark = func.coalesce(AllocationChange.mark, AllocationChange.id)
    until = session.scalar(select(func.max(mark)).where(old))
    if until is None:
        return
    entry: dict[str, Any] = {"unit_id": FORGOTTEN, "block_start": until, "block_end": until}
    if is_postgresql(session):
        entry["mark"] = literal_column("pg_current_xact_id()::text::bigint")
    # Before what it stands for goes: SQLite would give out the ids again if none were left.
    session.execute(insert(AllocationChange).values(entry))
    session.execute(delete(AllocationChange).where(old))


def stalest_pools(session: Session, now: datetime, limit: int) -> list[int]:
    """Return pools whose "soonest free" is unknown, past or older than an hour, oldest first."""
    rows = session.scalars(
        select(Pool.id)
        .outerjoin(PoolNextFree, PoolNextFree.pool_id == Pool.id)
        .where(Pool.retired_at.is_(None))
        .where(
            PoolNextFree.computed_at.is_(None)
            | (PoolNextFree.computed_at < now - timedelta(hours=1))
            | (PoolNextFree.free_at < now)
        )
        .order_by(PoolNextFree.computed_at.asc().nulls_first(), Pool.id)
        .limit(limit)
    )
    return list(rows)


def next_free_of(
    session: Session, pool_ids: Sequence[int], now: datetime
) -> dict[int, datetime | None]:
    """Return when each pool's shortest allowed slot is next free to those it is shared with.

    Reads only. None: nothing within the horizon, or not shared.
    """
    found: dict[int, datetime | None] = {}
    pools = pool_facts(session, list(pool_ids)).values()
    whoever = [(pool, 1, Booker(insider=pool.sharing is None)) for pool in pools]
    intent = Intent(Period(now, now + A_QUARTER), 1, now, searches=True)
    for asked in askings(session, whoever, intent):
        least = timedelta(minutes=asked.rules.min_minutes.value)
        shortest = Period(now, now + max(least, A_QUARTER))
        slots = next_slots(session, asked.at(shortest), 1)
        found[asked.pool.pool_id] = slots[0].period.start if slots else None
    return found


def keep_next_free(session: Session, found: dict[int, datetime | None], now: datetime) -> None:
    """Write what `next_free_of` found, replacing what was known."""
    if not found:
        return
    session.execute(delete(PoolNextFree).where(PoolNextFree.pool_id.in_(found)))
    session.execute(
        insert(PoolNextFree),
        [{"pool_id": p, "free_at": at, "computed_at": now} for p, at in found.items()],
    )
