"""/api/v1/waitlist: wait for time of a pool, and take or decline what is offered."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import marshmallow as ma
from flask import Response

from booking.core.actor import Actor
from booking.core.errors import Invalid
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.models import Hold, WaitlistEvent
from booking.reservations.queries.waiting import (
    events_of,
    offers_of,
    visible_entry,
    visible_waiting,
)
from booking.reservations.rules.proposal import MAX_NOTE, PURPOSES
from booking.reservations.rules.waiting import KINDS, MOST_MINUTES, STATES, Wish
from booking.reservations.services.waiting import decline, join, leave
from booking.web.api.answers import (
    JoinedAnswer,
    answer,
    page_answer,
    page_of_items,
    reservation_answer,
)
from booking.web.api.blueprint import PREFIX, Blueprint
from booking.web.api.fields import (
    Answers,
    Choice,
    Flag,
    Id,
    Instant,
    Nothing,
    Query,
    Schema,
    Text,
    Whole,
)
from booking.web.login import actor
from booking.web.paging import MOST_PER_PAGE, PER_PAGE, page_of
from booking.web.problem import instant
from booking.web.reserve import take_offer

blueprint = Blueprint("api_waiting", __name__, "Wait for time that is taken.")
ERRORS = (400, 404, 409, 413, 415)
ENTRY = "/waitlist/<id:entry_id>"


class WaitWanted(Schema):
    """What to wait for: so many minutes wholly within [start, end)."""

    kind = Choice(
        KINDS,
        load_default="offer",
        metadata={
            "description": "offer: a slot is kept for you in your turn; notice: a mail when so "
            "much becomes free; move_up: an earlier time for reservation_id"
        },
    )
    pool_id = Id(allow_none=True)
    unit_id = Id(allow_none=True, metadata={"description": "only this unit"})
    reservation_id = Id(allow_none=True, metadata={"description": "of move_up"})
    quantity = Whole(least=1, load_default=1)
    minutes = Whole(least=0, most=MOST_MINUTES, load_default=0)
    start = Instant()
    end = Instant(metadata={"description": "of the window; move_up ends with the reservation"})
    purpose = Text(load_default="research", metadata={"enum": list(PURPOSES)})
    note = Text(most=MAX_NOTE, load_default="")
    company_id = Id(allow_none=True)
    institution_id = Id(allow_none=True)


class WaitingList(Query):
    """Which entries to list."""

    pool_id = Id(data_key="pool")
    state = Choice(STATES)
    mine = Flag(load_default=False)
    page = Whole(least=1, load_default=1)
    per_page = Whole(least=1, most=MOST_PER_PAGE, load_default=PER_PAGE)


class Accepted(Schema):
    """What the pool asks before a booking, where it asks anything."""

    answers = Answers(allow_none=True, metadata={"description": "to the pool's own questions"})


class OfferAnswer(ma.Schema):
    """The slot that is kept."""

    start = ma.fields.DateTime()
    end = ma.fields.DateTime()
    until = ma.fields.DateTime(metadata={"description": "then it goes to the next in line"})
    unit_ids = ma.fields.List(ma.fields.Integer())


class EventAnswer(ma.Schema):
    """What happened to the entry."""

    at = ma.fields.DateTime()
    what = ma.fields.String(
        metadata={"description": "joined, offered, skipped, told, taken_back, taken, …"}
    )
    why = ma.fields.List(
        ma.fields.String(), metadata={"description": "codes, of skipped; else empty"}
    )


class WaitingAnswer(ma.Schema):
    """An entry of a waiting list as every operation shows it."""

    id = ma.fields.Integer()
    kind = ma.fields.String(metadata={"enum": list(KINDS)})
    state = ma.fields.String(metadata={"enum": list(STATES)})
    place = ma.fields.Integer(
        allow_none=True, metadata={"description": "in the pool's queue, from 1; else null"}
    )
    priority = ma.fields.Boolean(metadata={"description": "before others: a fault took its time"})
    pool_id = ma.fields.Integer()
    unit_id = ma.fields.Integer(allow_none=True)
    reservation_id = ma.fields.Integer(allow_none=True)
    replaces_id = ma.fields.Integer(
        allow_none=True, metadata={"description": "the reservation that a fault hit"}
    )
    quantity = ma.fields.Integer()
    minutes = ma.fields.Integer()
    start = ma.fields.DateTime()
    end = ma.fields.DateTime()
    offer = ma.fields.Nested(OfferAnswer, allow_none=True)
    user_id = ma.fields.Integer()
    company_id = ma.fields.Integer(allow_none=True)
    institution_id = ma.fields.Integer(allow_none=True)
    created_at = ma.fields.DateTime()
    events = ma.fields.List(ma.fields.Nested(EventAnswer))


@blueprint.operation("/waitlist", method="POST", scope="book", errors=ERRORS)
@blueprint.arguments(WaitWanted())
@blueprint.response(201, WaitingAnswer)
def create(body: dict[str, Any]) -> Response:
    """Wait for time; what is free already is offered at once."""
    now = clock.now()
    first, last = body.pop("start", None), body.pop("end", None)
    if body["kind"] == "move_up":
        first, last = first or now, last or now
    for name, value in (("start", first), ("end", last)):
        if value is None:
            raise Invalid("required", field=name)
    wish = Wish(first=first, last=last, **body)
    entry_id = write(lambda s: join(s, actor(), wish, now))
    made = _entry(actor(), entry_id, 201)
    made.headers["Location"] = f"{PREFIX}/waitlist/{entry_id}"
    return made


@blueprint.operation("/waitlist", scope="read")
@blueprint.arguments(WaitingList(), location="query")
@blueprint.response(200, page_answer(WaitingAnswer))
def index(query: dict[str, Any]) -> Response:
    """List your entries and those of your lab's pools, in order of start and id."""
    found = visible_waiting(actor(), query.get("pool_id"), query.get("state"), mine=query["mine"])
    page = page_of(db.session(), found, query["page"], query["per_page"])
    return page_of_items(page, _items(page.items))


