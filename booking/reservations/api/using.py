"""/api/v1/reservations/{id}/check-in, start-early, check-out, extend, transfer, undo-cancel."""

from datetime import timedelta
from typing import Any

from flask import Response

from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.queries.reservations import visible_reservation
from booking.reservations.rules.life import Move
from booking.reservations.rules.proposal import MAX_NOTE
from booking.reservations.services.handing import transfer
from booking.reservations.services.moving import Change
from booking.reservations.services.starting import start_early
from booking.reservations.services.undoing import undo_cancel
from booking.reservations.services.using import check_in, check_out
from booking.web.api.answers import JoinedAnswer, ReservationAnswer, reservation_answer
from booking.web.api.blueprint import Blueprint
from booking.web.api.fields import Id, Instant, Nothing, Schema, Text, Whole
from booking.web.login import actor
from booking.web.reserve import change

blueprint = Blueprint("api_using", __name__, "Use, extend, hand on, take a cancellation back.")
ERRORS = (400, 404, 409, 413, 415)
MOST_MINUTES = 366 * 24 * 60


class Longer(Schema):
    """A later end, or how many minutes longer; exactly one of them."""

    end = Instant()
    minutes = Whole(least=1, most=MOST_MINUTES)
    override_reason = Text(most=MAX_NOTE)


class Handed(Schema):
    """To whom."""

    user_id = Id(required=True, metadata={"description": "a member of the same party"})


@blueprint.operation(
    "/reservations/<id:reservation_id>/check-in", method="POST", scope="book", errors=ERRORS
)
@blueprint.arguments(Nothing(), required=False)
@blueprint.response(200, ReservationAnswer)
def check_in_one(body: dict[str, Any], reservation_id: int) -> Response:
    """Begin to use a reservation, where its pool asks for it."""
    now = clock.now()
    write(lambda s: check_in(s, actor(), reservation_id, now))
    return reservation_answer(actor(), reservation_id, now)


@blueprint.operation(
    "/reservations/<id:reservation_id>/start-early", method="POST", scope="book", errors=ERRORS
)
@blueprint.arguments(Nothing(), required=False)
@blueprint.response(200, ReservationAnswer)
def start_early_one(body: dict[str, Any], reservation_id: int) -> Response:
    """Start now, before the start, where the rule lets one and the units are free."""
    now = clock.now()
    write(lambda s: start_early(s, actor(), reservation_id, now))
    return reservation_answer(actor(), reservation_id, now)


@blueprint.operation(
    "/reservations/<id:reservation_id>/check-out", method="POST", scope="book", errors=ERRORS
)
@blueprint.arguments(Nothing(), required=False)
@blueprint.response(200, ReservationAnswer)
def check_out_one(body: dict[str, Any], reservation_id: int) -> Response:
    """End a running reservation now; the rest is free at once."""
    now = clock.now()
    write(lambda s: check_out(s, actor(), reservation_id, now))
    return reservation_answer(actor(), reservation_id, now)


@blueprint.operation(
    "/reservations/<id:reservation_id>/extend", method="POST", scope="book", errors=ERRORS
)
@blueprint.arguments(Longer())
@blueprint.response(200, JoinedAnswer)
def extend_one(body: dict[str, Any], reservation_id: int) -> Response:
    """Make a reservation longer, up to the next one; also while it runs."""
    wanted = _longer(actor(), reservation_id, body)
    how = change(actor(), reservation_id, None, wanted)
    return reservation_answer(actor(), reservation_id, clock.now(), joined=how is Move.JOIN)


@blueprint.operation(
    "/reservations/<id:reservation_id>/transfer", method="POST", scope="book", errors=ERRORS
)
@blueprint.arguments(Handed())
@blueprint.response(200, ReservationAnswer)
@blueprint.alt_response(204, description="Handed on, and no longer yours to see")
def transfer_one(body: dict[str, Any], reservation_id: int) -> Response:
    """Hand a reservation to a colleague of the same company or institution."""
    now = clock.now()
    write(lambda s: transfer(s, actor(), reservation_id, body["user_id"], now))
    try:
        return reservation_answer(actor(), reservation_id, now)
    except NotFound:
        return Response(status=204)


@blueprint.operation(
    "/reservations/<id:reservation_id>/undo-cancel", method="POST", scope="book", errors=ERRORS
)
@blueprint.arguments(Nothing(), required=False)
@blueprint.response(200, ReservationAnswer)
def undo_cancel_one(body: dict[str, Any], reservation_id: int) -> Response:
    """Take a cancellation back while the time is free."""
    now = clock.now()
    write(lambda s: undo_cancel(s, actor(), reservation_id, now))
    return reservation_answer(actor(), reservation_id, now)


def _longer(person: Actor, reservation_id: int, body: dict[str, Any]) -> Change:
    end, minutes = body.get("end"), body.get("minutes")
    if (end is None) == (minutes is None):
        raise Invalid("nothing_longer", field="end")
    row = visible_reservation(db.session(), person, reservation_id).row
    if minutes is not None:
        end = row.end_at + timedelta(minutes=minutes)
    if end is None or end <= row.end_at:
        raise Invalid("nothing_longer", field="end")
    return Change(end=end, override_reason=body.get("override_reason", ""))
