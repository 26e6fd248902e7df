"""Using a reservation: check in, start early, end now, make longer, hand on, undo a cancel."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.core.errors import (
    Conflict,
    Invalid,
    PartsTaken,
    PartsViolated,
    Refusal,
    RuleViolated,
    Stale,
    WrongState,
)
from booking.core.local import SkippedTime, UnreadableTime, parse_instant
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.queries.named import Named, visible_named
from booking.reservations.services.handing import transfer
from booking.reservations.services.moving import Change
from booking.reservations.services.starting import start_early
from booking.reservations.services.undoing import undo_cancel
from booking.reservations.services.using import check_in, check_out
from booking.reservations.views.base import blueprint
from booking.reservations.views.repeating import problem_text
from booking.reservations.views.words import after_move
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import id_of
from booking.web.formats import instant_text
from booking.web.links import safe_next
from booking.web.messages import text_of, violation_text
from booking.web.reserve import change

REFUSALS = (Conflict, Invalid, RuleViolated, Stale, WrongState)


@blueprint.post("/reservations/<int:reservation_id>/check-in")
@signed_in
def begin(reservation_id: int) -> Response:
    """Check in."""
    actor, now = login.actor(), clock.now()
    return _do(
        reservation_id,
        lambda version: write(lambda s: check_in(s, actor, reservation_id, now, version)),
        lambda _found: _("Checked in. Enjoy your time."),
    )


@blueprint.post("/reservations/<int:reservation_id>/start-early")
@signed_in
def begin_early(reservation_id: int) -> Response:
    """Start now, before the start."""
    actor, now = login.actor(), clock.now()
    return _do(
        reservation_id,
        lambda version: write(lambda s: start_early(s, actor, reservation_id, now, version)),
        lambda found: _("Started. It counts from %(start)s on.", start=_start(found)),
    )


@blueprint.post("/reservations/<int:reservation_id>/check-out")
@signed_in
def finish(reservation_id: int) -> Response:
    """End now; the rest is free at once."""
    actor, now = login.actor(), clock.now()
    return _do(
        reservation_id,
        lambda version: write(lambda s: check_out(s, actor, reservation_id, now, version)),
        lambda found: _(
            "Ended at %(end)s. What is left of the time is free for others.",
            end=instant_text(found.row.end_at, found.zone),
        ),
    )


@blueprint.post("/reservations/<int:reservation_id>/extend")
@signed_in
def extend(reservation_id: int) -> Response:
    """Make it longer, to an end that was offered."""
    actor, session = login.actor(), db.session()
    zone = visible_named(session, actor, reservation_id).zone
    try:
        end = parse_instant(request.form.get("end", ""), zone)
    except (UnreadableTime, SkippedTime):
        raise Invalid("time_unreadable", field="end") from None
    made = []
    return _do(
        reservation_id,
        lambda version: made.append(change(actor, reservation_id, version, Change(end=end))),
        lambda found: after_move(made[0], found),
    )


@blueprint.post("/reservations/<int:reservation_id>/transfer")
@signed_in
def hand_on(reservation_id: int) -> Response:
    """Hand it to a colleague."""
    actor, now, to = login.actor(), clock.now(), id_of(request.form.get("user_id")) or 0
    return _do(
        reservation_id,
        lambda version: write(lambda s: transfer(s, actor, reservation_id, to, now, version)),
        lambda _found: _("Handed on. Your colleague gets a mail."),
        lost=url_for("reservations.index"),
    )


@blueprint.post("/reservations/<int:reservation_id>/undo-cancel")
@signed_in
def restore(reservation_id: int) -> Response:
    """Take the cancellation back."""
    actor, now = login.actor(), clock.now()
    return _do(
        reservation_id,
        lambda version: write(lambda s: undo_cancel(s, actor, reservation_id, now, version)),
        lambda _found: _("The cancellation is taken back; the reservation holds again."),
    )


def _do(
    reservation_id: int,
    work: Callable[[int | None], object],
    said: Callable[[Named], str],
    lost: str = "",
) -> Response:
    """Do it and say so; a refusal is said on the page it came from, and changes nothing.

    `next` of the form is the page it came from; else that of the reservation.
    `lost` is where to go when the reservation is no longer the reader's to see.
    """
    actor, session = login.actor(), db.session()
    found = visible_named(session, actor, reservation_id)
    shown = url_for("reservations.show", reservation_id=reservation_id)
    back = safe_next(request.form.get("next"), shown)
    try:
        work(id_of(request.form.get("version")))
    except REFUSALS as refusal:
        flash(_refusal_text(refusal, found), "warning")
        return redirect(back)
    seen = _still_seen(session, reservation_id)
    flash(said(seen or found), "success")
    return redirect(back if seen or not lost else lost)


def _still_seen(session: Session, reservation_id: int) -> Named | None:
    try:
        return visible_named(session, login.actor(), reservation_id)
    except Refusal:
        return None


def _refusal_text(refusal: Refusal, found: Named) -> str:
    if isinstance(refusal, PartsViolated | PartsTaken):
        whys = [problem_text(problem, found.zone) for problem in refusal.problems]
        return " ".join((_("The other parts of its bundle cannot start with it."), *whys))
    if isinstance(refusal, RuleViolated):
        return " ".join(violation_text(v, found.zone) for v in refusal.violations)
    return text_of(refusal)


def _start(found: Named) -> str:
    return instant_text(found.row.start_at, found.zone)


def offered_ends(ends: Sequence[datetime], found: Named) -> list[tuple[str, str]]:
    """Return later ends as options: the value to send and what is read."""
    return [(end.isoformat(), instant_text(end, found.zone)) for end in ends]
