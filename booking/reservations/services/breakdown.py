"""A unit that breaks: nobody books it from now on, and who had booked it is seen to."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.audit.services import change
from booking.core.actor import Actor
from booking.core.errors import WrongState
from booking.core.period import Period
from booking.infra.db import lock_pools
from booking.inventory.models import BOOKABLE_STATES
from booking.inventory.queries.editing import visible_unit_to_edit
from booking.inventory.rules.pools import UnitFields
from booking.inventory.services.pools import edit_unit
from booking.inventory.services.search import refresh_search
from booking.reservations.models import Closure
from booking.reservations.queries.live import holds_unit, live_reservations
from booking.reservations.rules.dealing import Dealing
from booking.reservations.services.closing import (
    DEPENDENCY,
    FAR,
    Closing,
    closing_hits,
    end_closures,
    take_along,
    warn_dependents,
)
from booking.reservations.services.dealing import Dealt, Gone, deal, refuse_if_any
from booking.reservations.services.taking_back import take_back


def gone_down(session: Session, pool_id: int, unit_id: int, now: datetime) -> list[Gone]:
    """Return whom it hits when a unit is out of service, and what closes with it."""
    return closing_hits(session, unit_id, pool_id, [Period(now, FAR)], fault=True)


def is_in_use(session: Session, unit_id: int, now: datetime) -> bool:
    """Return whether a live reservation holds the unit, now or later. One query."""
    return bool(live_reservations(session, holds_unit(unit_id, now), now))


def take_out_of_service(
    session: Session, actor: Actor, unit_id: int, note: str, dealing: Dealing, now: datetime
) -> Dealt:
    """Return what became of the reservations on a unit that is down from now on.

    What was offered on it to who waits is taken back: they wait on, in their place.
    Raises NotFound, WrongState (`retired`, and what `deal` raises), Invalid.
    """
    pool_id = visible_unit_to_edit(session, actor, unit_id)[1].id
    closing = Closing((Period(now, FAR),), DEPENDENCY, note[:200], planned=False)
    warn_dependents(session, unit_id, closing, now)
    dealt = deal(session, actor, gone_down(session, pool_id, unit_id, now), dealing, now)
    unit, _pool = visible_unit_to_edit(session, actor, unit_id)
    if unit.retired_at is not None:
        raise WrongState("retired")
    change(session, actor, unit, {"state": "down", "state_note": note.strip()[:200]}, now)
    take_back(session, [unit_id], now)
    take_along(session, actor, unit_id, closing, (None, closing.periods[0]), now)
    refresh_search(session, [pool_id])
    return dealt


def edit_unit_in_use(
    session: Session, actor: Actor, unit_id: int, fields: UnitFields, now: datetime
) -> int:
    """Return `unit_id` after writing what it is; back in service it opens what it had closed.

    Raises what `edit_unit` does, and WrongState `has_live_reservations` when it would go out of
    service over reservations: those are seen to by `take_out_of_service`.
    """
    unit, pool = visible_unit_to_edit(session, actor, unit_id)
    lock_pools(session, [pool.id])
    if unit.state in BOOKABLE_STATES and fields.state not in BOOKABLE_STATES:
        hit = live_reservations(session, holds_unit(unit_id, now), now)
        refuse_if_any(hit, hit)
    if unit.state not in BOOKABLE_STATES and fields.state in BOOKABLE_STATES:
        end_closures(session, actor, Closure.cause_unit_id == unit_id, now)
    return edit_unit(session, actor, unit_id, fields, now)
