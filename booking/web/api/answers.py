"""Answers in JSON: one thing, one page of a list, a reservation with its version."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import marshmallow as ma
from flask import Response, current_app
from sqlalchemy import select

from booking.core.actor import Actor
from booking.core.period import Period
from booking.infra.db import db
from booking.infra.settings import times
from booking.reservations.models import STATUSES
from booking.reservations.queries.purposes import hidden_purposes
from booking.reservations.queries.reservations import SHOWN, unit_ids_of, visible_columns
from booking.reservations.rules.life import shown_status, units_final
from booking.reservations.rules.proposal import PURPOSES
from booking.web import login
from booking.web.api.blueprint import PREFIX
from booking.web.paging import Page
from booking.web.problem import instant


class ReservationAnswer(ma.Schema):
    """A reservation as every operation shows it."""

    id = ma.fields.Integer()
    reference = ma.fields.String(metadata={"description": "8 characters for people"})
    pool_id = ma.fields.Integer()
    unit_ids = ma.fields.List(ma.fields.Integer())
    units_final = ma.fields.Boolean(metadata={"description": "the units will not change any more"})
    quantity = ma.fields.Integer()
    start = ma.fields.DateTime()
    end = ma.fields.DateTime(metadata={"description": "not included"})
    status = ma.fields.String(metadata={"enum": list(STATUSES)})
    version = ma.fields.Integer(metadata={"description": "send it back as If-Match"})
    company_id = ma.fields.Integer(allow_none=True)
    institution_id = ma.fields.Integer(allow_none=True)
    user_id = ma.fields.Integer(allow_none=True)
    purpose = ma.fields.String(
        allow_none=True,
        metadata={
            "enum": [*PURPOSES, None],
            "description": "null: their company does not tell owners",
        },
    )
    created_at = ma.fields.DateTime()


class JoinedAnswer(ReservationAnswer):
    """The own reservation beside the time asked for, which has become one with it."""

    joined = ma.fields.Boolean(
        metadata={"description": "true: joined with another own reservation; else left out"}
    )


def page_answer(item: type[ma.Schema]) -> type[ma.Schema]:
    """Return the schema of a page of `item`s."""
    fields: dict[str, Any] = {
        "items": ma.fields.List(ma.fields.Nested(item)),
        "page": ma.fields.Integer(metadata={"description": "from 1"}),
        "per_page": ma.fields.Integer(),
        "total": ma.fields.Integer(
            allow_none=True, metadata={"description": "exact to 10,000, else null"}
        ),
        "has_more": ma.fields.Boolean(),
    }
    return ma.Schema.from_dict(fields, name=item.__name__.replace("Answer", "Page"))


def answer(body: Any, status: int = 200) -> Response:
    """Return `body` as JSON, members in the order given."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return current_app.response_class(text, status, mimetype="application/json")


def page_of_items(page: Page[Any], items: Iterable[Any]) -> Response:
    """Return one page of a list."""
    return answer(
        {
            "items": list(items),
            "page": page.number,
            "per_page": page.per_page,
            "total": page.total,
            "has_more": page.has_more,
        }
    )


def reservation_answer(
    actor: Actor, reservation_id: int, now: datetime, *, joined: bool = False
) -> Response:
    """Return a reservation the actor may see, its version as ETag. Raises NotFound. Two queries.

    One that took in another of the person says so (`joined`).
    """
    session = db.session()
    row = visible_columns(session, actor, reservation_id, _SHOWN)
    units = unit_ids_of(session, [row.id]).get(row.id, [])
    return shown_answer(row, units, now, joined=joined)


def shown_answer(
    row: Any, unit_ids: Sequence[int], now: datetime, status: int = 200, *, joined: bool = False
) -> Response:
    """Return a row of SHOWN columns, its version as ETag; a new one (201) with its address."""
    [body] = reservation_items([row], {row.id: list(unit_ids)}, now)
    body |= {"joined": True} if joined else {}
    response = answer(body, status)
    response.headers["ETag"] = f'"{row.version}"'
    if status == 201:
        response.headers["Location"] = f"{PREFIX}/reservations/{row.id}"
    return response


def reservation_items(
    rows: Iterable[Any], unit_ids: dict[int, list[int]], now: datetime
) -> list[dict[str, Any]]:
    """Return rows of SHOWN columns as every operation shows reservations."""
    fixed_hours, rows = times().unit_fixed_hours, list(rows)
    hidden = hidden_purposes(db.session(), login.actor(), rows)
    items = [_item(row, unit_ids.get(row.id, []), now, fixed_hours) for row in rows]
    return [item | {"purpose": None} if item["id"] in hidden else item for item in items]


_SHOWN = select(*SHOWN)


def _item(row: Any, unit_ids: list[int], now: datetime, fixed_hours: int) -> dict[str, Any]:
    return {
        "id": row.id,
        "reference": row.reference,
        "pool_id": row.pool_id,
        "unit_ids": unit_ids,
        "units_final": units_final(row.start_at, now, fixed_hours, named=bool(row.named_unit)),
        "quantity": row.quantity,
        "start": instant(row.start_at),
        "end": instant(row.end_at),
        "status": shown_status(row.status, Period(row.start_at, row.end_at), row.decide_by, now),
        "version": row.version,
        "company_id": row.company_id,
        "institution_id": row.institution_id,
        "user_id": row.user_id,
        "purpose": row.purpose,
        "created_at": instant(row.created_at),
    }
