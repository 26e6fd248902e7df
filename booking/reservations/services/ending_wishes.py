"""What somebody waits for ends with their place: waiting lists, offers, days that open fairly."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.period import Period
from booking.infra.db import lock_pools
from booking.infra.outbox import Message, enqueue
from booking.reservations.models import Draw, DrawEntry, WaitlistEntry
from booking.reservations.queries.offers import window_of
from booking.reservations.rules.waiting import QUEUED
from booking.reservations.services.holding import plain
from booking.reservations.services.offering import add_event, drop_offer, tell_waiting


def end_wishes(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    company_id: int | None = None,
    user_id: int | None = None,
) -> int:
    """Return how many wishes of a person, of a company or of the one for the other have ended.

    Offers go to the next in line; each person is told of each. Locks the pools.
    """
    waits = _whose(WaitlistEntry, company_id, user_id, WaitlistEntry.state.in_(QUEUED))
    asks = _whose(DrawEntry, company_id, user_id, DrawEntry.state == "waiting")
    asks = (*asks, Draw.state == "open")  # one that is being drawn is decided by the rules
    pools = set(session.scalars(select(WaitlistEntry.pool_id).where(*waits)))
    of_draws = select(Draw.pool_id).join(DrawEntry, DrawEntry.draw_id == Draw.id)
    pools |= set(session.scalars(of_draws.where(*asks)))
    if not pools:
        return 0
    lock_pools(session, sorted(pools))
    entries = session.scalars(
        select(WaitlistEntry)
        .where(*waits, WaitlistEntry.pool_id.in_(pools))
        .order_by(WaitlistEntry.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for entry in entries:
        _stop_waiting(session, actor, entry, now)
    drawn = session.scalars(
        select(DrawEntry)
        .join(Draw, Draw.id == DrawEntry.draw_id)
        .where(*asks, Draw.pool_id.in_(pools))
        .order_by(DrawEntry.id)
        .with_for_update(of=DrawEntry)
        .execution_options(populate_existing=True)
    ).all()
    _take_out(session, actor, drawn, now)
    return len(entries) + len(drawn)


def _whose(
    table: type[WaitlistEntry] | type[DrawEntry],
    company_id: int | None,
    user_id: int | None,
    open_ones: ColumnElement[bool],
) -> tuple[ColumnElement[bool], ...]:
    wanted = [open_ones]
    if company_id is not None:
        wanted.append(table.company_id == company_id)
    if user_id is not None:
        wanted.append(table.user_id == user_id)
    return tuple(wanted)


def _stop_waiting(session: Session, actor: Actor, entry: WaitlistEntry, now: datetime) -> None:
    if entry.state == "offered":
        drop_offer(session, entry, now, entry.user_id)
    entry.state = "left"
    session.flush()
    add_event(session, entry.id, "left", now, why="no_place")
    tell_waiting(session, entry, "waitlist_ended", now, period=window_of(entry))
    record(session, actor, "waitlist.left", ("waitlist", entry.id), now)


def _take_out(session: Session, actor: Actor, drawn: Sequence[DrawEntry], now: datetime) -> None:
    for entry in drawn:
        entry.state = "withdrawn"
        session.flush()
        record(session, actor, "draw.withdraw", ("draw_entry", entry.id), now)
    enqueue(session, [_message(entry, now) for entry in drawn], now)


def _message(entry: DrawEntry, now: datetime) -> Message:
    return Message(
        dedupe_key=f"draw_entry:{entry.id}:draw_ended",
        kind="draw_ended",
        recipient_id=entry.user_id,
        subject_ref=f"draw_entry:{entry.id}",
        due_at=now,
        parameters=json.dumps(plain(Period(entry.start_at, entry.end_at))),
    )
