"""Requests for days that open fairly, in JSON."""

from typing import Any

import marshmallow as ma

from booking.reservations.rules.draws import ENTRY_STATES
from booking.web.problem import instant


class DrawEntryAnswer(ma.Schema):
    """A request for a day that opens fairly, as every operation shows it."""

    id = ma.fields.Integer()
    draw_id = ma.fields.Integer(
        metadata={"description": "requests of one draw are ranked together"}
    )
    state = ma.fields.String(metadata={"enum": list(ENTRY_STATES)})
    draws_at = ma.fields.DateTime(metadata={"description": "until then requests are collected"})
    pool_id = ma.fields.Integer()
    unit_id = ma.fields.Integer(allow_none=True)
    quantity = ma.fields.Integer()
    start = ma.fields.DateTime()
    end = ma.fields.DateTime(metadata={"description": "not included"})
    user_id = ma.fields.Integer()
    company_id = ma.fields.Integer(allow_none=True)
    institution_id = ma.fields.Integer(allow_none=True)
    rank = ma.fields.Integer(allow_none=True, metadata={"description": "from 1, once drawn"})
    of = ma.fields.Integer(metadata={"description": "how many were ranked"})
    turn = ma.fields.Integer(
        allow_none=True, metadata={"description": "its person's or party's n-th; ranked first"}
    )
    person_minutes = ma.fields.Integer(
        allow_none=True, metadata={"description": "used in 90 days or booked; ranked next"}
    )
    party_minutes = ma.fields.Integer(allow_none=True, metadata={"description": "ranked next"})
    lot = ma.fields.String(
        allow_none=True,
        metadata={"description": "of equals; SHA-256 of seed:user_id, its first 16 digits"},
    )
    seal = ma.fields.String(metadata={"description": "SHA-256 of the seed, known beforehand"})
    seed = ma.fields.String(allow_none=True, metadata={"description": "known once drawn"})
    why = ma.fields.List(
        ma.fields.String(), metadata={"description": "codes, of who lost; else empty"}
    )
    reservation_id = ma.fields.Integer(allow_none=True, metadata={"description": "what was won"})
    created_at = ma.fields.DateTime()


def draw_entry_item(row: Any) -> dict[str, Any]:
    """Return a row of `visible_draw_entries` as every operation shows it."""
    entry, draw = row.DrawEntry, row.Draw
    return {
        "id": entry.id,
        "draw_id": draw.id,
        "state": entry.state,
        "draws_at": instant(draw.draws_at),
        "pool_id": draw.pool_id,
        "unit_id": entry.unit_id,
        "quantity": entry.quantity,
        "start": instant(entry.start_at),
        "end": instant(entry.end_at),
        "user_id": entry.user_id,
        "company_id": entry.company_id,
        "institution_id": entry.institution_id,
        "rank": entry.rank,
        "of": row.of,
        "turn": entry.turn,
        "person_minutes": entry.person_minutes,
        "party_minutes": entry.party_minutes,
        "lot": entry.lot,
        "seal": draw.seal,
        "seed": None if draw.state == "open" else draw.seed,
        "why": entry.why.split(),
        "reservation_id": entry.reservation_id,
        "created_at": instant(entry.created_at),
    }
