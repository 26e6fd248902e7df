"""What the booking form shows beside its fields: pool, units, rules, who decides; what is free."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.core.period import Period
from booking.policies.rules.times import fitting_length
from booking.reservations.queries.asking import Booker, Intent, asking
from booking.reservations.queries.availability import next_slots
from booking.reservations.queries.facts import PoolFacts, pool_of_unit, units_of, visible_pool
from booking.reservations.queries.named import PoolPlace, UnitName, place_of, pool_unit_names
from booking.reservations.queries.people import approver_names
from booking.reservations.rules.colleagues import companies_booked_for
from booking.reservations.rules.slots import UnitFacts
from booking.reservations.views.calibration import calibration_lines
from booking.web.acting import own
from booking.web.wording import approval_text, rule_lines

USUAL_MINUTES = 60
LENGTHS = (30, 60, 120, 240, 480, 1440)  # worth a button where the rules allow them


@dataclass(frozen=True, slots=True)
class Desk:
    """One pool as the actor may book it."""

    pool: PoolFacts
    place: PoolPlace
    units: dict[int, UnitName]  # all but the retired
    bookable: tuple[UnitFacts, ...]
    for_others: bool
    only_of_companies: frozenset[int] | None  # whose members one may book for; None: anybody
    rules: tuple[tuple[str, str], ...]  # in words, approval last
    asks: bool  # whether the actor's booking waits for a decision
    actor: Actor

    @property
    def leads(self) -> bool:
        """Return whether the actor may book for anybody, and past rules."""
        return self.for_others and self.only_of_companies is None

    @property
    def most(self) -> int:
        """Return the largest quantity of one booking."""
        return min(len(self.bookable), self.pool.rules.max_units.value)

    @property
    def lengths(self) -> list[int]:
        """Return the usual lengths, in minutes, that the rules allow."""
        rules = self.pool.rules
        return [m for m in LENGTHS if fitting_length(rules, m) == timedelta(minutes=m)]

    @property
    def usual(self) -> timedelta:
        """Return the length a fresh form starts with."""
        return fitting_length(self.pool.rules, USUAL_MINUTES)

    def only_unit(self) -> int | None:
        """Return the unit of a pool of one."""
        return next(iter(self.units)) if len(self.units) == 1 else None


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would book if it were free: a length, a unit or any, a quantity."""

    length: timedelta
    unit_id: int | None
    quantity: int


def open_desk(
    session: Session, actor: Actor, pool_id: int | None, unit_id: int | None, now: datetime
) -> Desk:
    """Return the desk of a pool, or of the unit's pool. Raises NotFound when not the actor's."""
    if pool_id is None and unit_id is not None:
        pool_id, _state = pool_of_unit(session, unit_id)
    if pool_id is None:
        raise NotFound("pool")
    pool = visible_pool(session, actor, pool_id, now)
    units = {unit.unit_id: unit for unit in pool_unit_names(session, pool.pool_id)}
    if unit_id is not None and unit_id not in units:
        raise NotFound("unit")
    decides = may(actor, "reservation.decide", pool.subject())
    asks = pool.needs_decision(actor)
    for_anybody = may(actor, "reservation.for_other", pool.subject())
    companies = companies_booked_for(actor)
    how = approval_text(pool, approver_names(session, pool) if asks else [], decides=decides)
    return Desk(
        pool, place_of(session, pool.pool_id), units, tuple(units_of(session, pool.pool_id)),
        for_anybody or bool(companies), None if for_anybody else companies,
        (
            *rule_lines(pool, insider=own(actor, pool), units=len(units)),
            *calibration_lines(session, pool.pool_id, units, now),
            (_("Approval"), how),
        ),
        asks, actor,
    )  # fmt: skip


def first_free(
    session: Session, booker: Booker, desk: Desk, since: datetime, wish: Wish, now: datetime
) -> Period | None:
    """Return the first period from `since` on that passes every rule and is free, if any."""
    period = Period(since, since + wish.length)
    intent = Intent(period, wish.quantity, now, searches=True, by=desk.actor)
    asked = asking(session, desk.pool, len(desk.bookable), booker, intent)
    units = [unit for unit in desk.bookable if wish.unit_id in (None, unit.unit_id)]
    slots = next_slots(session, asked, 1, units=units)
    return slots[0].period if slots else None
