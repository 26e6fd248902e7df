"""/api/v1/notices: what the park, labs and instruments announce, and that it was read."""

from typing import Any

import marshmallow as ma
from flask import Response

from booking.infra import clock
from booking.infra.db import db, write
from booking.notices.queries import Line, lines_of, standing, visible_notice, visible_notices
from booking.notices.services import read_notice
from booking.web.api.answers import answer, page_answer, page_of_items
from booking.web.api.blueprint import Blueprint
from booking.web.api.fields import Query, Schema, Whole
from booking.web.login import actor
from booking.web.paging import MOST_PER_PAGE, PER_PAGE, page_of
from booking.web.problem import instant

blueprint = Blueprint("api_notices", __name__, "Notices, and that one has read them.")


class NoticesWanted(Query):
    """Which page of the list."""

    page = Whole(least=1, load_default=1)
    per_page = Whole(least=1, most=MOST_PER_PAGE, load_default=PER_PAGE)


class NoticeAnswer(ma.Schema):
    """A notice of a pool, of a lab, or (both null) of the park."""

    id = ma.fields.Integer()
    version = ma.fields.Integer(metadata={"description": "grows when it says something else"})
    lab_id = ma.fields.Integer(allow_none=True)
    pool_id = ma.fields.Integer(allow_none=True)
    title = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    text = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    must_read = ma.fields.Boolean(
        metadata={"description": "booking what it covers is refused until it was read"}
    )
    start = ma.fields.DateTime(data_key="from")
    until = ma.fields.DateTime(allow_none=True, metadata={"description": "not included"})
    read_at = ma.fields.DateTime(
        allow_none=True, metadata={"description": "when you have read this version"}
    )


class Reading(Schema):
    """The version that was read, if it is to be checked."""

    version = Whole(least=1)


@blueprint.operation("/notices", scope="read")
@blueprint.arguments(NoticesWanted(), location="query")
@blueprint.response(200, page_answer(NoticeAnswer))
def index(query: dict[str, Any]) -> Response:
    """List the notices that stand now, the newest first."""
    now = clock.now()
    found = visible_notices(actor(), now).where(standing(now))
    page = page_of(db.session(), found, query["page"], query["per_page"])
    return page_of_items(page, [_item(line) for line in lines_of(page.items, now)])


@blueprint.operation("/notices/<id:notice_id>", scope="read", errors=(404,))
@blueprint.response(200, NoticeAnswer)
def show(notice_id: int) -> Response:
    """Show one notice, past ones too."""
    return answer(_item(visible_notice(db.session(), actor(), notice_id, clock.now())))


@blueprint.operation(
    "/notices/<id:notice_id>/read", method="POST", scope="book",
    errors=(400, 404, 412, 413, 415),
)  # fmt: skip
@blueprint.arguments(Reading(), required=False)
@blueprint.response(200, NoticeAnswer)
def read(body: dict[str, Any], notice_id: int) -> Response:
    """Say that you have read a notice that stands."""
    who, now = actor(), clock.now()
    write(lambda s: read_notice(s, who, notice_id, now, body.get("version")))
    return answer(_item(visible_notice(db.session(), who, notice_id, now)))


def _item(line: Line) -> dict[str, Any]:
    row = line.notice
    return {
        "id": row.id,
        "version": row.version,
        "lab_id": row.lab_id,
        "pool_id": row.pool_id,
        "title": {"zh": row.title_zh, "en": row.title_en},
        "text": {"zh": row.text_zh, "en": row.text_en},
        "must_read": bool(row.must_read),
        "from": instant(row.from_at),
        "until": instant(row.until_at) if row.until_at else None,
        "read_at": instant(line.read_at) if line.read_at else None,
    }
