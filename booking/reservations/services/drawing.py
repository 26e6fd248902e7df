"""Deciding the requests for a day that opens fairly: ranked once, then one by one in that order.

Each step is a transaction of its own and goes on from what is written: any number of processes may
make one draw, and one that dies is taken over.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import (
    Busy,
    Conflict,
    Invalid,
    NotFound,
    Refusal,
    RuleViolated,
)
from booking.core.period import Period, to_epoch
from booking.infra.db import lock_pools, savepoint
from booking.infra.outbox import Message, enqueue
from booking.reservations.models import Draw, DrawEntry
from booking.reservations.queries.asking import Booker, Intent, asking
from booking.reservations.queries.availability import next_slots
from booking.reservations.queries.draws import actor_of, entrants_of, next_in_draw, recent_use
from booking.reservations.queries.facts import visible_pool
from booking.reservations.rules.draws import places
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.bookers import booker_for
from booking.reservations.services.holding import plain
from booking.reservations.services.locking import lock_booking, pool_id_of
from booking.reservations.services.notices import (
    About,
    tell_booked,
    tell_person,
)
from booking.reservations.services.requesting import (
    Booked,
    Plan,
    hold_plan,
    plan_booking,
    tell_asked,
)

INSTEAD = 3  # free times of which who lost is told


def rank(session: Session, draw_id: int, now: datetime) -> None:
    """Give each request of a draw its place, once for good."""
    draw = _locked(session, draw_id)
    if draw.state != "open" or draw.draws_at > now:
        return
    entrants = entrants_of(session, draw_id)
    order = places(entrants, recent_use(session, draw, entrants), draw.seed)
    for place in order:
        session.execute(
            update(DrawEntry)
            .where(DrawEntry.id == place.entry_id)
            .values(
                rank=place.rank, turn=place.turn, person_minutes=place.person_minutes,
                party_minutes=place.party_minutes, lot=place.lot,
            )
        )  # fmt: skip
    draw.state, draw.drawn_at = "ranked", now
    session.flush()
    after = {"seed": draw.seed, "order": [place.entry_id for place in order]}
    record(session, None, "draw.rank", ("draw", draw_id), now, after=after)


def decide(session: Session, entry_id: int, now: datetime) -> None:
    """Book what an entry asks for, by every rule, if it is its turn; else it has lost.

    Nothing happens where another process was quicker.
    """
    entry = session.get_one(DrawEntry, entry_id)
    draw = session.get_one(Draw, entry.draw_id)
    # What quotas are counted for comes before the pool.
    lock_booking(session, [draw.pool_id], entry.user_id, entry.company_id)
    if next_in_draw(session, draw.id) != entry_id:
        return
    actor = actor_of(session, entry.made_by_id, now)
    try:
        if actor is None:
            raise Invalid("unknown_person")
        with savepoint(session):
            plan, booked = _book(session, actor, draw, entry, now)
    except (Invalid, NotFound, RuleViolated, Conflict) as refusal:
        session.expire_all()
        why = _codes(refusal)
        _settle(session, entry_id, {"state": "lost", "why": why})
        record(session, actor, "draw.lost", ("draw_entry", entry_id), now, after={"why": why})
        return
    _settle(session, entry_id, {"state": "won", "reservation_id": booked.reservation_id})
    _tell_won(session, actor, plan, booked, entry, now)


def free_instead(session: Session, draw_id: int, now: datetime) -> dict[int, tuple[Period, ...]]:
    """Return up to three times still free for each who lost, once all is decided; reads only."""
    if next_in_draw(session, draw_id) is not None:
        return {}
    lost = session.scalars(_lost(draw_id)).all()
    return {entry.id: _free_for(session, entry, now) for entry in lost}


def finish(
    session: Session, draw_id: int, instead: Mapping[int, Sequence[Period]], now: datetime
) -> None:
    """Open the day to everybody and tell who lost, once everything is decided."""
    draw = _locked(session, draw_id)
    if draw.state != "ranked" or next_in_draw(session, draw_id) is not None:
        return
    draw.state = "done"
    session.flush()
    of = _size(session, draw_id)
    lost = session.scalars(_lost(draw_id)).all()
    enqueue(session, [_lost_message(one, of, instead.get(one.id, ()), now) for one in lost], now)


def _locked(session: Session, draw_id: int) -> Draw:
    draw = session.get_one(Draw, draw_id)
    lock_pools(session, [draw.pool_id])
    session.refresh(draw, with_for_update=True)
    return draw


def _book(
    session: Session, actor: Actor, draw: Draw, entry: DrawEntry, now: datetime
) -> tuple[Plan, Booked]:
    request = _request(draw, entry)
    if pool_id_of(session, request) != draw.pool_id:
        raise NotFound("unit")  # it is of another pool now, which is not locked
    plan = plan_booking(session, actor, request, now)
    return plan, hold_plan(session, actor, plan, now)


def _request(draw: Draw, entry: DrawEntry) -> BookingRequest:
    form = json.loads(entry.form)
    return BookingRequest(
        entry.start_at, entry.end_at, pool_id=None if entry.unit_id else draw.pool_id,
        unit_id=entry.unit_id, quantity=entry.quantity,
        preferred_unit_ids=tuple(form.get("preferred", ())), purpose=entry.purpose, note=entry.note,
        company_id=entry.company_id, institution_id=entry.institution_id,
        on_behalf_of=entry.user_id, answers=form.get("answers", {}), draw_id=draw.id,
    )  # fmt: skip


def _settle(session: Session, entry_id: int, values: Mapping[str, Any]) -> None:
    """Write what became of an entry that waits. Raises Busy when it no longer does."""
    settled = session.execute(
        update(DrawEntry)
        .where(DrawEntry.id == entry_id, DrawEntry.state == "waiting")
        .values(**values)
        .returning(DrawEntry.id)
    ).scalar()
    if settled is None:
        raise Busy


def _codes(refusal: Refusal) -> str:
    found = refusal.violations if isinstance(refusal, RuleViolated) else ()
    return " ".join(dict.fromkeys(violation.code for violation in found)) or refusal.code


def _tell_won(
    session: Session, actor: Actor, plan: Plan, booked: Booked, entry: DrawEntry, now: datetime
) -> None:
    about = About(booked.reservation_id, 1, plan.person_id, plan.period)
    place = {"rank": entry.rank, "of": _size(session, entry.draw_id)}
    if plan.status == "approved":
        tell_booked(session, about, "draw_won", now, **place)
    else:
        tell_asked(session, about, plan, now)
        tell_person(session, about, "draw_won", now, **place)
    after = {
        "status": plan.status, "units": list(booked.unit_ids), **plain(plan.period),
        "draw": entry.draw_id, **place,
    }  # fmt: skip
    subject = ("reservation", booked.reservation_id)
    record(session, actor, "reservation.request", subject, now, after=after)


def _lost_message(entry: DrawEntry, of: int, instead: Sequence[Period], now: datetime) -> Message:
    told = {
        **plain(Period(entry.start_at, entry.end_at)), "rank": entry.rank, "of": of,
        "other": [[to_epoch(period.start), to_epoch(period.end)] for period in instead],
    }  # fmt: skip
    return Message(
        dedupe_key=f"draw_entry:{entry.id}:draw_lost",
        kind="draw_lost",
        recipient_id=entry.user_id,
        subject_ref=f"draw_entry:{entry.id}",
        due_at=now,
        parameters=json.dumps(told),
    )


def _lost(draw_id: int) -> Any:
    query = select(DrawEntry).where(DrawEntry.draw_id == draw_id, DrawEntry.state == "lost")
    return query.order_by(DrawEntry.rank)


def _size(session: Session, draw_id: int) -> int:
    query = select(func.count()).where(DrawEntry.draw_id == draw_id, DrawEntry.rank.is_not(None))
    return session.execute(query).scalar_one()


def _free_for(session: Session, entry: DrawEntry, now: datetime) -> tuple[Period, ...]:
    """Return what the person could book, as if the day were open, from the wanted start on."""
    draw = session.get_one(Draw, entry.draw_id)
    actor = actor_of(session, entry.made_by_id, now)
    if actor is None:
        return ()
    try:
        pool = visible_pool(session, actor, draw.pool_id, now)
        booker = Booker(*booker_for(session, actor, pool, _request(draw, entry), now))
    except Refusal:
        return ()
    start = max(entry.start_at, now)
    period = Period(start, start + (entry.end_at - entry.start_at))
    intent = Intent(period, entry.quantity, now, searches=True, by=actor, draw_id=draw.id)
    asked = asking(session, pool, entry.quantity, booker, intent)
    asked = replace(asked, proposal=replace(asked.proposal, its_turn=False))  # it is over
    return tuple(slot.period for slot in next_slots(session, asked, INSTEAD))
