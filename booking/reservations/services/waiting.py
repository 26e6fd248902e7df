"""Waiting for time of a pool: joining, leaving, taking or declining an offer, and its end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Forbidden, Invalid, RuleViolated, WrongState
from booking.core.period import Period
from booking.infra.db import lock_pools
from booking.policies.rules.decide import AT_ANY_TIME
from booking.reservations.models import Hold, WaitlistEntry
from booking.reservations.queries.asking import Booker, Intent, asking
from booking.reservations.queries.facts import PoolFacts, pool_of_unit, units_of, visible_pool
from booking.reservations.queries.reservations import Found, locked_reservation
from booking.reservations.queries.waiting import open_of, own_entry
from booking.reservations.rules.life import require_live
from booking.reservations.rules.proposal import MOST_PREFERRED, BookingRequest
from booking.reservations.rules.waiting import MOST_WAITING, QUEUED, Wish, earliest, require_wish
from booking.reservations.services.bookers import booker_for
from booking.reservations.services.holding import plain, release_hold
from booking.reservations.services.kept import let_go
from booking.reservations.services.locking import lock_booking
from booking.reservations.services.moving import Change, move
from booking.reservations.services.offering import (
    Freed,
    add_event,
    drop_offer,
    note_freed,
    tell_waiting,
)
from booking.reservations.services.priority import end_replaced, lock_replaced
from booking.reservations.services.requesting import request_reservation

BATCH = 50


def join(session: Session, actor: Actor, wish: Wish, now: datetime) -> int:
    """Return the id of the new entry, last in its pool's queue; what is free is offered at once.

    Raises NotFound, Forbidden, Invalid, RuleViolated where no free time would do, WrongState
    `too_many_waiting`, `already_waiting`, or of the reservation to move up.
    """
    if wish.kind == "move_up":
        return _join_move_up(session, actor, wish, now)
    window = require_wish(wish, now)
    pool_id = wish.pool_id or pool_of_unit(session, wish.unit_id or 0)[0]
    pool = visible_pool(session, actor, pool_id, now)
    lock_pools(session, [pool.pool_id])
    request = BookingRequest(
        window.start, window.end, pool_id=pool.pool_id, purpose=wish.purpose,
        company_id=wish.company_id, institution_id=wish.institution_id,
    )  # fmt: skip
    person_id, party = booker_for(session, actor, pool, request, now)
    first = earliest(window, now)
    intent = Intent(
        Period(first, first + timedelta(minutes=wish.minutes)), wish.quantity, now,
        purpose=wish.purpose, note=wish.note.strip(), by=actor,
    )  # fmt: skip
    _require_hope(session, pool, Booker(person_id, party), intent)
    values = {
        "unit_id": wish.unit_id, "quantity": wish.quantity, "minutes": wish.minutes,
        "purpose": wish.purpose, "note": wish.note.strip(), "company_id": party.company_id,
        "institution_id": party.institution_id, "reservation_id": None,
    }  # fmt: skip
    return _enter(session, actor, wish.kind, pool.pool_id, window, values, now)


def leave(session: Session, actor: Actor, entry_id: int, now: datetime) -> None:
    """Stop waiting; an offer goes to the next. Raises NotFound, WrongState `not_waiting`."""
    entry = _locked(session, actor, entry_id)
    if entry.state not in QUEUED:
        raise WrongState("not_waiting", actual=entry.state)
    _end(session, actor, entry, "left", now)


def decline(session: Session, actor: Actor, entry_id: int, now: datetime) -> None:
    """Decline an offer; it goes to the next. Raises NotFound, WrongState `no_offer`."""
    entry = _locked(session, actor, entry_id)
    if entry.state != "offered":
        raise WrongState("no_offer", actual=entry.state)
    _end(session, actor, entry, "declined", now)


def accept(
    session: Session,
    actor: Actor,
    entry_id: int,
    now: datetime,
    answers: Mapping[str, Any] = MappingProxyType({}),
) -> int:
    """Return the id of the reservation made, or moved up, of an offer; every rule is asked again.

    `answers` are to the pool's questions.

    Raises NotFound, WrongState `no_offer` or `offer_ended`, and what booking or moving does; then
    the offer stands until it ends.
    """
    wanted = own_entry(session, actor, entry_id)
    if wanted.reservation_id is not None:
        locked_reservation(session, actor, wanted.reservation_id)
    lost = lock_replaced(session, wanted, now)
    # What quotas are counted for comes before the pool.
    lock_booking(session, [wanted.pool_id], wanted.user_id, wanted.company_id)
    entry = _locked(session, actor, entry_id)
    if entry.state != "offered":
        raise WrongState("no_offer", actual=entry.state)
    if entry.offer_until is None or entry.offer_until <= now:
        raise WrongState("offer_ended", actual=entry.state)
    hold = session.get_one(Hold, entry.hold_id)
    release_hold(session, hold, now)
    if lost is not None:
        end_replaced(session, actor, lost, now)
    reservation_id = _take(session, actor, entry, hold, answers, now)
    entry.state = "taken"
    session.flush()
    add_event(session, entry.id, "taken", now, reservation=reservation_id)
    record(
        session, actor, "waitlist.taken", ("waitlist", entry.id), now,
        after={"reservation": reservation_id},
    )  # fmt: skip
    return reservation_id


def expire_holds(session: Session, now: datetime) -> int:
    """Return how many offers and short holds past their end were released, at most 50.

    What they held goes to the next in line.
    """
    due = (Hold.kind.in_(("offer", "form")), Hold.released_at.is_(None), Hold.expires_at <= now)
    found = session.execute(
        select(Hold.id, Hold.pool_id).where(*due).order_by(Hold.expires_at, Hold.id).limit(BATCH)
    ).all()
    if not found:
        return 0
    lock_pools(session, [row.pool_id for row in found])
    # Again, now that nobody can take them: what was accepted meanwhile is not expired.
    holds = session.scalars(
        select(Hold)
        .where(Hold.id.in_([row.id for row in found]), *due)
        .order_by(Hold.id)
        .execution_options(populate_existing=True)
    ).all()
    for hold in holds:
        _expire(session, hold, now)
    return len(found)


def _expire(session: Session, hold: Hold, now: datetime) -> None:
    entry = session.scalars(
        select(WaitlistEntry)
        .where(WaitlistEntry.hold_id == hold.id, WaitlistEntry.state == "offered")
        .execution_options(populate_existing=True)
    ).one_or_none()
    if entry is None:
        let_go(session, hold, now)
        return
    period = Period(hold.start_at, hold.end_at)
    drop_offer(session, entry, now, entry.user_id)
    entry.state = "expired"
    session.flush()
    add_event(session, entry.id, "expired", now)
    tell_waiting(session, entry, "waitlist_expired", now, period=period)
    record(session, None, "waitlist.expired", ("waitlist", entry.id), now)


def _join_move_up(session: Session, actor: Actor, wish: Wish, now: datetime) -> int:
    """Return the entry that asks for an earlier time of a reservation. Its own rules count."""
    found = locked_reservation(session, actor, wish.reservation_id or 0)
    row = found.row
    if row.user_id != actor.user_id:
        raise Forbidden
    require_live(row.status, found.period, now, row.decide_by)
    if row.start_at <= now:
        raise WrongState("already_started", actual=row.status)
    lock_pools(session, [row.pool_id])
    window = _earlier(found, wish, now)
    values = {
        "unit_id": None, "quantity": row.quantity, "minutes": found.period.minutes,
        "purpose": row.purpose, "note": row.note, "company_id": row.company_id,
        "institution_id": row.institution_id, "reservation_id": row.id,
    }  # fmt: skip
    return _enter(session, actor, "move_up", row.pool_id, window, values, now)


def _earlier(found: Found, wish: Wish, now: datetime) -> Period:
    """Return the window that ends when the reservation does now."""
    first = max(wish.first, now).replace(second=0, microsecond=0)
    if first >= found.period.start:
        raise Invalid("window_too_short", field="start", actual=found.period.minutes)
    return Period(first, found.period.end)


def _require_hope(session: Session, pool: PoolFacts, booker: Booker, intent: Intent) -> None:
    asked = asking(session, pool, len(units_of(session, pool.pool_id)), booker, intent)
    hopeless = tuple(v for v in asked.violations() if v.code in AT_ANY_TIME)
    if hopeless:
        raise RuleViolated(hopeless)


def _enter(
    session: Session,
    actor: Actor,
    kind: str,
    pool_id: int,
    window: Period,
    values: Mapping[str, object],
    now: datetime,
) -> int:
    """Return the id of the entry written; the caller holds the pool's lock."""
    own = open_of(session, actor.user_id)
    if len(own) >= MOST_WAITING:
        raise WrongState("too_many_waiting", limit=MOST_WAITING)
    key = (kind, pool_id, values["unit_id"], values["minutes"], values["reservation_id"])
    for one in own:
        same = (one.kind, one.pool_id, one.unit_id, one.minutes, one.reservation_id) == key
        if same and (
            kind == "move_up" or (one.first_at, one.last_at) == (window.start, window.end)
        ):
            raise WrongState("already_waiting", actual=one.id)
    row = {
        "kind": kind, "pool_id": pool_id, "user_id": actor.user_id, "first_at": window.start,
        "last_at": window.end, "state": "waiting", "priority": 0, "created_at": now, **values,
    }  # fmt: skip
    query = insert(WaitlistEntry).values(row).returning(WaitlistEntry.id)
    entry_id = int(session.execute(query).scalar_one())
    add_event(session, entry_id, "joined", now)
    after = {"pool": pool_id, "kind": kind, **plain(window)}
    record(session, actor, "waitlist.join", ("waitlist", entry_id), now, after=after)
    if kind != "notice":
        # What is free already is offered at once: a release meanwhile has not seen this entry.
        note_freed(session, Freed(pool_id, window, now, actor.user_id, news=False))
    return entry_id


