"""Requesting a reservation: gather, decide, hold. Every way in comes through here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor, Party
from booking.core.errors import Busy, Conflict, Violation
from booking.core.period import Period
from booking.infra.db import is_postgresql
from booking.reservations.queries.asking import Asked, Booker, Intent, asking
from booking.reservations.queries.availability import FreeUnit, in_the_way
from booking.reservations.queries.beside import Alike, own_beside
from booking.reservations.queries.facts import PoolFacts, pool_of_unit
from booking.reservations.queries.formalities import asked_of, formal_violations
from booking.reservations.queries.people import lock_booker
from booking.reservations.queries.stocked import stocked_pool
from booking.reservations.rules.life import decide_by
from booking.reservations.rules.proposal import BookingRequest, require_form
from booking.reservations.rules.slots import UnitFacts
from booking.reservations.rules.steps import ONLY_LAB
from booking.reservations.services.answering import keep_answers
from booking.reservations.services.bookers import booker_for
from booking.reservations.services.holding import Block, block_of, plain, preferred_first
from booking.reservations.services.idempotency import Key, claim_key, keep_key, made_before
from booking.reservations.services.inserting import insert_held, insert_reservation
from booking.reservations.services.kept import use_hold
from booking.reservations.services.locking import lock_booking, pool_id_of, subject_of
from booking.reservations.services.notices import (
    About,
    tell_approvers,
    tell_booked,
    tell_person,
)
from booking.reservations.services.overriding import may_override, settle
from booking.reservations.services.seating import Seats, has_room, require_units_of, seat
from booking.reservations.services.squeezing import Leave, leave_of
from booking.reservations.services.stepping import begin_steps, tell_deciders


@dataclass(frozen=True, slots=True)
class Plan:
    """A request that breaks no rule: what will be written once the units are held."""

    request: BookingRequest
    pool: PoolFacts
    asked: Asked
    period: Period
    unit: UnitFacts | None  # the named one
    units: tuple[UnitFacts, ...]
    free: tuple[FreeUnit, ...]  # of them, best fit first
    person_id: int
    party: Party
    status: str
    overridden: tuple[str, ...]  # codes
    leave: Leave = Leave()

    @property
    def fits(self) -> bool:
        """Return whether enough is free as things stand."""
        if self.unit is None:
            return len(self.free) >= self.request.quantity
        return self.unit.unit_id in {free.unit_id for free in self.free}

    @property
    def only_block(self) -> Block | None:
        """Return what is to be held if that is one unit, free as things stand."""
        if self.request.quantity != 1 or not self.fits:
            return None
        if self.unit is not None:
            return block_of(self.unit, self.period)
        return block_of(preferred_first(self.free, self.request.preferred_unit_ids)[0], self.period)

    @property
    def alike(self) -> Alike:
        """Return what an own reservation must have in common to become one with it."""
        request = self.request
        return Alike(
            self.person_id, self.party, request.quantity, request.purpose, request.note.strip(),
            named=self.unit is not None,
        )  # fmt: skip

    @property
    def seats(self) -> Seats:
        """Return what is to be held."""
        return Seats(
            self.pool, self.period, self.request.quantity, self.unit,
            self.request.preferred_unit_ids,
            owner=self.party.institution_id == self.pool.institution_id, leave=self.leave,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Booked:
    """The reservation made, joined into an own one, or made before by an Idempotency-Key."""

    reservation_id: int
    row: Row[*tuple[Any, ...]] | None = None  # its SHOWN columns, unless it was made before
    unit_ids: tuple[int, ...] = ()
    joined: bool = False

    @property
    def replayed(self) -> bool:
        """Return whether it was made before."""
        return self.row is None and not self.joined


def look_before(
    session: Session, actor: Actor, request: BookingRequest, now: datetime
) -> int | None:
    """Return the own reservation it may be joined into, None for none.

    Raises what `request_reservation` would, from a plain read: a loser then takes no lock.
    """
    key = key_of(actor, request)
    if key and made_before(session, key, "reservation_id") is not None:
        return None
    plan = plan_booking(session, actor, request, now)
    near = own_beside(session, plan.pool, plan.alike, plan.period, now)
    # What is kept for the actor would be in the way.
    if near is not None or request.hold_id is not None or can_hold(session, plan, now):
        return near
    wanted = plan.units if plan.unit is None else [plan.unit]
    raise Conflict(in_the_way(session, wanted, plan.period))


def can_hold(session: Session, plan: Plan, now: datetime) -> bool:
    """Return whether the plan's units are free, or can be made so by moving others'."""
    return plan.fits or has_room(session, plan.seats, plan.units, now)


def request_reservation(
    session: Session, actor: Actor, request: BookingRequest, now: datetime
) -> Booked:
    """Return the new reservation: approved where no decision is needed, else pending.

    Raises Invalid, NotFound, RuleViolated (every violation), Conflict (what is in the way; the
    caller adds alternatives), WrongState("idempotency_mismatch").
    """
    key = key_of(actor, request)
    if key:
        known = claim_key(session, key, "reservation_id", now)
        if known is not None:
            return Booked(known)
    # Locked before it is looked at: no unit is retired and no agreement ended between the rules'
    # answer and the hold.
    pool_id = pool_id_of(session, request)
    lock_booking(session, [pool_id], *subject_of(session, actor, request, now))
    request = use_hold(session, actor, request, now)
    plan = plan_booking(session, actor, request, now)
    if plan.pool.pool_id != pool_id:
        raise Busy  # its unit changed pools meanwhile
    booked = hold_plan(session, actor, plan, now)
    tell_of(session, actor, plan, booked, now)
    if key:
        keep_key(session, key, "reservation_id", booked.reservation_id)
    return booked


def hold_plan(
    session: Session,
    actor: Actor,
    plan: Plan,
    now: datetime,
    member: Mapping[str, Any] = MappingProxyType({}),
) -> Booked:
    """Return the reservation written for a plan, its units held; nobody is told yet.

    The caller holds the pool's lock. `member` gives the columns of a group's reservation.
    Raises Conflict.
    """
    row, unit_id = _insert(session, plan, {**_values(actor, plan, now), **member})
    begin_steps(session, row.id, plan.asked.steps, now, row.decide_by)
    asked = asked_of(session, plan.pool)
    if asked is not None:
        keep_answers(session, row.id, asked, plan.request.answers)
    if unit_id is not None:
        return Booked(row.id, row, (unit_id,))
    held = seat(session, actor, plan.seats, ("reservation", row.id), now, plan.free)
    return Booked(row.id, row, tuple(held))


def plan_booking(session: Session, actor: Actor, request: BookingRequest, now: datetime) -> Plan:
    """Return what the request amounts to, every rule asked; reads only.

    Raises Invalid, NotFound or RuleViolated.
    """
    period = require_form(request)
    pool_id = request.pool_id
    if request.unit_id is not None:
        pool_id, state = pool_of_unit(session, request.unit_id)
    else:
        state = "in_service"
    pool, stock = stocked_pool(session, actor, pool_id or 0, period, now)
    person_id, party = booker_for(session, actor, pool, request, now)
    unit = next((u for u in stock.units if u.unit_id == request.unit_id), None)
    require_units_of(session, pool, request.preferred_unit_ids)
    intent = Intent(
        period, request.quantity, now, purpose=request.purpose, note=request.note.strip(),
        unit_id=request.unit_id, by=actor, group_id=request.group_id, draw_id=request.draw_id,
        only=True,
    )  # fmt: skip
    asked = asking(session, pool, len(stock.units), Booker(person_id, party), intent)
    found = asked.violations()
    if request.unit_id is not None and unit is None:
        found += (Violation(f"unit_{state}", origin="unit", field="unit_id"),)
    found += formal_violations(session, pool, (person_id, actor.user_id), request.answers, now)
    overridden = settle(actor, pool, found, request.override_reason)
    leads = may_override(actor, pool, ())
    return Plan(
        request, pool, asked, period, unit, stock.units, stock.free, person_id, party,
        "pending" if asked.proposal.needs_decision else "approved", overridden,
        leave_of(pool, person_id, request.override_reason.strip() if leads else ""),
    )  # fmt: skip


def _insert(
    session: Session, plan: Plan, values: dict[str, Any]
) -> tuple[Row[*tuple[Any, ...]], int | None]:
    """Return the reservation written, and the unit it holds already, if it does."""
    block = plan.only_block
    if block is not None and is_postgresql(session):
        pinned = plan.unit is not None
        row, held = insert_held(session, values, plan.party, block, pinned=pinned)
        return row, block.unit_id if held else None
    lock_booker(session, plan.person_id, plan.party)
    return insert_reservation(session, values), None


def _values(actor: Actor, plan: Plan, now: datetime) -> dict[str, Any]:
    within = plan.asked.rules.decide_within_hours.value
    pending = plan.status == "pending"
    return {
        "pool_id": plan.pool.pool_id,
        "quantity": plan.request.quantity,
        "start_at": plan.period.start,
        "end_at": plan.period.end,
        "status": plan.status,
        "version": 1,
        "named_unit": int(plan.unit is not None),
        "user_id": plan.person_id,
        "company_id": plan.party.company_id,
        "institution_id": plan.party.institution_id,
        "purpose": plan.request.purpose,
        "note": plan.request.note.strip(),
        "source": "booked",
        "created_at": now,
        "created_by_id": actor.user_id,
        "decide_by": decide_by(now, plan.period.start, within) if pending else None,
        "decided_at": None if pending else now,
        "decided_by_id": None if pending or plan.pool.approval == "auto" else actor.user_id,
        "override_reason": plan.request.override_reason.strip() if plan.overridden else "",
        "overridden": " ".join(plan.overridden),
    }


def tell_of(session: Session, actor: Actor, plan: Plan, booked: Booked, now: datetime) -> None:
    """Tell whom a new reservation concerns, plan its reminders, and write it into the record."""
    reservation_id = booked.reservation_id
    about = About(reservation_id, 1, plan.person_id, plan.period)
    for_other = plan.person_id != actor.user_id
    told = ("booked_for_you", {"by": actor.name}) if for_other else ("approved", {})
    if plan.status == "approved":
        tell_booked(session, about, told[0], now, **told[1])
    else:
        tell_asked(session, about, plan, now)
        if for_other:
            tell_person(session, about, told[0], now, **told[1])
    after = {"status": plan.status, "units": list(booked.unit_ids), **plain(plan.period)}
    if plan.overridden:
        after["overridden"] = list(plan.overridden)
    record(
        session, actor, "reservation.request", ("reservation", reservation_id), now, after=after,
        reason=plan.request.override_reason if plan.overridden else None,
    )  # fmt: skip


def tell_asked(session: Session, about: About, plan: Plan, now: datetime) -> None:
    """Tell those who decide first on a new request."""
    if plan.asked.steps == ONLY_LAB:
        tell_approvers(session, about, "request_received", plan.pool, now)
    else:
        of = plan.party.company_id
        tell_deciders(session, about, "request_received", plan.pool, of, now)


def key_of(actor: Actor, request: BookingRequest) -> Key | None:
    """Return the Idempotency-Key of a request, if it has one."""
    if not request.idempotency_key:
        return None
    return Key(actor.user_id, request.idempotency_key, request.body_hash)
