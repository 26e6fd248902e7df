"""The one way a page or the API makes or moves a reservation: look, write, explain."""

from booking.core.actor import Actor
from booking.core.errors import Conflict
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.rules.life import Move
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.alternatives import with_alternatives, with_other_times
from booking.reservations.services.moving import Change, move
from booking.reservations.services.requesting import Booked, look_before, request_reservation


def reserve(actor: Actor, request: BookingRequest) -> Booked:
    """Return the reservation made. Raises what `request_reservation` does, Conflict with offers."""
    now = clock.now()
    try:
        return write(
            lambda session: request_reservation(session, actor, request, now),
            look=lambda session: look_before(session, actor, request, now),
        )
    except Conflict as conflict:
        session = db.session()
        raise with_alternatives(session, actor, request, now, conflict) from conflict


def change(
    actor: Actor, reservation_id: int, expected_version: int | None, wanted: Change
) -> Move | None:
    """Return how a reservation was changed. Raises what `move` does, Conflict with offers."""
    now = clock.now()
    try:
        return write(lambda s: move(s, actor, reservation_id, expected_version, wanted, now))
    except Conflict as conflict:
        session = db.session()
        raise with_other_times(session, actor, reservation_id, wanted, now, conflict) from conflict