def _locked(session: Session, actor: Actor, entry_id: int) -> WaitlistEntry:
    """Return one's own entry, fresh, its pool locked."""
    entry = own_entry(session, actor, entry_id)
    lock_pools(session, [entry.pool_id])
    session.refresh(entry, with_for_update=True)
    return entry


def _end(session: Session, actor: Actor, entry: WaitlistEntry, state: str, now: datetime) -> None:
    if entry.state == "offered":
        drop_offer(session, entry, now, actor.user_id)
    entry.state = state
    session.flush()
    add_event(session, entry.id, state, now)
    record(session, actor, f"waitlist.{state}", ("waitlist", entry.id), now)


def _take(
    session: Session,
    actor: Actor,
    entry: WaitlistEntry,
    hold: Hold,
    answers: Mapping[str, Any],
    now: datetime,
) -> int:
    """Return the reservation that now has the offered time."""
    if entry.reservation_id is not None:
        change = Change(start=hold.start_at, end=hold.end_at)
        move(session, actor, entry.reservation_id, None, change, now)
        return entry.reservation_id
    units = tuple(int(unit) for unit in hold.unit_ids.split())[:MOST_PREFERRED]
    named = entry.unit_id is not None
    request = BookingRequest(
        hold.start_at, hold.end_at, pool_id=None if named else entry.pool_id,
        unit_id=entry.unit_id, quantity=entry.quantity,
        preferred_unit_ids=() if named else units, purpose=entry.purpose, note=entry.note,
        company_id=entry.company_id, institution_id=entry.institution_id, answers=dict(answers),
    )  # fmt: skip
    return request_reservation(session, actor, request, now).reservation_id
