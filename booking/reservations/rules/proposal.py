"""What someone asks for, as plain values checked for form before any rule is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime, timedelta
from typing import Any

from booking.core.errors import Invalid
from booking.core.period import Period
from booking.core.text import is_keepable

MAX_NOTE = 2000
MOST_ANSWERS = 40
# Beyond these, weekly hours would be laid out over centuries, and arithmetic leave the calendar.
FIRST_YEAR, LAST_YEAR = 1970, 9000
MAX_DAYS = 366
MOST_PREFERRED = 20
PURPOSES = ("research", "development", "teaching", "other")  # FIELD §2.8, customs purposes 135–138


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """A reservation asked for: a pool (any unit) or a unit (that one), a time, a party."""

    start: datetime
    end: datetime
    pool_id: int | None = None
    unit_id: int | None = None
    quantity: int = 1
    preferred_unit_ids: tuple[int, ...] = ()  # of the pool, best first; taken where free
    purpose: str = "research"
    note: str = ""
    company_id: int | None = None
    institution_id: int | None = None
    on_behalf_of: int | None = None
    override_reason: str = ""
    answers: Mapping[str, Any] = attribute(default_factory=dict)  # to the pool's questions
    hold_id: int | None = None  # one's own short hold, given up for the booking
    draw_id: int | None = None  # whose turn it is in this draw
    group_id: int | None = None  # of the bundle or chain it becomes a part of
    idempotency_key: str | None = None
    body_hash: str = ""


def require_form(request: BookingRequest) -> Period:
    """Return the period asked for. Raises Invalid naming the first unfit field."""
    if (request.pool_id is None) == (request.unit_id is None):
        raise Invalid("pool_or_unit", field="pool_id")
    if request.quantity < 1:
        raise Invalid("quantity_invalid", field="quantity", actual=request.quantity)
    if request.unit_id is not None and request.quantity != 1:
        raise Invalid("one_named_unit", field="quantity", actual=request.quantity)
    if request.preferred_unit_ids and request.unit_id is not None:
        raise Invalid("named_or_preferred", field="preferred_unit_ids")
    if len(request.preferred_unit_ids) > MOST_PREFERRED:
        raise Invalid("too_many_preferred", field="preferred_unit_ids", limit=MOST_PREFERRED)
    if request.purpose not in PURPOSES:
        raise Invalid("unknown_purpose", field="purpose", actual=request.purpose)
    require_text("note", request.note)
    require_text("override_reason", request.override_reason)
    if len(request.answers) > MOST_ANSWERS:
        raise Invalid("too_many_answers", field="answers", limit=MOST_ANSWERS)
    return require_period(request.start, request.end)


def require_period(start: datetime, end: datetime) -> Period:
    """Return [start, end). Raises Invalid unless in whole minutes and a bounded_period."""
    for field, moment in (("start", start), ("end", end)):
        if moment.second or moment.microsecond:
            raise Invalid("whole_minutes", field=field, actual=moment.isoformat())
    return bounded_period(start, end)


def bounded_period(start: datetime, end: datetime) -> Period:
    """Return [start, end). Raises Invalid unless the end is later, by at most 366 days."""
    require_reach("start", start)
    require_reach("end", end)
    if end <= start:
        raise Invalid("end_before_start", field="end")
    if end - start > timedelta(days=MAX_DAYS):
        raise Invalid("too_long_period", field="end", limit=MAX_DAYS)
    return Period(start, end)


def require_reach(field: str, moment: datetime) -> None:
    """Raise Invalid for an instant so far off that arithmetic on it could leave the calendar."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Invalid("out_of_reach", field=field)


def require_text(field: str, text: str) -> None:
    """Raise Invalid when a free text is longer than 2,000 characters or cannot be stored."""
    if len(text) > MAX_NOTE:
        raise Invalid("too_long_text", field=field, limit=MAX_NOTE)
    if not is_keepable(text):
        raise Invalid("unkeepable_text", field=field)
