"""Closing a unit for a time, and opening it again."""

from datetime import datetime, timedelta

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.core.errors import Conflict, Invalid, NotFound
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.forms import CLOSURES, CloseForm, put_error
from booking.reservations.queries.closures import (
    Closable,
    closable_unit,
    coming_closures,
    unit_of_closure,
)
from booking.reservations.rules.proposal import require_period
from booking.reservations.services.closing import close_unit as close
from booking.reservations.services.closing import reopen as open_again
from booking.reservations.views.base import blueprint
from booking.reservations.views.refused import Refused, time_taken
from booking.web import login
from booking.web.access import signed_in
from booking.web.formats import period_text, zone_text
from booking.web.messages import status_of, text_of
from booking.web.wording import unit_text

USUAL = timedelta(hours=4)


@blueprint.route("/units/<int:unit_id>/close", methods=["GET", "POST"])
@signed_in
def close_unit(unit_id: int) -> Response | str | tuple[str, int]:
    """Close a unit around what is already reserved, and show its coming closures."""
    actor, now = login.actor(), clock.now()
    at = closable_unit(db.session(), actor, unit_id)
    form = CloseForm()
    if not form.is_submitted():
        hour = now.replace(minute=0, second=0) + timedelta(hours=1)
        form.show(Period(hour, hour + USUAL), at.pool.zone)
        return _page(at, form, now)
    valid, times = form.validate(), form.times(at.pool.zone)
    if not valid or times is None:
        return _page(at, form, now), 422
    kind, note = form.kind.data or "", form.note.data or ""
    try:
        period = require_period(*times)
        closed = write(lambda s: close(s, actor, unit_id, period, kind, note, now))
    except Invalid as refusal:
        put_error(form, refusal.field, text_of(refusal))
        return _page(at, form, now), status_of(refusal)
    except Conflict as refusal:
        refused = time_taken(refusal, at.pool.zone, {unit_id: at.unit}, {})
        return _page(at, form, now, refused), status_of(refusal)
    flash(_closed_text(len(closed.kept)), "success" if not closed.kept else "warning")
    return redirect(url_for("reservations.close_unit", unit_id=unit_id))


@blueprint.post("/closures/<int:closure_id>/reopen")
@signed_in
def reopen(closure_id: int) -> Response:
    """End a closure; its time can be booked again."""
    actor, now = login.actor(), clock.now()
    unit_id = unit_of_closure(db.session(), closure_id)
    closable_unit(db.session(), actor, unit_id)
    try:
        write(lambda s: open_again(s, actor, closure_id, now))
        flash(_("Open again."), "success")
    except NotFound:
        flash(_("This closure had already been ended."), "warning")
    return redirect(url_for("reservations.close_unit", unit_id=unit_id))


def _closed_text(kept: int) -> str:
    if not kept:
        return _("Closed. Nobody can book this time.")
    return ngettext(
        "Closed around %(num)s reservation that stays; it is listed below. Move or cancel it "
        "if the unit cannot be used.",
        "Closed around %(num)s reservations that stay; they are listed below. Move or cancel "
        "them if the unit cannot be used.",
        kept,
    )


def _page(at: Closable, form: CloseForm, now: datetime, refused: Refused | None = None) -> str:
    zone = at.pool.zone
    return render_template(
        "reservations/close.html", form=form, refused=refused, title=unit_text(at.unit),
        pool=at.pool,
        action=url_for("reservations.close_unit", unit_id=at.unit.unit_id), zone=zone,
        zone_name=zone_text(zone, now), kinds={kind.value: kind.label for kind in CLOSURES},
        closures=[
            (closure, period_text(closure.period, zone))
            for closure in coming_closures(db.session(), at.unit.unit_id, now)
        ],
    )  # fmt: skip
