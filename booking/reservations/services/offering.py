"""Freed time goes to who waits for it, in turn, before anybody else finds it (DESIGN §7).

Whatever frees time calls `note_freed`; once, at the end of its transaction, the first who can use
what is really free then is offered it. An offer is a hold, so no two offers are of one slot.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, insert, update
from sqlalchemy.orm import Session

from booking.core.period import Period, subtract, to_epoch
from booking.infra.db import at_end, lock_pools
from booking.infra.outbox import Message, enqueue
from booking.reservations.models import Hold, WaitlistEntry, WaitlistEvent
from booking.reservations.queries.offers import (
    AT_ONCE,
    Queue,
    queue_for,
    slot_for,
    stands,
    window_of,
)
from booking.reservations.queries.waiting import awaited, waiting_for
from booking.reservations.rules.slots import Slot
from booking.reservations.rules.waiting import TOLD_EVERY, offer_until
from booking.reservations.services.holding import (
    Block,
    held_blocks,
    plain,
    release_hold,
    try_blocks,
)

MARGIN = 24 * 60  # minutes: with what was free beside it, freed time may serve a window near it
_EVENT = insert(cast(Table, WaitlistEvent.__table__))


@dataclass(frozen=True, slots=True)
class Freed:
    """Time of a pool that may be free now. `by` freed it; `news`: those who watch are to know."""

    pool_id: int
    period: Period
    now: datetime
    by: int | None = None
    news: bool = True


def note_freed(session: Session, freed: Freed) -> None:
    """Have the freed time offered at the end of this transaction, if somebody waits for it."""
    at_end(session, _offer_freed, freed)


def note_less(
    session: Session, pool_id: int, old: Period, new: Period, now: datetime, by: int | None
) -> None:
    """Have offered what `new` leaves of `old`; nothing when it is only longer."""
    for part in subtract(old, [new]):
        note_freed(session, Freed(pool_id, part, now, by))


def offer_waiting(session: Session, pool_id: int, now: datetime) -> int:
    """Return how many of those who wait for a pool are offered a slot now. Locks the pool."""
    lock_pools(session, [pool_id])
    queue = queue_for(session, pool_id, now)
    return _offer_in_turn(session, queue, waiting_for(session, pool_id, None, AT_ONCE))


def drop_offer(session: Session, entry: WaitlistEntry, now: datetime, by: int | None) -> None:
    """Release the hold of an offer: the next in line is offered it. The pool is locked."""
    hold = session.get_one(Hold, entry.hold_id)
    release_hold(session, hold, now)
    note_freed(session, Freed(entry.pool_id, Period(hold.start_at, hold.end_at), now, by))


def add_event(session: Session, entry_id: int, what: str, now: datetime, **detail: Any) -> None:
    """Write down what happened to an entry, for all who may see the queue."""
    values = {"entry_id": entry_id, "at": now, "what": what, "detail": json.dumps(detail)}
    session.execute(_EVENT, values)


def tell_waiting(
    session: Session,
    entry: WaitlistEntry,
    kind: str,
    now: datetime,
    *,
    period: Period,
    until: datetime | None = None,
    **more: Any,
) -> None:
    """Tell who waits, once for each hold or hour; `until` ends the message's use."""
    told = {**plain(period), **more, **({"until": to_epoch(until)} if until else {})}
    mark = entry.hold_id or to_epoch(now)
    message = Message(
        dedupe_key=f"waitlist:{entry.id}:{kind}:{mark}",
        kind=kind,
        recipient_id=entry.user_id,
        subject_ref=f"waitlist:{entry.id}",
        due_at=now,
        useful_until=until,
        parameters=json.dumps(told),
    )
    enqueue(session, [message], now)


def _offer_freed(session: Session, freed: list[Freed]) -> None:
    """Offer what became free, pool by pool in order of id; then tell who watches."""
    now = freed[0].now
    coming = [one for one in freed if one.period.end > now]
    pools = sorted({one.pool_id for one in coming})
    queued = awaited(session, pools) if pools else []
    lock_pools(session, queued)
    for pool_id in queued:
        here = [one for one in coming if one.pool_id == pool_id]
        near = [one.period.widened(MARGIN, MARGIN) for one in here]
        entries = waiting_for(session, pool_id, near, AT_ONCE)
        if not entries:
            continue
        queue = queue_for(session, pool_id, now)
        _offer_in_turn(session, queue, entries)
        watching = [entry for entry in entries if entry.kind == "notice"]
        for entry in watching:
            _tell_freed(session, queue, entry, [one for one in here if one.news])


