"""/api/v1/availability: which units are free, and the next slots that could be booked."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import marshmallow as ma
from flask import Response
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.errors import Invalid
from booking.core.hours import MINUTES_A_DAY
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.rules.search import MOST_CHARACTERS, parse
from booking.reservations.queries.candidates import Looked, Offer, Where
from booking.reservations.queries.facts import visible_pool
from booking.reservations.queries.find import Wanted, find
from booking.reservations.queries.fleet import Among, free_for, with_parts
from booking.reservations.queries.together import MOST_TOGETHER
from booking.reservations.rules.finding import SOONEST, SORTS, Score, weekly
from booking.reservations.rules.proposal import MAX_DAYS, bounded_period, require_reach
from booking.web.api.answers import answer
from booking.web.api.blueprint import Blueprint
from booking.web.api.fields import Choice, Id, Instant, Query, Text, Whole
from booking.web.arguments import MOST_ID
from booking.web.login import actor
from booking.web.problem import instant

blueprint = Blueprint("api_availability", __name__, "What is free, and when.")
MOST_SLOTS, SLOTS = 50, 10
MOST_DIGITS = len(str(MOST_ID))


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
    site_id = Id(data_key="site")
    platform_id = Id(data_key="platform")
    q = Text(most=MOST_CHARACTERS, metadata={"description": "words of the catalogue"})
    weekdays = Text(most=20, metadata={"description": "1 (Monday) to 7, as `1,2,5`"})
    day_from = Whole(
        least=0, most=MINUTES_A_DAY - 1, metadata={"description": "local minute of the day"}
    )
    day_until = Whole(
        least=0, most=MINUTES_A_DAY,
        metadata={"description": "local minute by which it is over; before `day_from`: next day"},
    )  # fmt: skip
    together = Text(
        most=100, metadata={"description": "pools of which a unit must be free too, as `3,8`"}
    )
    sort = Choice(SORTS, load_default=SOONEST)
    duration_minutes = Whole(least=1, most=MAX_DAYS * 24 * 60, required=True)
    quantity = Whole(least=1, load_default=1)
    first = Instant(data_key="from", metadata={"description": "default: now"})
    until = Instant(metadata={"description": "by when it is over"})
    limit = Whole(least=1, most=MOST_SLOTS, load_default=SLOTS)


class PartnerAnswer(ma.Schema):
    """A unit of another pool that is free at the same time."""

    pool_id = ma.fields.Integer()
    unit_id = ma.fields.Integer()


class ScoreAnswer(ma.Schema):
    """Marks from 0 to 100, and what they come to."""

    total = ma.fields.Integer()
    soonest = ma.fields.Integer()
    fit = ma.fields.Integer(metadata={"description": "leaves little time unusable around it"})
    near = ma.fields.Integer(metadata={"description": "on the site of one's company"})


class SlotAnswer(ma.Schema):
    """A slot that passes every rule if booked at once, and the units it would hold."""

    start = ma.fields.DateTime()
    end = ma.fields.DateTime()
    pool_id = ma.fields.Integer()
    unit_ids = ma.fields.List(ma.fields.Integer())
    together = ma.fields.List(ma.fields.Nested(PartnerAnswer))
    score = ma.fields.Nested(
        ScoreAnswer, allow_none=True, metadata={"description": "null unless sorted by `best`"}
    )


class SlotsAnswer(ma.Schema):
    """Slots in the order asked for."""

    slots = ma.fields.List(ma.fields.Nested(SlotAnswer))
    complete = ma.fields.Boolean(
        metadata={"description": "false: too much was refused to look at all times"}
    )


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


@blueprint.operation(
    "/availability/next",
    scope="read",
    errors=(
        400,
        404,
    ),
)
@blueprint.arguments(NextWanted(), location="query")
@blueprint.response(200, SlotsAnswer)
def following(query: dict[str, Any]) -> Response:
    """Offer the earliest slots of all pools, or some; each passes every rule if booked at once."""
    now, who, session = clock.now(), actor(), db.session()
    if "pool_id" in query and "category" in query:
        raise Invalid("pool_or_category", field="pool")
    wanted = Wanted(
        _where(session, who, query, now), _looked(query, now),
        weekly(_weekdays(query), query.get("day_from"), query.get("day_until")),
        _together(query), query["sort"],
    )  # fmt: skip
    found = find(session, who, wanted, query["limit"], now)
    slots = [_slot(offer, marks) for offer, marks in found.offers]
    return answer({"slots": slots, "complete": found.complete})


def _slot(offer: Offer, marks: Score | None) -> dict[str, Any]:
    return {
        "start": instant(offer.slot.period.start),
        "end": instant(offer.slot.period.end),
        "pool_id": offer.pool.pool_id,
        "unit_ids": list(offer.slot.unit_ids),
        "together": [{"pool_id": pool, "unit_id": unit} for pool, unit in offer.together],
        "score": asdict(marks) if marks is not None else None,
    }


def _where(session: Session, who: Actor, query: dict[str, Any], now: datetime) -> Where:
    if "pool_id" in query:
        visible_pool(session, who, query["pool_id"], now)
    return Where(
        pool_ids=[query["pool_id"]] if "pool_id" in query else None,
        categories=with_parts(session, query["category"]) if "category" in query else None,
        sites=[query["site_id"]] if "site_id" in query else None,
        platforms=[query["platform_id"]] if "platform_id" in query else None,
        words=parse(query.get("q")).words,
    )


def _weekdays(query: dict[str, Any]) -> list[int]:
    days = _numbers(query, "weekdays")
    if any(day not in range(1, 8) for day in days):
        raise Invalid("number_range", field="weekdays")
    return days


def _together(query: dict[str, Any]) -> tuple[int, ...]:
    pools = tuple(dict.fromkeys(_numbers(query, "together")))
    if len(pools) > MOST_TOGETHER or any(pool > MOST_ID for pool in pools):
        raise Invalid("number_range", field="together")
    if query.get("pool_id") in pools:
        raise Invalid("invalid", field="together")
    return pools


def _numbers(query: dict[str, Any], name: str) -> list[int]:
    parts = [part.strip() for part in query.get(name, "").split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise Invalid("not_whole", field=name)
    if any(len(part) > MOST_DIGITS for part in parts):  # Python reads no more than 4,300
        raise Invalid("number_range", field=name)
    return [int(part) for part in parts]


def _looked(query: dict[str, Any], now: datetime) -> Looked:
    first, until = query.get("first", now), query.get("until")
    require_reach("from", first)
    if until is not None:
        require_reach("until", until)
        if until <= first:
            raise Invalid("end_before_start", field="until")
    length = timedelta(minutes=query["duration_minutes"])
    return Looked(length, query["quantity"], max(first, now), until)
