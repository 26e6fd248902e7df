"""/api/v1/reservations/{id}/approve and reject. The services are those of the inbox."""

from typing import Any

from flask import Response

from booking.approvals.services.deciding import approve, decide_group, reject
from booking.infra import clock
from booking.infra.db import write
from booking.reservations.rules.proposal import MAX_NOTE
from booking.web.api.answers import ReservationAnswer, reservation_answer
from booking.web.api.blueprint import Blueprint
from booking.web.api.fields import Schema, Text
from booking.web.api.groups import GroupAnswer, group_answer
from booking.web.login import actor

blueprint = Blueprint("api_approvals", __name__, "Decide requests and changes.")
ERRORS = (400, 404, 409, 413, 415)


class Decision(Schema):
    """Why; a rejection needs a reason."""

    reason = Text(most=MAX_NOTE)


@blueprint.operation(
    "/reservations/<id:reservation_id>/approve", method="POST", scope="approve", errors=ERRORS
)
@blueprint.arguments(Decision(), required=False)
@blueprint.response(200, ReservationAnswer)
def approve_one(body: dict[str, Any], reservation_id: int) -> Response:
    """Approve a pending request, or apply the pending change of an approved reservation."""
    now, reason = clock.now(), body.get("reason", "")
    write(lambda s: approve(s, actor(), reservation_id, now, reason))
    return reservation_answer(actor(), reservation_id, now)


@blueprint.operation(
    "/reservations/<id:reservation_id>/reject", method="POST", scope="approve", errors=ERRORS
)
@blueprint.arguments(Decision(), required=False)
@blueprint.response(200, ReservationAnswer)
def reject_one(body: dict[str, Any], reservation_id: int) -> Response:
    """Reject a pending request or change, with a reason the person is told."""
    now, reason = clock.now(), body.get("reason", "")
    write(lambda s: reject(s, actor(), reservation_id, reason, now))
    return reservation_answer(actor(), reservation_id, now)


@blueprint.operation(
    "/reservation-groups/<id:group_id>/approve", method="POST", scope="approve", errors=ERRORS
)
@blueprint.arguments(Decision(), required=False)
@blueprint.response(200, GroupAnswer)
def approve_group(body: dict[str, Any], group_id: int) -> Response:
    """Approve all requests and changes of a group that wait for you, as one decision."""
    now, reason = clock.now(), body.get("reason", "")
    write(lambda s: decide_group(s, actor(), group_id, now, reason))
    return group_answer(actor(), group_id, now)


@blueprint.operation(
    "/reservation-groups/<id:group_id>/reject", method="POST", scope="approve", errors=ERRORS
)
@blueprint.arguments(Decision(), required=False)
@blueprint.response(200, GroupAnswer)
def reject_group(body: dict[str, Any], group_id: int) -> Response:
    """Reject all requests and changes of a group that wait for you, with a reason."""
    now, reason = clock.now(), body.get("reason", "")
    write(lambda s: decide_group(s, actor(), group_id, now, reason, rejecting=True))
    return group_answer(actor(), group_id, now)
