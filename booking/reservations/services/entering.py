"""Asking for a time of a day that opens fairly, and taking it back, while it is collected."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Busy, RuleViolated, WrongState
from booking.core.period import Period
from booking.infra.db import lock_pools
from booking.policies.rules.calendar import local_day
from booking.reservations.models import Draw, DrawEntry
from booking.reservations.queries.draw_entries import own_draw_entry
from booking.reservations.queries.facts import visible_pool
from booking.reservations.rules.draws import MOST_ENTRIES, sealed
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.bookers import booker_for
from booking.reservations.services.holding import plain
from booking.reservations.services.idempotency import claim_key, keep_key
from booking.reservations.services.locking import pool_id_of
from booking.reservations.services.requesting import key_of, plan_booking

SEED_BYTES = 16


def enter(session: Session, actor: Actor, request: BookingRequest, now: datetime) -> int:
    """Return the entry of a request for a day that opens fairly; the same wish has one entry.

    Every other rule is asked now, and again when it is decided. Raises what `plan_booking` does,
    WrongState `being_drawn`, `too_many_entries`; Busy where the rules have just changed;
    EnteredBefore when its Idempotency-Key has entered already.
    """
    key = key_of(actor, request)
    if key:
        claim_key(session, key, "draw_entry_id", now)
    pool_id = pool_id_of(session, request)
    lock_pools(session, [pool_id])
    draws_at = _collected_until(session, actor, request, now)
    pool = visible_pool(session, actor, pool_id, now)
    person_id, party = booker_for(session, actor, pool, request, now)
    day = local_day(request.start.astimezone(pool.zone).date(), pool.zone)
    draw = _draw(session, pool_id, day, draws_at, now)
    if draw.state != "open":
        raise WrongState("being_drawn")
    wanted = {
        "draw_id": draw.id, "user_id": person_id, "company_id": party.company_id,
        "institution_id": party.institution_id, "unit_id": request.unit_id,
        "quantity": request.quantity, "start_at": request.start, "end_at": request.end,
    }  # fmt: skip
    entry_id = _known(session, wanted) or _write(session, actor, wanted, request, now)
    if key:
        keep_key(session, key, "draw_entry_id", entry_id)
    return entry_id


def withdraw_entry(session: Session, actor: Actor, entry_id: int, now: datetime) -> None:
    """Take a request back while they are collected. Raises NotFound, WrongState `already_drawn`."""
    entry = own_draw_entry(session, actor, entry_id)
    draw = session.get_one(Draw, entry.draw_id)
    lock_pools(session, [draw.pool_id])
    session.refresh(draw)
    session.refresh(entry, with_for_update=True)
    if draw.state != "open" or entry.state != "waiting":
        raise WrongState("already_drawn", actual=entry.state)
    entry.state = "withdrawn"
    session.flush()
    record(session, actor, "draw.withdraw", ("draw_entry", entry_id), now)


def _collected_until(
    session: Session, actor: Actor, request: BookingRequest, now: datetime
) -> datetime:
    """Return until when requests for the day are collected. Raises RuleViolated by other rules."""
    try:
        plan_booking(session, actor, request, now)
    except RuleViolated as refusal:
        others = tuple(v for v in refusal.violations if v.code != "fair_opening")
        if others:
            raise RuleViolated(others) from refusal
        until: datetime = refusal.violations[0].limit
        return until
    raise Busy  # the rules have just changed: it can be booked now


def _draw(session: Session, pool_id: int, day: Period, draws_at: datetime, now: datetime) -> Draw:
    """Return the draw of a day, begun with its first request; the pool is locked."""
    draw = session.scalars(
        select(Draw)
        .where(Draw.pool_id == pool_id, Draw.day_start == day.start, Draw.draws_at == draws_at)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if draw is None:
        seed = secrets.token_hex(SEED_BYTES)
        draw = Draw(
            pool_id=pool_id, day_start=day.start, day_end=day.end, draws_at=draws_at, state="open",
            seed=seed, seal=sealed(seed), created_at=now,
        )  # fmt: skip
        session.add(draw)
        session.flush()
    return draw


def _known(session: Session, wanted: Mapping[str, Any]) -> int | None:
    """Return the entry of the very same wish. Raises WrongState when the person has too many."""
    mine = session.scalars(
        select(DrawEntry)
        .where(DrawEntry.draw_id == wanted["draw_id"], DrawEntry.user_id == wanted["user_id"])
        .where(DrawEntry.state == "waiting")
        .order_by(DrawEntry.id)
    ).all()
    for one in mine:
        if all(getattr(one, name) == value for name, value in wanted.items()):
            return one.id
    if len(mine) >= MOST_ENTRIES:
        raise WrongState("too_many_entries", limit=MOST_ENTRIES)
    return None


def _write(
    session: Session,
    actor: Actor,
    wanted: Mapping[str, Any],
    request: BookingRequest,
    now: datetime,
) -> int:
    form = {"preferred": list(request.preferred_unit_ids), "answers": dict(request.answers)}
    values = {
        **wanted, "made_by_id": actor.user_id, "purpose": request.purpose,
        "note": request.note.strip(), "form": json.dumps(form), "state": "waiting", "why": "",
        "created_at": now,
    }  # fmt: skip
    query = insert(DrawEntry).values(values).returning(DrawEntry.id)
    entry_id = int(session.execute(query).scalar_one())
    after = {"draw": wanted["draw_id"], **plain(Period(request.start, request.end))}
    record(session, actor, "draw.enter", ("draw_entry", entry_id), now, after=after)
    return entry_id
