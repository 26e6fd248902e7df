"""/api/v1/draw-entries: what was asked for while a day opened fairly, and what became of it."""

from typing import Any

from flask import Response

from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.queries.draw_entries import visible_draw_entries, visible_draw_entry
from booking.reservations.rules.draws import ENTRY_STATES
from booking.reservations.services.entering import withdraw_entry
from booking.web.api.answers import answer, page_answer, page_of_items
from booking.web.api.blueprint import Blueprint
from booking.web.api.drawn import DrawEntryAnswer, draw_entry_item
from booking.web.api.fields import Choice, Flag, Id, Query, Whole
from booking.web.login import actor
from booking.web.paging import MOST_PER_PAGE, PER_PAGE, page_of

blueprint = Blueprint("api_draws", __name__, "Requests for days that open fairly.")
ENTRY = "/draw-entries/<id:draw_entry_id>"


class EntriesWanted(Query):
    """Which entries to list."""

    pool_id = Id(data_key="pool")
    state = Choice(ENTRY_STATES)
    mine = Flag(load_default=False)
    page = Whole(least=1, load_default=1)
    per_page = Whole(least=1, most=MOST_PER_PAGE, load_default=PER_PAGE)


@blueprint.operation("/draw-entries", scope="read")
@blueprint.arguments(EntriesWanted(), location="query")
@blueprint.response(200, page_answer(DrawEntryAnswer))
def index(query: dict[str, Any]) -> Response:
    """List your requests and those to your lab's pools, in order of start and id."""
    found = visible_draw_entries(
        actor(), query.get("pool_id"), query.get("state"), mine=query["mine"]
    )
    page = page_of(db.session(), found, query["page"], query["per_page"])
    return page_of_items(page, [draw_entry_item(row) for row in page.items])


@blueprint.operation(ENTRY, scope="read", errors=(404,))
@blueprint.response(200, DrawEntryAnswer)
def show(draw_entry_id: int) -> Response:
    """Show one request: its place in the draw, and what the place follows from."""
    return answer(draw_entry_item(visible_draw_entry(db.session(), actor(), draw_entry_id)))


@blueprint.operation(ENTRY, method="DELETE", scope="book", errors=(404, 409))
@blueprint.response(200, DrawEntryAnswer)
def remove(draw_entry_id: int) -> Response:
    """Take a request back while requests are collected."""
    now = clock.now()
    write(lambda s: withdraw_entry(s, actor(), draw_entry_id, now))
    return answer(draw_entry_item(visible_draw_entry(db.session(), actor(), draw_entry_id)))
