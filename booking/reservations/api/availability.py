"""/api/v1/availability: which units are free, and the next slots that could be booked."""

from datetime import datetime, timedelta
from typing import Any

import marshmallow as ma
from flask import Response

from booking.core.errors import Invalid
from booking.infra import clock
from booking.infra.db import db
from booking.reservations.queries.facts import visible_pool
from booking.reservations.queries.fleet import Among, free_for, with_parts
from booking.reservations.queries.soonest import Looked, pools_of_categories, soonest_slots
from booking.reservations.rules.proposal import MAX_DAYS, bounded_period, require_reach
from booking.web.api.answers import answer
from booking.web.api.blueprint import Blueprint
from booking.web.api.fields import Id, Instant, Query, Text, Whole
from booking.web.login import actor
from booking.web.problem import instant

blueprint = Blueprint("api_availability", __name__, "What is free, and when.")
MOST_SLOTS, SLOTS = 50, 10


class FreeWanted(Query):
    """A time, and among which units: a pool's, a category's, one, or all."""

    pool_id = Id(data_key="pool")
    unit_id = Id(data_key="unit")
    category = Text(most=20, metadata={"description": "code; those below it count"})
    start = Instant(required=True)
    end = Instant(required=True, metadata={"description": "not included"})
    quantity = Whole(least=1, metadata={"description": "adds “enough” to the answer"})


class FreeAnswer(ma.Schema):
    """The units that are free."""

    free_count = ma.fields.Integer()
    free_unit_ids = ma.fields.List(ma.fields.Integer())
    enough = ma.fields.Boolean(metadata={"description": "only when a quantity was given"})


class NextWanted(Query):
    """How long, how many, where, and between which instants."""

    pool_id = Id(data_key="pool")
    category = Text(most=20, metadata={"description": "code; those below it count"})
    duration_minutes = Whole(least=1, most=MAX_DAYS * 24 * 60, required=True)
    quantity = Whole(least=1, load_default=1)
    first = Instant(data_key="from", metadata={"description": "default: now"})
    until = Instant(metadata={"description": "by when it is over"})
    limit = Whole(least=1, most=MOST_SLOTS, load_default=SLOTS)


class SlotAnswer(ma.Schema):
    """A slot that passes every rule if booked at once, and the units it would hold."""

    start = ma.fields.DateTime()
    end = ma.fields.DateTime()
    unit_ids = ma.fields.List(ma.fields.Integer())


class SlotsAnswer(ma.Schema):
    """Slots, soonest first."""

    slots = ma.fields.List(ma.fields.Nested(SlotAnswer))


@blueprint.operation("/availability", scope="read", errors=(404,))
@blueprint.arguments(FreeWanted(), location="query")
@blueprint.response(200, FreeAnswer)
def free(query: dict[str, Any]) -> Response:
    """Tell which units are free for a time.

    Units you may see, in a bookable state, inside the shared windows, whose block with its buffers
    meets nothing held; other rules are not applied.
    """
    among = {name: query[name] for name in ("pool_id", "unit_id", "category") if name in query}
    if len(among) > 1:
        raise Invalid("one_of_three")
    period = bounded_period(query["start"], query["end"])
    found = free_for(db.session(), actor(), Among(**among), period, clock.now())
    body: dict[str, Any] = {"free_count": len(found), "free_unit_ids": found}
    if "quantity" in query:
        body["enough"] = len(found) >= query["quantity"]
    return answer(body)


@blueprint.operation("/availability/next", scope="read", errors=(404,))
@blueprint.arguments(NextWanted(), location="query")
@blueprint.response(200, SlotsAnswer)
def following(query: dict[str, Any]) -> Response:
    """Offer the earliest slots of a pool or category; each passes every rule if booked at once."""
    now, who, session = clock.now(), actor(), db.session()
    if ("pool_id" in query) == ("category" in query):
        raise Invalid("pool_or_category", field="pool")
    looked = _looked(query, now)
    if "pool_id" in query:
        pools = [visible_pool(session, who, query["pool_id"], now)]
    else:
        codes = with_parts(session, query["category"])
        pools = pools_of_categories(session, who, codes, looked.quantity, now)
    slots = soonest_slots(session, who, pools, looked, query["limit"], now)
    return answer(
        {
            "slots": [
                {
                    "start": instant(slot.period.start),
                    "end": instant(slot.period.end),
                    "unit_ids": list(slot.unit_ids),
                }
                for slot in slots
            ]
        }
    )


def _looked(query: dict[str, Any], now: datetime) -> Looked:
    first, until = query.get("first", now), query.get("until")
    require_reach("from", first)
    if until is not None:
        require_reach("until", until)
        if until <= first:
            raise Invalid("end_before_start", field="until")
    length = timedelta(minutes=query["duration_minutes"])
    return Looked(length, query["quantity"], max(first, now), until)
