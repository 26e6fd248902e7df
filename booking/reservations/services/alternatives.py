"""What to offer instead of a taken time: slots that would pass every rule if booked at once."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.errors import Alternative, Conflict, Refusal, RuleViolated
from booking.core.period import Period
from booking.policies.rules.calendar import local_day
from booking.reservations.queries.asking import Booker, Intent, asking, booker_of
from booking.reservations.queries.availability import next_slots, starts_within
from booking.reservations.queries.facts import pool_facts, units_of, visible_pool
from booking.reservations.queries.reservations import unit_ids_of, visible_reservation
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.bookers import booker_for
from booking.reservations.services.locking import pool_id_of
from booking.reservations.services.moving import Change
from booking.reservations.services.requesting import (
    Plan,
    can_hold,
    plan_booking,
)

OFFERED = 3


def with_alternatives(
    session: Session, actor: Actor, request: BookingRequest, now: datetime, conflict: Conflict
) -> Conflict:
    """Return the conflict with up to three slots: sibling now, same unit later, next in pool."""
    try:
        plan = plan_booking(session, actor, request, now)
    except Refusal:
        return conflict  # the time itself broke a rule only a manager may override
    found = _sibling_now(plan) if plan.unit is not None else []
    if plan.unit is not None:
        found += _later(session, actor, plan, now, "same_unit_later", 1)
    found += _later(session, actor, plan, now, "next_in_pool", OFFERED)
    if plan.unit is not None:
        found += _later(session, actor, plan, now, "same_unit_later", OFFERED)[1:]
    unique: dict[tuple[int, datetime], Alternative] = {}
    for offer in found:
        unique.setdefault((offer.unit_id, offer.period.start), offer)
    return Conflict(conflict.conflicts, tuple(unique.values())[:OFFERED])


def with_other_times(
    session: Session,
    actor: Actor,
    reservation_id: int,
    change: Change,
    now: datetime,
    conflict: Conflict,
) -> Conflict:
    """Return the conflict of a move with up to three times this very reservation could take."""
    row = visible_reservation(session, actor, reservation_id).row
    if row.start_at <= now:
        return conflict  # what has begun can only be made longer or shorter
    pool = pool_facts(session, [row.pool_id])[row.pool_id]
    units = units_of(session, row.pool_id)
    if row.named_unit:
        own = unit_ids_of(session, [row.id]).get(row.id, [])
        units = [unit for unit in units if unit.unit_id in own]
    intent = Intent(
        Period(change.start or row.start_at, change.end or row.end_at),
        change.quantity or row.quantity, now, searches=True, besides=row.id, by=actor,
        group_id=row.group_id,
    )  # fmt: skip
    asked = asking(session, pool, len(units), booker_of(row), intent)
    slots = next_slots(session, asked, OFFERED, units=units)
    reason = "same_unit_later" if row.named_unit else "next_in_pool"
    offers = (Alternative(slot.unit_ids[0], slot.period, reason) for slot in slots)
    return Conflict(conflict.conflicts, tuple(offers))


def nearest_time(
    session: Session, actor: Actor, request: BookingRequest, now: datetime
) -> Period | None:
    """Return the time nearest to the one asked for at which the request would pass, if any.

    Of the same length: the same local day before or after, else the next. Raises NotFound, Invalid.
    """
    pool = visible_pool(session, actor, pool_id_of(session, request), now)
    units = [u for u in units_of(session, pool.pool_id) if request.unit_id in (None, u.unit_id)]
    period = Period(request.start, request.end)
    booker = Booker(*booker_for(session, actor, pool, request, now))
    intent = Intent(period, request.quantity, now, searches=True, purpose=request.purpose)
    asked = asking(session, pool, len(units), booker, intent)
    day = local_day(period.start.astimezone(pool.zone).date(), pool.zone)
    starts = starts_within(session, asked, units, day)
    starts += [slot.period.start for slot in next_slots(session, asked, 1, units=units)]
    nearest = sorted(set(starts), key=lambda start: (abs(start - period.start), start))
    for start in nearest[:OFFERED]:
        found = Period(start, start + period.length)
        if _passes(session, actor, replace(request, start=start, end=found.end), now):
            return found
    return None


def _passes(session: Session, actor: Actor, request: BookingRequest, now: datetime) -> bool:
    try:
        return can_hold(session, plan_booking(session, actor, request, now), now)
    except RuleViolated:
        return False


def _sibling_now(plan: Plan) -> list[Alternative]:
    return [Alternative(unit.unit_id, plan.period, "sibling_now") for unit in plan.free[:1]]


def _later(
    session: Session, actor: Actor, plan: Plan, now: datetime, reason: str, limit: int
) -> list[Alternative]:
    units = [plan.unit] if reason == "same_unit_later" and plan.unit else list(plan.units)
    intent = Intent(plan.period, plan.request.quantity, now, searches=True, by=actor)
    booker = Booker(plan.person_id, plan.party)
    asked = asking(session, plan.pool, len(units), booker, intent)
    slots = next_slots(session, asked, limit, units=units)
    return [Alternative(slot.unit_ids[0], slot.period, reason) for slot in slots]