def _offer_in_turn(session: Session, queue: Queue, entries: Sequence[WaitlistEntry]) -> int:
    """Return how many were offered a slot; who was passed over for a later one learns why."""
    passed: list[tuple[WaitlistEntry, tuple[str, ...]]] = []
    offered = 0
    for entry in entries:
        if entry.kind == "notice":
            continue
        if not _still_wants(session, entry, queue.now):
            continue
        slot, why, minutes = slot_for(session, queue, entry)
        if slot is None or not _offer(session, queue, entry, slot, minutes):
            passed.append((entry, why))
            continue
        offered += 1
        for before, codes in passed:
            add_event(session, before.id, "skipped", queue.now, why=list(codes))
        passed = []
    return offered


def _offer(session: Session, queue: Queue, entry: WaitlistEntry, slot: Slot, minutes: int) -> bool:
    """Return whether the slot is now held for who waits, and they are told."""
    now = queue.now
    until = offer_until(now, minutes, slot.period.start)
    buffers = {unit.unit_id: unit for unit in queue.units}
    own = {} if entry.reservation_id is None else _own_blocks(session, entry.reservation_id)
    blocks = [
        Block(unit_id, part)
        for unit_id in slot.unit_ids
        for part in subtract(
            slot.period.widened(buffers[unit_id].warmup_minutes, buffers[unit_id].cleanup_minutes),
            own.get(unit_id, ()),
        )
    ]
    values = {
        "kind": "offer", "pool_id": entry.pool_id, "user_id": entry.user_id,
        "start_at": slot.period.start, "end_at": slot.period.end, "quantity": entry.quantity,
        "unit_ids": " ".join(str(unit_id) for unit_id in slot.unit_ids), "override_reason": "",
        "created_at": now, "expires_at": until,
    }  # fmt: skip
    hold_id = int(session.execute(insert(Hold).values(values).returning(Hold.id)).scalar_one())
    if not try_blocks(session, blocks, ("hold", hold_id), pinned=entry.unit_id is not None):
        session.execute(update(Hold).where(Hold.id == hold_id).values(released_at=now))
        return False
    entry.state, entry.hold_id = "offered", hold_id
    entry.offered_at, entry.offer_until = now, until
    session.flush()
    add_event(session, entry.id, "offered", now, **plain(slot.period), until=to_epoch(until))
    tell_waiting(session, entry, "waitlist_offer", now, period=slot.period, until=until)
    return True


def _own_blocks(session: Session, reservation_id: int) -> dict[int, list[Period]]:
    own: dict[int, list[Period]] = {}
    for block in held_blocks(session, ("reservation", reservation_id)):
        own.setdefault(block.unit_id, []).append(block.period)
    return own


def _still_wants(session: Session, entry: WaitlistEntry, now: datetime) -> bool:
    """Return whether the wish still stands; else it lapses."""
    if stands(session, entry, now):
        return True
    entry.state = "lapsed"
    session.flush()
    add_event(session, entry.id, "lapsed", now)
    tell_waiting(session, entry, "waitlist_lapsed", now, period=window_of(entry))
    return False


def _tell_freed(
    session: Session, queue: Queue, entry: WaitlistEntry, freed: Sequence[Freed]
) -> None:
    """Mail a watcher when enough of the freed time can be booked; not who freed it, nor often."""
    now = queue.now
    if entry.offered_at is not None and entry.offered_at > now - TOLD_EVERY:
        return
    for one in freed:
        start = max(one.period.start, entry.first_at)
        end = min(one.period.end, entry.last_at)
        if one.by == entry.user_id or end - start < timedelta(minutes=entry.minutes):
            continue
        slot, _why, _minutes = slot_for(session, queue, entry, Period(start, end))
        if slot is None:
            continue
        entry.offered_at = now
        session.flush()
        add_event(session, entry.id, "told", now, **plain(slot.period))
        tell_waiting(session, entry, "time_freed", now, period=slot.period, until=end)
        return
