"""What stands instead of a form when its reader can book for nobody: why, and whom to ask."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from booking.core.actor import Actor
from booking.infra.db import db
from booking.reservations.queries.people import PersonName, parties_for
from booking.reservations.queries.placeless import Place, operators, other_places
from booking.reservations.views.desk import Desk
from booking.web.formats import day_text
from booking.web.locale import named


@dataclass(frozen=True, slots=True)
class NoPlace:
    """Why the reader has no place now, a sentence each, and who can give one."""

    reasons: tuple[str, ...]
    contacts: tuple[PersonName, ...]


def no_place(desk: Desk, now: datetime) -> NoPlace | None:
    """Return why the reader can book for nobody; None where they can."""
    session, actor = db.session(), desk.actor
    if desk.for_others or parties_for(session, actor, actor.user_id, desk.pool, now):
        return None
    return why_no_place(actor, desk.pool.zone, now)


def why_no_place(actor: Actor, zone: ZoneInfo, now: datetime) -> NoPlace:
    """Return why somebody without a place now has none, days in the zone of what they want."""
    session = db.session()
    places = other_places(session, actor.user_id, now)
    reasons = [_reason(place, now, zone) for place in places]
    return NoPlace(
        tuple(reasons) or (_("Your account belongs to no company or institution yet."),),
        tuple(operators(session)),
    )


def _reason(place: Place, now: datetime, zone: ZoneInfo) -> str:
    where = named(*place.names)
    if place.from_at is not None and place.from_at > now:
        day = day_text(place.from_at.astimezone(zone).date().isoformat())
        return _("Your place at %(where)s begins on %(day)s.", where=where, day=day)
    until = place.until_at or now
    day = day_text(until.astimezone(zone).date().isoformat())
    return _("Your place at %(where)s ended on %(day)s.", where=where, day=day)
