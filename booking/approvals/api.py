"""/api/v1/reservations/{id}/approve, reject and steps. The services are those of the inbox."""

from typing import Any

import marshmallow as ma
from flask import Response

from booking.accounts.rules.permissions import may
from booking.approvals.services.deciding import approve, decide_group, reject
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.queries.named import Named, visible_named
from booking.reservations.queries.steps import ESCALATED, StepShown, steps_shown
from booking.reservations.rules.proposal import MAX_NOTE
from booking.web.api.answers import ReservationAnswer, answer, reservation_answer
from booking.web.api.blueprint import Blueprint
from booking.web.api.fields import Schema, Text
from booking.web.api.groups import GroupAnswer, group_answer
from booking.web.login import actor
from booking.web.problem import instant

blueprint = Blueprint("api_approvals", __name__, "Decide requests and changes.")
ERRORS = (400, 404, 409, 413, 415)


class Decision(Schema):
    """Why; a rejection needs a reason."""

    reason = Text(most=MAX_NOTE)


class ApprovalStepAnswer(ma.Schema):
    """One decision on the way of a request, or of a change of it."""

    kind = ma.fields.String(metadata={"enum": ["company", "lab", "group"]})
    group_id = ma.fields.Integer(allow_none=True, metadata={"description": "of a group's step"})
    group_zh = ma.fields.String(allow_none=True)
    group_en = ma.fields.String(allow_none=True)
    state = ma.fields.String(metadata={"enum": ["queued", "waiting", "approved", "rejected"]})
    decide_by = ma.fields.DateTime(
        allow_none=True, metadata={"description": "of the step that waits: it expires then"}
    )
    operators_too = ma.fields.Boolean(metadata={"description": "handed up to the operators"})
    decided_at = ma.fields.DateTime(allow_none=True)
    decided_by = ma.fields.String(
        allow_none=True, metadata={"description": "null also for those who read no details"}
    )


class ApprovalStepsAnswer(ma.Schema):
    """Whose turn it is, who has decided and who comes after, in order."""

    items = ma.fields.List(ma.fields.Nested(ApprovalStepAnswer))


@blueprint.operation("/reservations/<id:reservation_id>/steps", scope="read", errors=(404,))
@blueprint.response(200, ApprovalStepsAnswer)
def steps(reservation_id: int) -> Response:
    """Show who decides on a reservation now, what is decided and by when the rest has to be.

    Empty where nobody has to agree.
    """
    found = visible_named(db.session(), actor(), reservation_id)
    details = may(actor(), "reservation.read_note", found.subject)
    shown = steps_shown(db.session(), reservation_id)
    if not shown and (found.row.status == "pending" or found.change is not None):
        return answer({"items": [_lab_alone(found)]})
    return answer({"items": [_step(found, one, details=details) for one in shown]})


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


def _step(found: Named, step: StepShown, *, details: bool) -> dict[str, Any]:
    row, (zh, en) = step.row, step.group
    return {
        "kind": row.kind, "group_id": row.group_id, "group_zh": zh or None, "group_en": en or None,
        "state": row.state, "decide_by": _deadline(found) if row.state == "waiting" else None,
        "operators_too": row.level >= ESCALATED,
        "decided_at": instant(row.decided_at) if row.decided_at else None,
        "decided_by": (step.by or None) if details else None,
    }  # fmt: skip


def _lab_alone(found: Named) -> dict[str, Any]:
    """Return the one step of a request that only its lab decides on: it has no row."""
    return {
        "kind": "lab", "group_id": None, "group_zh": None, "group_en": None, "state": "waiting",
        "decide_by": _deadline(found), "operators_too": False, "decided_at": None,
        "decided_by": None,
    }  # fmt: skip


def _deadline(found: Named) -> str | None:
    ends = found.change.expires_at if found.change is not None else found.row.decide_by
    return instant(ends) if ends is not None else None
