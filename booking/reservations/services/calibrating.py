"""Calibration: the last day a unit may be used without; after it the unit is closed."""

import contextlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from booking.audit.services import change
from booking.companies.models import Site
from booking.core.actor import Actor
from booking.core.errors import Conflict, Invalid, WrongState
from booking.core.period import Period
from booking.infra.outbox import enqueue
from booking.inventory.models import Pool
from booking.inventory.queries.editing import visible_unit_to_edit
from booking.inventory.rules.terms import after_last
from booking.reservations.models import Closure
from booking.reservations.queries.affected import holds_unit_during
from booking.reservations.queries.calibrations import due_soon, untold
from booking.reservations.rules.dealing import Dealing
from booking.reservations.services.closing import (
    CALIBRATION_DUE,
    FAR,
    Closing,
    end_closures,
    write_closures,
)
from booking.reservations.services.dealing import Dealt, Gone, deal

MOST_DAYS = 3660
LAST_YEAR = 9000


@dataclass(frozen=True, slots=True)
class Calibration:
    """The last day of use, None: never due; how often it is done; when to warn before."""

    due_on: date | None
    every_days: int | None = None
    warn_days: int = 30


def set_calibration(
    session: Session,
    actor: Actor,
    unit_id: int,
    wanted: Calibration,
    dealing: Dealing,
    now: datetime,
) -> Dealt:
    """Return what became of reservations after the due day, from which on the unit is closed.

    Raises NotFound, Invalid, WrongState (`retired`, and what `deal` raises).
    """
    _require(wanted)
    pool_id = visible_unit_to_edit(session, actor, unit_id)[1].id
    after = due_period(session, pool_id, wanted.due_on, now)
    dealt = deal(session, actor, [calibration_hit(pool_id, unit_id, after)], dealing, now)
    unit, _pool = visible_unit_to_edit(session, actor, unit_id)
    if unit.retired_at is not None:
        raise WrongState("retired")
    due = Closure.kind == CALIBRATION_DUE
    end_closures(session, actor, (Closure.unit_id == unit_id) & due, now)
    values = {
        "calibration_due_on": wanted.due_on.isoformat() if wanted.due_on else None,
        "calibration_every_days": wanted.every_days,
        "calibration_warn_days": wanted.warn_days,
    }
    change(session, actor, unit, values, now, action="calibration")
    if after is not None:
        closing = Closing((after,), CALIBRATION_DUE)
        with contextlib.suppress(Conflict):  # closed for ever already
            write_closures(session, actor, unit_id, pool_id, closing, now)
    return dealt


def calibrated(
    session: Session, actor: Actor, unit_id: int, done_on: date, dealing: Dealing, now: datetime
) -> Dealt:
    """Note that a unit was calibrated on a day: it is due again after its interval, or never.

    Raises what `set_calibration` does.
    """
    unit, _pool = visible_unit_to_edit(session, actor, unit_id)
    every = unit.calibration_every_days
    next_on = done_on + timedelta(days=every) if every else None
    wanted = Calibration(next_on, every, unit.calibration_warn_days)
    return set_calibration(session, actor, unit_id, wanted, dealing, now)


def tell_due(session: Session, now: datetime) -> int:
    """Return how many messages went to managers about a calibration that is coming due.

    Each person is told once of each due day of a unit, however often and wherever this runs: the
    message's key holds both, and the outbox takes a key once.
    """
    messages = untold(session, due_soon(session, now, true()), now)
    enqueue(session, messages, now)
    return len(messages)


def calibration_hit(pool_id: int, unit_id: int, after: Period | None) -> Gone:
    """Return whom it hits that a unit is not to be used in a time; None hits nobody."""
    never = Period(FAR, FAR + timedelta(days=1))
    where = holds_unit_during(unit_id, after or never)
    return Gone(pool_id, where, (unit_id,), tells_kept=True)


def due_period(session: Session, pool_id: int, due_on: date | None, now: datetime) -> Period | None:
    """Return the time after the due day, of the pool's site; not before now."""
    if due_on is None:
        return None
    site = select(Site.time_zone).join(Pool, Pool.site_id == Site.id).where(Pool.id == pool_id)
    ends = after_last(due_on, ZoneInfo(session.execute(site).scalar_one()))
    return Period(max(ends, now.replace(second=0, microsecond=0)), FAR)


def _require(wanted: Calibration) -> None:
    for field, value in (("every_days", wanted.every_days), ("warn_days", wanted.warn_days)):
        if value is not None and not (field == "warn_days") <= value + 1 <= MOST_DAYS + 1:
            raise Invalid("out_of_range", field=field, least=1, most=MOST_DAYS, actual=value)
    if wanted.due_on is not None and not 1970 <= wanted.due_on.year <= LAST_YEAR:
        raise Invalid("out_of_reach", field="due_on")
