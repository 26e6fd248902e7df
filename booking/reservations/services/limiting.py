"""An institution limits what it contributes: the hours it is shared at, and pauses.

Ending an agreement is `retiring`'s, taking a unit back `closing`'s and `regrouping`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from booking.audit.services import change
from booking.companies.models import Institution
from booking.core.actor import Actor
from booking.core.errors import Invalid
from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.inventory.models import Contribution, Pool
from booking.inventory.queries.sharing import contribution_at, visible_contribution
from booking.inventory.rules.terms import days_between
from booking.reservations.models import LIVE, Reservation
from booking.reservations.queries.live import live_reservations, of_strangers
from booking.reservations.rules.dealing import NOTHING_DECIDED, Dealing
from booking.reservations.services.closing import FAR
from booking.reservations.services.dealing import Dealt, Gone, deal, refuse_if_any
from booking.reservations.services.offering import Freed, note_freed


@dataclass(frozen=True, slots=True)
class Pause:
    """From which day until which nobody else books, days of the site; the last counts."""

    first_day: date
    last_day: date | None = None  # None: until further notice


def limit_hours(
    session: Session,
    actor: Actor,
    contribution_id: int,
    hours: WeeklyHours | None,
    now: datetime,
    dealing: Dealing = NOTHING_DECIDED,
) -> Dealt:
    """Return what became of others' reservations that no longer lie in the shared hours.

    `hours` None: whenever it is open. Raises NotFound, Invalid without any hour, and what `deal`
    raises while one is undecided.
    """
    visible_contribution(session, actor, contribution_id)
    if hours is not None and not hours.windows:
        raise Invalid("never_shared", field="hours")
    dealt = deal(session, actor, [hours_gone(session, contribution_id, hours, now)], dealing, now)
    # Which lie outside is counted before the pool is locked: once more, now that none is added.
    late = live_reservations(session, hours_gone(session, contribution_id, hours, now).where, now)
    refuse_if_any([one for one in late if dealing.fate(one.id) is None], late)
    text = hours.text if hours is not None else None
    return _limited(session, actor, contribution_id, {"shared_hours": text}, now, dealt)


def pause_sharing(
    session: Session,
    actor: Actor,
    contribution_id: int,
    pause: Pause,
    now: datetime,
    dealing: Dealing = NOTHING_DECIDED,
) -> Dealt:
    """Return what became of others' reservations that begin in the pause, which now stands.

    It takes the place of an earlier one. Raises NotFound, Invalid for unfit days, and what `deal`
    raises while one is undecided.
    """
    visible_contribution(session, actor, contribution_id)
    gone, begins, ends = pause_gone(session, contribution_id, pause, now)
    dealt = deal(session, actor, [gone], dealing, now)
    values = {"paused_from": begins, "paused_until": ends}
    return _limited(session, actor, contribution_id, values, now, dealt, action="pause")


def resume_sharing(session: Session, actor: Actor, contribution_id: int, now: datetime) -> Dealt:
    """End a pause, or call it off; nothing where there is none. Raises NotFound."""
    visible_contribution(session, actor, contribution_id)
    values = {"paused_from": None, "paused_until": None}
    return _limited(session, actor, contribution_id, values, now, Dealt(), action="resume")


def hours_gone(
    session: Session, contribution_id: int, hours: WeeklyHours | None, now: datetime
) -> Gone:
    """Return whom it hits when the shared hours change: who lay in the old and not in the new."""
    contribution, pool, institution, site = contribution_at(session, contribution_id)
    if hours is None:
        return Gone(pool.id, ~true())
    text, zone = contribution.shared_hours, ZoneInfo(site.time_zone)
    old = WeeklyHours.parse(text) if text is not None else None
    rows = session.execute(
        select(Reservation.id, Reservation.start_at, Reservation.end_at)
        .where(_others_to_come(pool, institution, now), Reservation.status.in_(LIVE))
        .order_by(Reservation.id)
    )
    periods = [(key, Period(start, end)) for key, start, end in rows]
    outside = [
        key
        for key, period in periods
        if not hours.contains(period, zone) and (old is None or old.contains(period, zone))
    ]
    return Gone(pool.id, Reservation.id.in_(outside))


def pause_gone(
    session: Session, contribution_id: int, pause: Pause, now: datetime
) -> tuple[Gone, datetime, datetime | None]:
    """Return whom a pause hits, from when and until when it is; what has begun runs to its end.

    Raises Invalid for days in no year of ours, in the past or in the wrong order.
    """
    _contribution, pool, institution, site = contribution_at(session, contribution_id)
    zone = ZoneInfo(site.time_zone)
    begins, ends = days_between(pause.first_day, pause.last_day, zone, now)
    during = _others_to_come(pool, institution, now) & (Reservation.end_at > begins)
    if ends is not None:
        during &= Reservation.start_at < ends
    return Gone(pool.id, during), begins, ends


def _others_to_come(pool: Pool, institution: Institution, now: datetime) -> ColumnElement[bool]:
    return of_strangers(pool.id, institution.id) & (Reservation.start_at > now)


def _limited(
    session: Session,
    actor: Actor,
    contribution_id: int,
    values: Mapping[str, object],
    now: datetime,
    dealt: Dealt,
    action: str = "hours",
) -> Dealt:
    """Write the terms; time they open is offered to those who wait."""
    contribution: Contribution = contribution_at(session, contribution_id)[0]
    if change(session, actor, contribution, values, now, action=action):
        freed = Freed(contribution.pool_id, Period(now, FAR), now, actor.user_id)
        note_freed(session, freed)
    return dealt
