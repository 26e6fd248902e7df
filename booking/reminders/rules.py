"""What messages there are, and when one no longer has a point. Plain values only."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from booking.core.period import Period, from_epoch

INVITATION = "invitation"
TOKEN_MADE = "token_made"  # noqa: S105 - the name of a letter
SMS_CODE = "sms_code"  # by SMS, all others by mail
REMINDER = "reminder"
# kind -> who reads it, in the order the delivery log lists them
MISSED = "missed"
TO_APPROVER = ("request_received", "change_requested", "request_waiting", "request_escalated")
TO_BOOKER = (
    "approved", "rejected", "cancelled", "moved", "change_rejected", "expired", "change_expired",
    "unit_changed", "unit_trouble", "booked_for_you", "restored", "handed_to_you", "handed_on",
    "draw_won", "joined", MISSED, REMINDER,
)  # fmt: skip
# Of several reservations of a group at once: the kind each of them would have had.
GROUP = "group_"
GROUP_KINDS = tuple(
    f"{GROUP}{kind}"
    for kind in (
        "request_received", "change_requested", "approved", "rejected", "cancelled", "moved",
        "change_rejected", "booked_for_you", "expired",
    )
)  # fmt: skip
# To who waits for time; `waitlist:ID` is what they are about. The state they speak of.
WAITING = {
    "waitlist_offer": "offered", "waitlist_expired": "expired", "waitlist_lapsed": "lapsed",
    "time_freed": "waiting", "waitlist_ended": "left",
}  # fmt: skip
# To who asked for a day that opened fairly; `draw_entry:ID` is what they are about.
DRAWN = {"draw_lost": "lost", "draw_ended": "withdrawn"}
# To a lab's managers; `unit:ID` is what it is about.
CARE = ("calibration_due",)
# About training and qualifications; `record:ID`, `signup:ID` or `qualification:ID`.
TRAINED = (
    "training_seat", "training_cancelled", "signoff_requested", "signoff_refused", "qualified",
    "qualification_ends", "suspended", "reinstated", "appeal_received", "appeal_answered",
)  # fmt: skip
# To whoever decides while somebody is away; `absence:ID` is what they are about.
ABSENCE = ("standing_in", "standing_in_ended")
# To a person about their account; `user:ID` is what they are about.
SECURITY = (
    "new_sign_in", "password_changed", "reset_password", "confirm_email", "email_changed",
    "factors_changed", "ways_changed", "wrong_factors", "factor_needed",
    "erasure_refused",
)  # fmt: skip
ACCOUNT = (INVITATION, TOKEN_MADE, SMS_CODE, *SECURITY)
# How companies and their people come in; about `application:ID`, `invitation:ID` or `company:ID`.
COMPANY_INVITATION = "company_invitation"
COMPANIES = (
    "application_received", "application_rejected", COMPANY_INVITATION, "join_asked",
    "join_accepted", "place_ended",
)  # fmt: skip
KINDS = (
    *TO_APPROVER, *TO_BOOKER, *GROUP_KINDS, *WAITING, *DRAWN, *CARE, *TRAINED, *ABSENCE, *ACCOUNT,
    *COMPANIES,
)  # fmt: skip

# Kinds whose parameters let somebody in; not kept once the message is out.
SECRET = (INVITATION, SMS_CODE, COMPANY_INVITATION, "reset_password", "confirm_email")
# Kinds whose text does: a link in it acts as its recipient. Not for who only reads.
LETS_IN = (*SECRET, *TO_APPROVER)
HELD = ("approved", "in_use")
# kind -> the states it speaks of; in another one the message says how things stand now
SPEAKS_OF: dict[str, tuple[str, ...]] = {
    "request_received": ("pending",),
    "change_requested": (*HELD, "pending"),
    "request_waiting": ("pending", *HELD),
    "request_escalated": ("pending", *HELD),
    "approved": (*HELD, "completed"),
    "rejected": ("rejected",),
    "cancelled": ("cancelled",),
    "moved": (*HELD, "pending", "completed"),
    "unit_changed": (*HELD, "pending", "completed"),
    "unit_trouble": (*HELD, "pending", "completed"),
    "change_rejected": (*HELD, "completed"),
    "expired": ("expired",),
    "change_expired": (*HELD, "completed"),
    "booked_for_you": (*HELD, "completed"),
    "restored": (*HELD, "pending", "completed"),
    "handed_to_you": (*HELD, "pending", "completed"),
    "handed_on": (*HELD, "pending", "completed"),
    "draw_won": (*HELD, "pending", "completed"),
    "joined": ("cancelled",),
    MISSED: ("no_show",),
    REMINDER: HELD,
}
_PUTS_IN_CALENDAR = (
    "approved", "moved", "booked_for_you", "restored", "handed_to_you", "draw_won",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What was true when the message was written, as far as it was noted."""

    period: Period | None = None
    old_period: Period | None = None
    asked_period: Period | None = None
    asked_quantity: int | None = None
    was: str = ""  # the state before
    reason: str = ""
    by: str = ""
    path: str = ""
    until: datetime | None = None  # of an offer
    reservations: tuple[int, ...] = ()  # of a group's message
    other: tuple[Period, ...] = ()  # times free instead
    rank: tuple[int, int] | None = None  # in a draw, and of how many
    day: date | None = None  # on which a calibration is due
    first: bool = False  # in the waiting list for another time
    into: str = ""  # the reference of what it became part of
    name: str = ""  # of a token
    scopes: tuple[str, ...] = ()  # of a token
    code: str = ""  # to type in
    at: datetime | None = None  # when it happened to an account
    to: str = ""  # number or address a message about an account goes to, instead of the person's
    what: str = ""  # of an account: what of it changed
    device: str = ""
    address: str = ""  # the network's
    left: int = 0  # recovery codes


