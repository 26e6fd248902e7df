"""Short verbs for tests of the service: ask, at, and the one write they all go through."""

from datetime import datetime, timedelta

from booking.core.actor import Actor
from booking.infra.db import write
from booking.reservations.models import Reservation
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.moving import Change, move
from booking.reservations.services.requesting import Booked, look_before, request_reservation
from tests.conftest import NOW

# Tuesday 00:00 in Asia/Shanghai, a day after the tests' now.
DAY = NOW + timedelta(hours=15)


def at(hour: float, day: int = 0) -> datetime:
    """Return an hour of the Tuesday after now, in the site's zone."""
    return DAY + timedelta(days=day, minutes=round(hour * 60))


def ask(actor: Actor, start: float, end: float, **more: object) -> Booked:
    """Return what the service answers to a request for those hours of Tuesday."""
    request = BookingRequest(start=at(start), end=at(end), **more)  # type: ignore[arg-type]
    return write(
        lambda s: request_reservation(s, actor, request, NOW),
        look=lambda s: look_before(s, actor, request, NOW),
    )


def shift(
    session: object, actor: Actor, reservation_id: int, start: float, end: float, **more: object
) -> object:
    """Return how a reservation was moved to those hours of Tuesday."""
    row = session.get(Reservation, reservation_id)  # type: ignore[attr-defined]
    version = row.version
    change = Change(start=at(start), end=at(end), **more)  # type: ignore[arg-type]
    return write(lambda s: move(s, actor, reservation_id, version, change, NOW))
