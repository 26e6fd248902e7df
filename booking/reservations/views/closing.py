"""Closing a unit for a time, and opening it again."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.core.errors import Conflict, Invalid, NotFound, WrongState
from booking.core.local import parse_instant
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.forms.care import BY_SYSTEM, CLOSURES, CloseForm
from booking.reservations.forms.parts import put_error
from booking.reservations.queries.closures import (
    Closable,
    closable_unit,
    coming_closures,
    unit_of_closure,
)
from booking.reservations.rules.dealing import KEEP, Dealing
from booking.reservations.rules.proposal import require_period
from booking.reservations.rules.recurrence import occurrences
from booking.reservations.rules.rrule import rule_text
from booking.reservations.services.closing import FAR, Closing, close_times, closing_hits
from booking.reservations.services.closing import reopen as open_again
from booking.reservations.views.base import blueprint
from booking.reservations.views.refused import Refused, time_taken
from booking.web import login
from booking.web.access import signed_in
from booking.web.dealing import Shown, dealt_text, decided, shown, why_not
from booking.web.formats import instant_text, period_text, zone_text
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
        form.show(_wanted(at.pool.zone, now), at.pool.zone)
        return _page(at, form, now)
    valid, times = form.validate(), form.times(at.pool.zone)
    if not valid or times is None:
        return _page(at, form, now), 422
    dealing = decided()
    try:
        closing = _closing(form, at, times)
        closed = write(lambda s: close_times(s, actor, unit_id, closing, dealing, now))
    except Invalid as refusal:
        if refusal.field != "reason":
            put_error(form, refusal.field, text_of(refusal))
            return _page(at, form, now), status_of(refusal)
        hit = _hit(at, closing, dealing, now, text_of(refusal))
        return _page(at, form, now, hit=hit), status_of(refusal)
    except WrongState as refusal:
        hit = _hit(at, closing, dealing, now)
        return _page(at, form, now, hit=hit, why=why_not(refusal)), status_of(refusal)
    except Conflict as refusal:
        refused = time_taken(refusal, at.pool.zone, {unit_id: at.unit}, {})
        return _page(at, form, now, refused), status_of(refusal)
    told = dealt_text(closed.dealt)
    flash(f"{_('Closed. Nobody can book this time.')} {told}".strip(), "success")
    return redirect(url_for("reservations.close_unit", unit_id=unit_id))


def _wanted(zone: ZoneInfo, now: datetime) -> Period:
    """Return the times the address names, such as those drawn on the timeline, else the usual."""
    try:
        start, end = (parse_instant(request.args.get(name, ""), zone) for name in ("start", "end"))
        return Period(start, end)
    except ValueError:
        hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return Period(hour, hour + USUAL)


def _closing(form: CloseForm, at: Closable, times: tuple[datetime, datetime]) -> Closing:
    """Return the times the form means. Raises Invalid."""
    period, rule = require_period(*times), form.recurrence()
    periods = [period]
    if rule is not None:
        first = period.start.astimezone(at.pool.zone).replace(tzinfo=None)
        found = occurrences(rule, first, period.length, at.pool.zone)
        periods = [one.period for one in found]
    return Closing(
        tuple(periods), form.kind.data or "", form.note.data or "",
        planned=not form.unplanned.data, rule=rule_text(rule) if rule is not None else "",
    )  # fmt: skip


def _hit(
    at: Closable, closing: Closing, dealing: Dealing, now: datetime, error: str = ""
) -> Shown | None:
    gones = closing_hits(db.session(), at.unit.unit_id, at.pool.pool_id, closing.periods)
    return shown(gones, dealing, now, error, KEEP)


@blueprint.post("/closures/<int:closure_id>/reopen")
@signed_in
def reopen(closure_id: int) -> Response:
    """End a closure; its time can be booked again."""
    actor, now = login.actor(), clock.now()
    unit_id = unit_of_closure(db.session(), closure_id)
    closable_unit(db.session(), actor, unit_id)
    try:
        series = "series" in request.form
        write(lambda s: open_again(s, actor, closure_id, now, series=series))
        flash(_("Open again."), "success")
    except NotFound:
        flash(_("This closure had already been ended."), "warning")
    return redirect(url_for("reservations.close_unit", unit_id=unit_id))


def _page(
    at: Closable,
    form: CloseForm,
    now: datetime,
    refused: Refused | None = None,
    hit: Shown | None = None,
    why: str = "",
) -> str:
    zone = at.pool.zone
    return render_template(
        "reservations/close.html", form=form, refused=refused, hit=hit, why=why,
        title=unit_text(at.unit),
        pool=at.pool, unit_id=at.unit.unit_id,
        action=url_for("reservations.close_unit", unit_id=at.unit.unit_id), zone=zone,
        zone_name=zone_text(zone, now),
        kinds={kind.value: kind.label for kind in (*CLOSURES, *BY_SYSTEM)},
        closures=[
            (closure, _when(closure.period, zone))
            for closure in coming_closures(db.session(), at.unit.unit_id, now)
        ],
    )  # fmt: skip


def _when(period: Period, zone: ZoneInfo) -> str:
    if period.end >= FAR:
        return _("from %(start)s until further notice", start=instant_text(period.start, zone))
    return period_text(period, zone)