def told(parameters: str) -> Told:
    """Return the parameters of an outbox row. Raises ValueError if they cannot be read."""
    values = json.loads(parameters)
    if not isinstance(values, dict):
        raise ValueError("parameters must be a JSON object")
    return Told(
        period=_period(values, "start", "end"),
        old_period=_period(values, "old_start", "old_end"),
        asked_period=_period(values, "new_start", "new_end"),
        asked_quantity=values.get("quantity"),
        was=str(values.get("was") or ""),
        reason=str(values.get("reason") or ""),
        by=str(values.get("by") or ""),
        path=str(values.get("path") or ""),
        until=from_epoch(values["until"]) if values.get("until") is not None else None,
        reservations=tuple(int(key) for key in values.get("reservations") or ()),
        rank=(values["rank"], values["of"]) if values.get("rank") else None,
        other=tuple(Period(from_epoch(a), from_epoch(b)) for a, b in values.get("other") or ()),
        day=date.fromisoformat(values["day"]) if values.get("day") else None,
        first=bool(values.get("first")),
        into=str(values.get("into") or ""),
        name=str(values.get("name") or ""),
        code=str(values.get("code") or ""),
        scopes=tuple(str(word) for word in values.get("scopes") or ()),
        at=from_epoch(values["at"]) if values.get("at") is not None else None,
        to=str(values.get("to") or ""),
        what=str(values.get("what") or ""),
        device=str(values.get("device") or ""),
        address=str(values.get("address") or ""),
        left=int(values.get("left") or 0),
    )


def is_moot(kind: str, status: str, start: datetime, facts: Told) -> bool:
    """Return whether a message has lost its point: a reminder of what moved or ended."""
    if kind != REMINDER:
        return False
    return status not in HELD or (facts.period is not None and facts.period.start != start)


def calendar_method(kind: str, status: str, was: str) -> str | None:
    """Return the METHOD of the calendar part a message carries, None for none.

    Only what holds now goes into calendars, so a message that comes late does no harm there.
    What was never approved is in no calendar; `was` is the state before a cancellation.
    """
    if kind in _PUTS_IN_CALENDAR and status in HELD:
        return "REQUEST"
    if kind in ("handed_on", "joined"):
        return "CANCEL"  # out of the calendar of who had it before; it is part of another one
    if kind == status == "cancelled" and was != "pending":
        return "CANCEL"
    return None


def in_group_calendar(kind: str, status: str, was: str) -> str | None:
    """Return `kept` or `cancelled` for an entry of a group's calendar, None to leave it out."""
    method = calendar_method(kind.removeprefix(GROUP), status, was)
    return {"REQUEST": "kept", "CANCEL": "cancelled"}.get(method or "")


def _period(values: dict[str, Any], start: str, end: str) -> Period | None:
    if values.get(start) is None or values.get(end) is None:
        return None
    return Period(from_epoch(values[start]), from_epoch(values[end]))