@blueprint.operation(ENTRY, scope="read", errors=(404,))
@blueprint.response(200, WaitingAnswer)
def show(entry_id: int) -> Response:
    """Show one entry: its place, its offer, and what happened."""
    return _entry(actor(), entry_id)


@blueprint.operation(ENTRY, method="DELETE", scope="book", errors=(404, 409))
@blueprint.response(200, WaitingAnswer)
def remove(entry_id: int) -> Response:
    """Stop waiting; an offer goes to the next."""
    now = clock.now()
    write(lambda s: leave(s, actor(), entry_id, now))
    return _entry(actor(), entry_id)


@blueprint.operation(f"{ENTRY}/accept", method="POST", scope="book", errors=ERRORS)
@blueprint.arguments(Accepted(), required=False)
@blueprint.response(200, JoinedAnswer)
def accept_one(body: dict[str, Any], entry_id: int) -> Response:
    """Take the offer: the reservation made, or moved up. Every rule is asked again.

    Where the rule joins own neighbours, it may take in the one beside it, which is then cancelled:
    `joined`.
    """
    made = take_offer(actor(), entry_id, body.get("answers") or {})
    return reservation_answer(actor(), made.reservation_id, clock.now(), joined=made.joined)


@blueprint.operation(f"{ENTRY}/decline", method="POST", scope="book", errors=ERRORS)
@blueprint.arguments(Nothing(), required=False)
@blueprint.response(200, WaitingAnswer)
def decline_one(body: dict[str, Any], entry_id: int) -> Response:
    """Decline the offer; it goes to the next in line."""
    now = clock.now()
    write(lambda s: decline(s, actor(), entry_id, now))
    return _entry(actor(), entry_id)


def _entry(person: Actor, entry_id: int, status: int = 200) -> Response:
    [item] = _items([visible_entry(db.session(), person, entry_id)])
    return answer(item, status)


def _items(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return rows of `visible_waiting` as every operation shows them. Two queries."""
    entries = [row.WaitlistEntry for row in rows]
    offers = offers_of(db.session(), entries)
    events = events_of(db.session(), [entry.id for entry in entries])
    return [
        _item(row, offers.get(row.WaitlistEntry.id), events.get(row.WaitlistEntry.id, []))
        for row in rows
    ]


def _item(row: Any, offer: Hold | None, events: Sequence[WaitlistEvent]) -> dict[str, Any]:
    entry = row.WaitlistEntry
    return {
        "id": entry.id,
        "kind": entry.kind,
        "state": entry.state,
        "place": row.place,
        "priority": bool(entry.priority),
        "pool_id": entry.pool_id,
        "unit_id": entry.unit_id,
        "reservation_id": entry.reservation_id,
        "replaces_id": entry.replaces_id,
        "quantity": entry.quantity,
        "minutes": entry.minutes,
        "start": instant(entry.first_at),
        "end": instant(entry.last_at),
        "offer": _offer(offer, entry.offer_until) if offer else None,
        "user_id": entry.user_id,
        "company_id": entry.company_id,
        "institution_id": entry.institution_id,
        "created_at": instant(entry.created_at),
        "events": [_event(event) for event in events],
    }


def _offer(hold: Hold, until: datetime) -> dict[str, Any]:
    return {
        "start": instant(hold.start_at),
        "end": instant(hold.end_at),
        "until": instant(until),
        "unit_ids": [int(unit) for unit in hold.unit_ids.split()],
    }


def _event(event: WaitlistEvent) -> dict[str, Any]:
    why = json.loads(event.detail).get("why", [])
    return {"at": instant(event.at), "what": event.what, "why": why}
