"""How the agreement by which others may book a pool is answered."""

from datetime import datetime
from typing import Any

import marshmallow as ma

from booking.inventory.rules.sharing import Sharing
from booking.web.problem import instant


class SharedAnswer(ma.Schema):
    """The agreement by which others than its own people may book a pool."""

    start = ma.fields.DateTime(data_key="from")
    until = ma.fields.DateTime(allow_none=True)
    hours = ma.fields.String(allow_none=True, metadata={"description": "null: at all hours"})
    paused_from = ma.fields.DateTime(
        allow_none=True, metadata={"description": "nobody else books from then; null: no pause"}
    )
    paused_until = ma.fields.DateTime(
        allow_none=True, metadata={"description": "null with paused_from: until further notice"}
    )


def shared_answer(sharing: Sharing | None, now: datetime) -> dict[str, Any] | None:
    """Return the agreement as answers show it; a pause that is over is none."""
    if sharing is None:
        return None
    paused = sharing.pause_from(now)
    ends = sharing.paused_until if paused is not None else None
    return {
        "from": instant(sharing.from_at),
        "until": instant(sharing.until_at) if sharing.until_at else None,
        "hours": sharing.hours.text if sharing.hours is not None else None,
        "paused_from": instant(paused) if paused is not None else None,
        "paused_until": instant(ends) if ends is not None else None,
    }
