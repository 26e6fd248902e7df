"""An entry of a waiting list in words."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _

from booking.core.period import Period
from booking.reservations.models import Hold, WaitlistEvent
from booking.web.formats import distance_text, instant_text, length_text, period_text
from booking.web.locale import named

TONES = {"waiting": "", "offered": "warn", "taken": "good", "expired": "bad", "lapsed": "bad"}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry; `when` is the window, `offer` what is kept, `why` why it was passed over."""

    id: int
    state: str
    status: str
    tone: str
    what: str
    url: str
    when: str
    length: str
    kind: str
    place: str
    person: str
    offer: str
    until: datetime | None
    until_text: str
    why: str
    priority: str  # why it comes before others


def line_of(row: Any, hold: Hold | None, events: Sequence[WaitlistEvent], now: datetime) -> Line:
    """Return a row of `queries.waiting.visible_waiting` in words, times in the site's zone."""
    entry, zone = row.WaitlistEntry, ZoneInfo(row.time_zone)
    amount = f" × {entry.quantity}" if entry.quantity > 1 else ""
    unit = f" · {row.asset_no}" if row.asset_no else ""
    until = entry.offer_until if hold is not None else None
    return Line(
        id=entry.id,
        state=entry.state,
        status=status_text(entry.state),
        tone=TONES.get(entry.state, ""),
        what=named(row.name_zh, row.name_en) + unit + amount,
        url=url_for("catalogue.pool", pool_id=entry.pool_id),
        when=period_text(Period(entry.first_at, entry.last_at), zone),
        length=length_text(entry.minutes),
        kind=kind_text(entry.kind),
        place=_("No. %(place)s", place=row.place) if row.place else "",
        person=row.person,
        offer=period_text(Period(hold.start_at, hold.end_at), zone) if hold else "",
        until=until,
        until_text=_until(until, zone, now) if until else "",
        why=_why(events),
        priority=_priority(entry.priority, events),
    )


def status_text(state: str) -> str:
    """Return the state of an entry in words."""
    return {
        "waiting": _("Waiting"),
        "offered": _("Offered"),
        "taken": _("Taken"),
        "declined": _("Declined"),
        "expired": _("Not answered in time"),
        "left": _("Left"),
        "lapsed": _("Nothing became free"),
    }[state]


def kind_text(kind: str) -> str:
    """Return what an entry waits for in words."""
    return {
        "offer": _("A slot in my turn"),
        "notice": _("Only tell me"),
        "move_up": _("An earlier time"),
    }[kind]


def _until(until: datetime, zone: ZoneInfo, now: datetime) -> str:
    if until <= now:
        return _("The offer has ended.")
    return _(
        "Kept until %(until)s (%(distance)s).",
        until=instant_text(until, zone), distance=distance_text(until, now),
    )  # fmt: skip


def _priority(priority: int, events: Sequence[WaitlistEvent]) -> str:
    """Return why an entry comes before others: whose time a fault took is served first."""
    if not priority:
        return ""
    lost = [json.loads(event.detail).get("fault") for event in events if event.what == "joined"]
    return _("Comes first: a fault took %(reference)s.", reference=next(filter(None, lost), "–"))


def _why(events: Sequence[WaitlistEvent]) -> str:
    """Return why somebody later was served first, the last time that was so."""
    if events and events[-1].what == "taken_back":
        return _("What was offered went out of service. You keep your place.")
    skipped = [event for event in events if event.what == "skipped"]
    if not skipped:
        return ""
    codes = json.loads(skipped[-1].detail).get("why", [])
    if codes == ["no_slot"]:
        return _("Passed over: what became free was too short or outside the window.")
    return _("Passed over: the instrument's rules did not allow what became free.")
