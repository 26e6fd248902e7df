"""The history of a reservation in sentences."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.core.period import Period, from_epoch
from booking.reservations.queries.history import Event
from booking.web.formats import instant_text, period_text


@dataclass(frozen=True, slots=True)
class Told:
    """One event: what happened, when and by whom, why."""

    what: str
    when: str
    why: str


def tell(events: list[Event], zone: ZoneInfo, *, details: bool) -> list[Told]:
    """Return the events in words, newest first; who and why only with `details`."""
    told = []
    for event in events:
        who = event.by if event.by is not None else _("the system")
        at = instant_text(event.at, zone)
        when = _("%(at)s, %(who)s", at=at, who=who) if details or event.by is None else at
        told.append(Told(_sentence(event, zone), when, event.reason if details else ""))
    return told


def _sentence(event: Event, zone: ZoneInfo) -> str:
    after, before = _times(event.after, zone), _times(event.before, zone)
    if event.action == "reservation.request":
        if event.after.get("status") == "approved":
            return _("Booked for %(times)s", times=after)
        return _("Requested for %(times)s", times=after)
    sentences = {
        "reservation.move": _("Moved from %(before)s to %(after)s", before=before, after=after),
        "reservation.ask_change": _(
            "Change asked for, from %(before)s to %(after)s", before=before, after=after
        ),
        "reservation.note": _("Note changed"),
        "reservation.cancel": _("Cancelled"),
        "reservation.approve": _("Approved"),
        "reservation.approve_step": _("Agreed to; others decide as well"),
        "reservation.approve_change": _("Change approved"),
        "reservation.reject": _("Rejected"),
        "reservation.reject_change": _("Change rejected; the old time stays"),
        "reservation.withdraw_change": _("Change withdrawn; the old time stays"),
        "reservation.expire": _("Expired: nobody decided in time"),
        "reservation.expire_change": _("Change expired; the old time stays"),
        "reservation.complete": _("Completed"),
        "reservation.check_in": _("Checked in"),
        "reservation.join": _("Joined with %(times)s beside it", times=after),
        "reservation.joined": _(
            "Became part of %(reference)s", reference=event.after.get("into", "–")
        ),
        "reservation.replaced": _("Another time taken for it"),
        "reservation.start_early": _("Started early; it is now %(times)s", times=after),
        "reservation.check_out": _("Ended; used %(times)s", times=after),
        "reservation.miss": _("Nobody came; the time was released"),
        "reservation.transfer": _("Handed to a colleague"),
        "reservation.undo_cancel": _("Cancellation taken back"),
    }
    return sentences.get(event.action, _("Changed"))


def _times(values: dict[str, Any], zone: ZoneInfo) -> str:
    start, end = values.get("start"), values.get("end")
    if not isinstance(start, int) or not isinstance(end, int) or end <= start:
        return "–"
    text = period_text(Period(from_epoch(start), from_epoch(end)), zone)
    quantity = values.get("quantity")
    if isinstance(quantity, int) and quantity > 1:
        return f"{text} ({ngettext('%(num)s unit', '%(num)s units', quantity)})"
    return text
