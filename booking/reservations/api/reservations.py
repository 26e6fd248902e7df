"""/api/v1/reservations: make, list, show, move, cancel. The services are those of the pages."""

from typing import Any

from flask import Response

from booking.infra import clock
from booking.infra.db import db, write
from booking.inventory.queries.like import aspects_of
from booking.reservations.models import STATUSES
from booking.reservations.queries.draw_entries import visible_draw_entry
from booking.reservations.queries.listing import Wanted, wanted_reservations
from booking.reservations.queries.reservations import SHOWN, unit_ids_of
from booking.reservations.rules.life import Move
from booking.reservations.rules.proposal import (
    MAX_NOTE,
    MOST_PREFERRED,
    PURPOSES,
    BookingRequest,
)
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.moving import Change
from booking.web.api.answers import (
    JoinedAnswer,
    ReservationAnswer,
    answer,
    page_answer,
    page_of_items,
    reservation_answer,
    reservation_items,
    shown_answer,
)
from booking.web.api.blueprint import PREFIX, Blueprint
from booking.web.api.drawn import DrawEntryAnswer, draw_entry_item
from booking.web.api.fields import (
    Answers,
    Choice,
    Flag,
    Id,
    Ids,
    Instant,
    Query,
    Schema,
    Text,
    Whole,
)
from booking.web.api.headers import IDEMPOTENCY_KEY, IF_MATCH
from booking.web.api.reading import body_hash, expected_version, idempotency_key
from booking.web.login import actor
from booking.web.paging import MOST_PER_PAGE, PER_PAGE, page_of
from booking.web.reserve import Entered, change, reserve, reserve_like

blueprint = Blueprint("api_reservations", __name__, "Make, list, show, move and cancel.")


class ReservationWanted(Schema):
    """What to book: a pool (any of its units) or one unit, a time, and for whom."""

    pool_id = Id(allow_none=True)
    unit_id = Id(allow_none=True)
    quantity = Whole(metadata={"description": "units of the pool; default 1", "minimum": 1})
    preferred_unit_ids = Ids(
        allow_none=True,
        metadata={
            "description": "with pool_id: units of it to take where free, best first",
            "maxItems": MOST_PREFERRED,
        },
    )
    or_like = Text(
        most=60,
        allow_none=True,
        metadata={
            "description": "where it cannot be had, one of a pool alike in these: words of "
            "category, model, specifications; comma between"
        },
    )
    start = Instant(required=True)
    end = Instant(required=True, metadata={"description": "not included"})
    purpose = Text(required=True, metadata={"enum": list(PURPOSES)})
    note = Text(most=MAX_NOTE, allow_none=True)
    company_id = Id(allow_none=True)
    institution_id = Id(allow_none=True)
    on_behalf_of = Id(
        allow_none=True,
        metadata={"description": "user id; who may book for others"},
    )
    answers = Answers(
        allow_none=True,
        metadata={"description": "to the pool's own questions: key -> text, number or a file's id"},
    )
    override_reason = Text(
        most=MAX_NOTE,
        allow_none=True,
        metadata={"description": "managers and operators"},
    )
    hold_id = Id(allow_none=True, metadata={"description": "your short hold, used for it"})


class ReservationChange(Schema):
    """What to change; what is left out stays."""

    start = Instant()
    end = Instant()
    quantity = Whole(metadata={"minimum": 1})
    note = Text(most=MAX_NOTE)
    override_reason = Text(most=MAX_NOTE)


class Reason(Schema):
    """Why; needed for another person's reservation."""

    reason = Text(most=MAX_NOTE)


class ListWanted(Query):
    """Which reservations to list: those you may see that meet the time [from, to)."""

    unit_id = Id(data_key="unit")
    pool_id = Id(data_key="pool")
    since = Instant(data_key="from")
    until = Instant(data_key="to")
    status = Choice(STATUSES)
    mine = Flag(load_default=False)
    page = Whole(least=1, load_default=1)
    per_page = Whole(least=1, most=MOST_PER_PAGE, load_default=PER_PAGE)


