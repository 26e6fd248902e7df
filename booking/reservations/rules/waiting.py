"""What someone waits for, as plain values checked for form, and when an offer ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.core.errors import Invalid
from booking.core.period import Period
from booking.reservations.rules.proposal import PURPOSES, require_period, require_text

KINDS = ("offer", "notice", "move_up")
STATES = ("waiting", "offered", "taken", "declined", "expired", "left", "lapsed")
QUEUED = ("waiting", "offered")
MOST_WAITING = 10  # a person
MOST_MINUTES = 366 * 24 * 60
# A slot that starts sooner is nobody's to plan for; and an offer must leave time to be read.
NOTICE = timedelta(minutes=5)
A_MINUTE = timedelta(minutes=1)
TOLD_EVERY = timedelta(hours=1)  # a watch is told of freed time at most this often


@dataclass(frozen=True, slots=True)
class Wish:
    """A slot of `minutes` wholly within [first, last): of a pool (any unit), or of one unit.

    `reservation_id` is the one to move up; its pool, length, quantity and party then count.
    """

    kind: str
    first: datetime
    last: datetime
    minutes: int = 0
    pool_id: int | None = None
    unit_id: int | None = None
    quantity: int = 1
    purpose: str = "research"
    note: str = ""
    company_id: int | None = None
    institution_id: int | None = None
    reservation_id: int | None = None


def require_wish(wish: Wish, now: datetime) -> Period:
    """Return the window. Raises Invalid naming the first unfit field."""
    if wish.kind not in KINDS:
        raise Invalid("unknown_waiting", field="kind", actual=wish.kind)
    if wish.kind != "move_up" and (wish.pool_id is None) == (wish.unit_id is None):
        raise Invalid("pool_or_unit", field="pool_id")
    if wish.quantity < 1:
        raise Invalid("quantity_invalid", field="quantity", actual=wish.quantity)
    if wish.unit_id is not None and wish.quantity != 1:
        raise Invalid("one_named_unit", field="quantity", actual=wish.quantity)
    if wish.purpose not in PURPOSES:
        raise Invalid("unknown_purpose", field="purpose", actual=wish.purpose)
    require_text("note", wish.note)
    window = require_period(wish.first, wish.last)
    if not 1 <= wish.minutes <= MOST_MINUTES:
        raise Invalid("minutes_invalid", field="minutes", actual=wish.minutes)
    if earliest(window, now) + timedelta(minutes=wish.minutes) > window.end:
        raise Invalid("window_too_short", field="end", actual=wish.minutes)
    return window


def earliest(window: Period, now: datetime) -> datetime:
    """Return when a slot could start at the earliest, in whole minutes."""
    soon = now + NOTICE + A_MINUTE - timedelta(microseconds=1)
    return max(window.start, soon.replace(second=0, microsecond=0))


def offer_until(now: datetime, minutes: int, start: datetime) -> datetime:
    """Return when an offer made now ends: after the rule's minutes, at the slot's start at last."""
    return min(now + timedelta(minutes=minutes), start)
