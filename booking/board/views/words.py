"""The timeline's answers: lanes and what holds them, in words and epoch seconds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _

from booking.accounts.rules.permissions import may
from booking.board.queries.lanes import Lane
from booking.board.rules.lanes import Held, Span, free_parts
from booking.core.actor import Actor
from booking.core.errors import Conflict, RuleViolated
from booking.core.local import local_text
from booking.core.period import Period
from booking.reservations.queries.named import Named
from booking.reservations.rules.life import Move
from booking.web.formats import period_text
from booking.web.locale import named
from booking.web.messages import text_of, violation_text
from booking.web.wording import party_text


def lane_answer(actor: Actor, lane: Lane) -> dict[str, Any]:
    """Return a lane: its name and group, its pages, and whether it takes bookings now."""
    usable = lane.state in ("in_service", "limited")
    closable = may(actor, "unit.close", lane.subject)
    return {
        "id": lane.unit_id,
        "name": lane_name(lane),
        "pool": named(*lane.pool),
        "pool_id": lane.pool_id,
        "url": url_for("catalogue.unit", unit_id=lane.unit_id),
        "book": url_for("reservations.new", unit_id=lane.unit_id) if usable else None,
        "close": url_for("reservations.close_unit", unit_id=lane.unit_id) if closable else None,
        "state": "" if lane.state == "in_service" else state_text(lane.state),
    }


def lane_name(lane: Lane) -> str:
    """Return what a unit is called beside its group."""
    return lane.name or lane.asset_no or lane.serial or f"#{lane.unit_id}"


def held_answer(held: Held, zone: ZoneInfo) -> dict[str, Any]:
    """Return a block: its times, what is told of it, and how it may be changed."""
    words, more = held_words(held)
    answer: dict[str, Any] = {
        "s": seconds(held.period.start), "e": seconds(held.period.end),
        "b": seconds(held.block.start), "f": seconds(held.block.end),
        "kind": held.kind, "title": words, "more": more,
        "when": period_text(held.period, zone),
    }  # fmt: skip
    if held.reservation_id is not None:
        answer |= {
            "id": held.reservation_id,
            "status": held.status,
            "url": url_for("reservations.show", reservation_id=held.reservation_id),
            "own": held.own,
        }
    if held.movable:
        answer |= {
            "version": held.version,
            "move": url_for("reservations.move", reservation_id=held.reservation_id),
        }
    return answer


def held_words(held: Held) -> tuple[str, str]:
    """Return what a block is called and what is told beside it, as far as the reader may know."""
    if held.kind == "closure":
        return closure_text(held.reason), ""
    if held.kind == "hold":
        return _("kept for somebody"), ""
    if held.reservation_id is None:
        return _("taken"), ""
    whose = _("You") if held.own else held.person
    party = party_text(held.party)
    return (whose or party, " · ".join(filter(None, (status_text(held.status), whose and party))))


def free_periods(span: Span, held: Sequence[Held], now: datetime, lane: Lane) -> list[Period]:
    """Return what is free of a lane that takes bookings."""
    if lane.state not in ("in_service", "limited"):
        return []
    return free_parts(span.period, held, now)


def book_url(lane: Lane, period: Period, zone: ZoneInfo) -> str:
    """Return the booking form's address with the times filled in."""
    return url_for(
        "reservations.new", unit_id=lane.unit_id,
        start=local_text(period.start, zone), end=local_text(period.end, zone),
    )  # fmt: skip


def moved_text(how: Move | None, found: Named) -> str:
    """Return what became of a reservation that was dragged."""
    when = period_text(found.period, found.zone)
    if how is Move.REQUEST:
        return _(
            "The change was asked for. Until the lab decides, %(when)s stays yours.", when=when
        )
    return _("It is now %(when)s.", when=when)


def refused_move(
    refusal: RuleViolated | Conflict, zone: ZoneInfo
) -> tuple[str, list[dict[str, Any]]]:
    """Return why a reservation cannot be there, and the times that it could take."""
    if isinstance(refusal, Conflict):
        periods = [one.period for one in refusal.alternatives]
        text = text_of(refusal)
    else:
        nearest = (one.nearest for one in refusal.violations if one.nearest is not None)
        periods = list(dict.fromkeys(nearest))
        text = " ".join(violation_text(one, zone) for one in refusal.violations)
    return text, [
        {"text": period_text(p, zone), "start": seconds(p.start), "end": seconds(p.end)}
        for p in periods
    ]


def closure_text(kind: str) -> str:
    """Return why a unit is closed."""
    return {
        "maintenance": _("Maintenance"), "calibration": _("Calibration"), "fault": _("Fault"),
        "own_use": _("Own use"), "calibration_due": _("Calibration due"),
        "dependency": _("Something it needs is closed"), "training": _("Training"),
    }.get(kind, kind)  # fmt: skip


def status_text(status: str) -> str:
    """Return a status as lists call it."""
    return {
        "pending": _("Pending"), "approved": _("Approved"), "in_use": _("In use"),
        "completed": _("Completed"),
    }.get(status, status)  # fmt: skip


def state_text(state: str) -> str:
    """Return a unit's state as lists call it."""
    return {"limited": _("Limited"), "down": _("Down")}.get(state, state)


def seconds(moment: datetime) -> int:
    """Return an instant in epoch seconds."""
    return int(moment.timestamp())