@blueprint.operation(
    "/reservations", method="POST", scope="book", errors=(400, 404, 409, 413, 415)
)  # fmt: skip
@blueprint.arguments(ReservationWanted())
@blueprint.response(201, ReservationAnswer)
@blueprint.alt_response(
    200, schema=JoinedAnswer, description="The same key and body again; or joined with your own"
)
@blueprint.alt_response(202, schema=DrawEntryAnswer, description="Collected: the day opens fairly")
@blueprint.doc(parameters=[IDEMPOTENCY_KEY])
def create(body: dict[str, Any]) -> Response:
    """Make a reservation: approved where no decision is needed, else pending.

    202 while the day opens fairly: the request is ranked with the others when the time is over.

    Where the rule joins own neighbours, the answer may be your reservation beside it, made longer:
    200 with `joined`.
    """
    wanted = {name: value for name, value in body.items() if value is not None}
    key = idempotency_key()
    digest = body_hash(wanted) if key else ""
    alike = aspects_of(wanted.pop("or_like", ""), "or_like")
    wanted["preferred_unit_ids"] = tuple(wanted.get("preferred_unit_ids", ()))
    request = BookingRequest(**wanted, idempotency_key=key, body_hash=digest)
    booked = reserve_like(actor(), request, alike) if alike else reserve(actor(), request)
    if isinstance(booked, Entered):
        row = visible_draw_entry(db.session(), actor(), booked.entry_id)
        entered = answer(draw_entry_item(row), 202)
        entered.headers["Location"] = f"{PREFIX}/draw-entries/{booked.entry_id}"
        return entered
    if booked.row is None:
        made = booked.reservation_id
        return reservation_answer(actor(), made, clock.now(), joined=booked.joined)
    return shown_answer(booked.row, booked.unit_ids, clock.now(), 201)


@blueprint.operation("/reservations", scope="read")
@blueprint.arguments(ListWanted(), location="query")
@blueprint.response(200, page_answer(ReservationAnswer))
def index(query: dict[str, Any]) -> Response:
    """List reservations in order of start and id."""
    number, per_page = query.pop("page"), query.pop("per_page")
    now = clock.now()
    found = wanted_reservations(actor(), Wanted(**query), SHOWN, now)
    page = page_of(db.session(), found, number, per_page)
    units = unit_ids_of(db.session(), [row.id for row in page.items])
    return page_of_items(page, reservation_items(page.items, units, now))


@blueprint.operation("/reservations/<id:reservation_id>", scope="read", errors=(404,))
@blueprint.response(200, ReservationAnswer)
def show(reservation_id: int) -> Response:
    """Show one reservation; its ETag is its version."""
    return reservation_answer(actor(), reservation_id, clock.now())


@blueprint.operation(
    "/reservations/<id:reservation_id>", method="PATCH", scope="book",
    errors=(400, 404, 409, 412, 413, 415, 428),
)  # fmt: skip
@blueprint.arguments(ReservationChange())
@blueprint.response(200, JoinedAnswer)
@blueprint.doc(parameters=[IF_MATCH])
def patch(body: dict[str, Any], reservation_id: int) -> Response:
    """Move a reservation or change its note.

    Where the change needs a decision, the old times stay approved until it is made; to ask for
    these same times takes back the change that waits. Where the rule joins own neighbours, it may
    take in the one beside its new times, which is then cancelled: `joined`.
    """
    how = change(actor(), reservation_id, expected_version(), Change(**body))
    return reservation_answer(actor(), reservation_id, clock.now(), joined=how is Move.JOIN)


@blueprint.operation(
    "/reservations/<id:reservation_id>/cancel", method="POST", scope="book",
    errors=(400, 404, 409, 413, 415),
)  # fmt: skip
@blueprint.arguments(Reason(), required=False)
@blueprint.response(200, ReservationAnswer)
def cancel_one(body: dict[str, Any], reservation_id: int) -> Response:
    """Cancel a reservation; another person's needs a reason."""
    now, reason = clock.now(), body.get("reason", "")
    write(lambda s: cancel(s, actor(), reservation_id, reason, now))
    return reservation_answer(actor(), reservation_id, now)
