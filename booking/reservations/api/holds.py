"""/api/v1/holds: keep a slot for a few minutes while the rest of a booking is settled."""

from typing import Any

import marshmallow as ma
from flask import Response

from booking.core.errors import Conflict
from booking.infra import clock, rate
from booking.infra.db import db, write
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.alternatives import with_alternatives
from booking.reservations.services.kept import give_back
from booking.reservations.services.short_holds import keep_slot
from booking.web.api.answers import answer
from booking.web.api.blueprint import Blueprint
from booking.web.api.fields import Id, Instant, Schema, Whole
from booking.web.login import actor
from booking.web.problem import instant

blueprint = Blueprint("api_holds", __name__, "Keep a slot for a few minutes.")
TRIES, SECONDS = 60, 60  # a person


class HoldWanted(Schema):
    """What to keep: a pool (any of its units) or one unit, and a time."""

    pool_id = Id(allow_none=True)
    unit_id = Id(allow_none=True)
    quantity = Whole(metadata={"description": "units of the pool; default 1", "minimum": 1})
    start = Instant(required=True)
    end = Instant(required=True, metadata={"description": "not included"})
    company_id = Id(allow_none=True)
    institution_id = Id(allow_none=True)


class HoldAnswer(ma.Schema):
    """A slot that is kept: book it with `hold_id`."""

    id = ma.fields.Integer()
    start = ma.fields.DateTime()
    end = ma.fields.DateTime()
    expires_at = ma.fields.DateTime()
    unit_ids = ma.fields.List(ma.fields.Integer())


class GoneAnswer(ma.Schema):
    """A hold that was given back."""

    id = ma.fields.Integer()


@blueprint.operation("/holds", method="POST", scope="book", errors=(400, 404, 409, 413, 415))
@blueprint.arguments(HoldWanted())
@blueprint.response(201, HoldAnswer)
def create(body: dict[str, Any]) -> Response:
    """Keep a slot that passes every rule; at most three at a time."""
    person, now = actor(), clock.now()
    rate.hit("hold", str(person.user_id), TRIES, SECONDS)
    wanted = BookingRequest(**{name: value for name, value in body.items() if value is not None})
    try:
        kept = write(lambda s: keep_slot(s, person, wanted, now))
    except Conflict as conflict:
        raise with_alternatives(db.session(), person, wanted, now, conflict) from conflict
    return answer(
        {
            "id": kept.hold_id,
            "start": instant(kept.period.start),
            "end": instant(kept.period.end),
            "expires_at": instant(kept.until),
            "unit_ids": list(kept.unit_ids),
        },
        201,
    )


@blueprint.operation("/holds/<id:hold_id>", method="DELETE", scope="book", errors=(404,))
@blueprint.response(200, GoneAnswer)
def remove(hold_id: int) -> Response:
    """Give it back before it ends."""
    now = clock.now()
    write(lambda s: give_back(s, actor(), hold_id, now))
    return answer({"id": hold_id})
