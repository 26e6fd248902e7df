"""Choosing a slot keeps it for a few minutes, while the form is filled in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.errors import RuleViolated, Violation, WrongState
from booking.core.period import Period
from booking.infra.db import lock_pools
from booking.reservations.models import Hold
from booking.reservations.queries.asking import Booker, Intent, asking
from booking.reservations.queries.facts import pool_of_unit
from booking.reservations.queries.stocked import stocked_pool
from booking.reservations.rules.proposal import BookingRequest, require_form
from booking.reservations.rules.waiting import offer_until
from booking.reservations.services.bookers import booker_for
from booking.reservations.services.holding import hold_any
from booking.reservations.services.kept import give_back, kept_in
from booking.reservations.services.locking import pool_id_of
from booking.reservations.services.seating import Seats, seat

MOST_HOLDS = 3  # a person


@dataclass(frozen=True, slots=True)
class Kept:
    """A slot kept until `until`, on these units."""

    hold_id: int
    period: Period
    until: datetime
    unit_ids: tuple[int, ...]


def keep_slot(session: Session, actor: Actor, wanted: BookingRequest, now: datetime) -> Kept:
    """Return the slot now kept for the actor, who may book it with the hold's id.

    Purpose and note are not known yet, every other rule is asked. Raises Invalid, NotFound,
    RuleViolated, Conflict, WrongState `no_short_holds`, `too_many_holds`.
    """
    period = require_form(wanted)
    lock_pools(session, [pool_id_of(session, wanted)])
    pool, stock = stocked_pool(session, actor, pool_id_of(session, wanted), period, now)
    booker = Booker(*booker_for(session, actor, pool, wanted, now))
    intent = Intent(period, wanted.quantity, now, unit_id=wanted.unit_id, by=actor)
    asked = asking(session, pool, len(stock.units), booker, intent)
    broken = asked.violations()
    unit = next((u for u in stock.units if u.unit_id == wanted.unit_id), None)
    if wanted.unit_id is not None and unit is None:
        state = pool_of_unit(session, wanted.unit_id)[1]
        broken += (Violation(f"unit_{state}", origin="unit", field="unit_id"),)
    if broken:
        raise RuleViolated(broken)
    _require_few(session, actor, asked.rules.hold_minutes.value, now)
    until = offer_until(now, asked.rules.hold_minutes.value, period.start)
    values = {
        "kind": "form", "pool_id": pool.pool_id, "user_id": actor.user_id,
        "start_at": period.start, "end_at": period.end, "quantity": wanted.quantity,
        "unit_ids": "", "override_reason": "", "created_at": now, "expires_at": until,
    }  # fmt: skip
    hold_id = int(session.execute(insert(Hold).values(values).returning(Hold.id)).scalar_one())
    owner = ("hold", hold_id)
    if unit is None:
        units = hold_any(session, pool, period, wanted.quantity, owner, looked=stock.free)
    else:
        units = seat(session, actor, Seats(pool, period, 1, unit), owner, now, stock.free)
    text = " ".join(str(unit_id) for unit_id in units)
    session.execute(update(Hold).where(Hold.id == hold_id).values(unit_ids=text))
    return Kept(hold_id, period, until, tuple(units))


def keep_instead(session: Session, actor: Actor, wanted: BookingRequest, now: datetime) -> Kept:
    """Return as `keep_slot`; what the actor had kept in the same pool is given back for it."""
    pool_id = pool_id_of(session, wanted)
    lock_pools(session, [pool_id])
    for hold_id in kept_in(session, actor, pool_id):
        give_back(session, actor, hold_id, now)
    return keep_slot(session, actor, wanted, now)


def _require_few(session: Session, actor: Actor, minutes: int, now: datetime) -> None:
    if minutes == 0:
        raise WrongState("no_short_holds")
    live = session.scalar(
        select(func.count())
        .select_from(Hold)
        .where(Hold.user_id == actor.user_id, Hold.released_at.is_(None))
        .where(Hold.kind == "form", Hold.expires_at > now)
    )
    if live is not None and live >= MOST_HOLDS:
        raise WrongState("too_many_holds", limit=MOST_HOLDS)
