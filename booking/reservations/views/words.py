"""The state of a reservation in words: what it is, and what happens next."""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.infra.settings import times
from booking.reservations.queries.named import Named, UnitName
from booking.reservations.rules.life import BECAME, Move, shown_status, units_final
from booking.web.formats import distance_text, instant_text, period_text
from booking.web.locale import named
from booking.web.wording import unit_text


def status_of(found: Named, now: datetime) -> str:
    """Return the status as the clock has it, also before its job has written it down."""
    return shown_status(found.row.status, found.period, found.row.decide_by, now)


def status_sentence(found: Named, now: datetime, *, details: bool, decider: str = "") -> str:
    """Return what the state means for the reader; reasons only with `details`.

    `decider` is whose turn it is to decide, the lab if left out.
    """
    status, row = status_of(found, now), found.row
    why = _(" Reason: %(reason)s", reason=row.reason) if details and row.reason else ""
    if status == "pending":
        return _pending(found, now, decider or named(*found.lab))
    if status == "approved":
        return _approved(found, now)
    if status == "cancelled" and row.reason.startswith(BECAME):
        into = row.reason.removeprefix(BECAME)
        return _("It became part of the reservation %(reference)s beside it.", reference=into)
    sentences = {
        "in_use": _("It is running until %(end)s.", end=instant_text(row.end_at, found.zone)),
        "completed": _("It is over."),
        "rejected": _("The request was rejected; nothing is held.") + why,
        "cancelled": _("It was cancelled; nothing is held any more.") + why,
        "expired": _("Nobody decided in time, so the request expired; nothing is held."),
        "no_show": _("Nobody came, so the time was released."),
    }
    return sentences[status]


def change_sentence(found: Named, now: datetime) -> str:
    """Return what an undecided change asks for and what happens meanwhile; empty without one."""
    if found.change is None or found.asked is None or found.change.expires_at <= now:
        return ""
    return _(
        "A change to %(asked)s waits for a decision until %(deadline)s (%(distance)s). "
        "Until then the present time stays yours.",
        asked=period_text(found.asked, found.zone),
        deadline=instant_text(found.change.expires_at, found.zone),
        distance=distance_text(found.change.expires_at, now),
    )


def are_units_final(found: Named, now: datetime) -> bool:
    """Return whether the units shown can no longer change without a breakdown."""
    row = found.row
    hours = times().unit_fixed_hours
    return units_final(row.start_at, now, hours, named=bool(row.named_unit))


def units_sentence(found: Named, now: datetime) -> str:
    """Return what a provisional unit means and from when it is final."""
    if are_units_final(found, now) or status_of(found, now) not in ("pending", "approved"):
        return ""
    fixed = found.row.start_at - timedelta(hours=times().unit_fixed_hours)
    return _(
        "Provisional: another unit of the same kind may take its place until %(when)s.",
        when=instant_text(fixed, found.zone),
    )


def after_booking(found: Named, *, joined: bool = False) -> str:
    """Return what to tell right after a booking: what it is and what happens next."""
    what, when = named(*found.pool), period_text(found.period, found.zone)
    if joined:
        return _(
            "Joined with your reservation %(reference)s beside it, which is now %(when)s.",
            reference=found.row.reference, when=when,
        )  # fmt: skip
    if found.row.status == "pending":
        return _(
            "Requested: %(what)s, %(when)s. The time is held for you; the lab decides by "
            "%(deadline)s and you will get a mail.",
            what=what, when=when,
            deadline=instant_text(found.row.decide_by or found.row.start_at, found.zone),
        )  # fmt: skip
    return _(
        "Reserved: %(what)s, %(when)s. A reminder comes by mail before it starts.",
        what=what, when=when,
    )  # fmt: skip


def after_move(how: Move | None, found: Named) -> str:
    """Return what became of a change."""
    when = period_text(found.period, found.zone)
    if how is None:
        return _("Saved. The time stays %(when)s.", when=when)
    if how is Move.JOIN:
        return _("Joined with your reservation beside it. It is now %(when)s.", when=when)
    if how is Move.WITHDRAW:
        return _("The change you asked for is withdrawn. The time stays %(when)s.", when=when)
    if how is Move.REQUEST:
        return _(
            "The change was asked for. Until the lab decides, %(when)s stays yours.", when=when
        )
    if found.row.status == "pending":
        return _("Moved to %(when)s. It still waits for the lab's decision.", when=when)
    if how is Move.KEEP_APPROVAL:
        return _("Moved to %(when)s. It stays approved.", when=when)
    return _("Moved to %(when)s.", when=when)


def _pending(found: Named, now: datetime, decider: str) -> str:
    deadline = found.row.decide_by or found.row.start_at
    return _(
        "%(lab)s decides by %(deadline)s (%(distance)s). Until then the time is held; "
        "without a decision the request expires.",
        lab=decider,
        deadline=instant_text(deadline, found.zone),
        distance=distance_text(deadline, now),
    )


def _approved(found: Named, now: datetime) -> str:
    if found.row.start_at <= now:
        return _("It is running until %(end)s.", end=instant_text(found.row.end_at, found.zone))
    return _(
        "It is yours. It starts %(distance)s.", distance=distance_text(found.row.start_at, now)
    )


def units_text(units: list[UnitName], quantity: int, most: int = 3) -> str:
    """Return the units' names; beyond `most` how many there are."""
    names = [unit_text(unit) for unit in units]
    if len(names) > most:
        shown = _(", ").join(names[:most])
        return _("%(names)s and %(count)s more", names=shown, count=len(names) - most)
    return _(", ").join(names) or ngettext("%(num)s unit", "%(num)s units", quantity)
