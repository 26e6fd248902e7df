"""What keeps a unit in order: its calibration, and what it needs to run."""

from datetime import date

from flask import flash, redirect, render_template, url_for
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.core.errors import Invalid, WrongState
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.forms.care import CalibrationForm, NeedForm
from booking.reservations.forms.parts import put_error
from booking.reservations.queries.closures import Closable, closable_unit
from booking.reservations.queries.dependencies import dependents, needs_of
from booking.reservations.queries.named import unit_names
from booking.reservations.rules.calibration import days_left, warns
from booking.reservations.rules.dealing import KEEP
from booking.reservations.services.calibrating import (
    Calibration,
    calibration_hit,
    due_period,
    set_calibration,
)
from booking.reservations.services.needing import add_need, drop_need
from booking.reservations.views.base import blueprint
from booking.web import login
from booking.web.access import signed_in
from booking.web.dealing import Shown, dealt_text, decided, shown, why_not
from booking.web.messages import status_of, text_of
from booking.web.wording import unit_text


@blueprint.route("/units/<int:unit_id>/care", methods=["GET", "POST"])
@signed_in
def care(unit_id: int) -> Response | str | tuple[str, int]:
    """Show and set when a unit is due for calibration, and show what it needs."""
    actor, now = login.actor(), clock.now()
    at = closable_unit(db.session(), actor, unit_id)
    form = CalibrationForm(data=_present(at))
    if not form.is_submitted() or not form.validate():
        return _page(at, form), 422 if form.errors else 200
    wanted = Calibration(form.due_on.data, form.every_days.data, form.warn_days.data or 0)
    dealing = decided()
    try:
        dealt = write(lambda s: set_calibration(s, actor, unit_id, wanted, dealing, now))
    except (Invalid, WrongState) as refusal:
        if isinstance(refusal, Invalid) and refusal.field != "reason":
            put_error(form, refusal.field, text_of(refusal))
            return _page(at, form), status_of(refusal)
        after = due_period(db.session(), at.pool.pool_id, wanted.due_on, now)
        gone = calibration_hit(at.pool.pool_id, unit_id, after)
        why = why_not(refusal)
        hit = shown([gone], dealing, now, why if isinstance(refusal, Invalid) else "", KEEP)
        return _page(at, form, hit, why), status_of(refusal)
    flash(f"{_('Saved.')} {dealt_text(dealt)}".strip(), "success")
    return redirect(url_for("reservations.care", unit_id=unit_id))


@blueprint.post("/units/<int:unit_id>/needs")
@signed_in
def need(unit_id: int) -> Response | tuple[str, int]:
    """Note that a unit needs another of the same institution."""
    actor, now = login.actor(), clock.now()
    at = closable_unit(db.session(), actor, unit_id)
    form = NeedForm()
    asset_no, effect = form.asset_no.data or "", form.effect.data or ""
    try:
        if form.validate():
            write(lambda s: add_need(s, actor, unit_id, asset_no, effect, now))
            flash(_("Saved."), "success")
            return redirect(url_for("reservations.care", unit_id=unit_id))
    except Invalid as refusal:
        put_error(form, refusal.field, text_of(refusal))
    return _page(at, CalibrationForm(formdata=None, data=_present(at)), needing=form), 422


@blueprint.post("/units/<int:unit_id>/needs/<int:needed_id>/drop")
@signed_in
def no_need(unit_id: int, needed_id: int) -> Response:
    """Forget that a unit needs another."""
    actor, now = login.actor(), clock.now()
    write(lambda s: drop_need(s, actor, unit_id, needed_id, now))
    flash(_("Saved."), "success")
    return redirect(url_for("reservations.care", unit_id=unit_id))


def _present(at: Closable) -> dict[str, object]:
    due = at.calibration_due_on
    return {
        "due_on": date.fromisoformat(due) if due else None,
        "every_days": at.calibration_every_days,
        "warn_days": at.calibration_warn_days,
    }


def _due(at: Closable) -> tuple[str, str] | None:
    """Return what is to be told of the due day, as (tone, text); None while it is far."""
    if at.calibration_due_on is None:
        return None
    day = date.fromisoformat(at.calibration_due_on)
    today, shown = clock.now().astimezone(at.pool.zone).date(), format_date(day, rebase=False)
    if days_left(day, today) < 0:
        return "bad", _("Overdue since %(day)s: nobody can book it.", day=shown)
    if not warns(day, at.calibration_warn_days, today):
        return None
    left = ngettext("%(num)s day left", "%(num)s days left", days_left(day, today))
    return "warn", _(
        "Due by %(day)s (%(left)s). After that nobody can book it.", day=shown, left=left
    )


def _page(
    at: Closable,
    form: CalibrationForm,
    hit: Shown | None = None,
    why: str = "",
    needing: NeedForm | None = None,
) -> str:
    session, unit_id = db.session(), at.unit.unit_id
    needs, dependent = needs_of(session, unit_id), dependents(session, unit_id)
    names = unit_names(session, {n for n, _effect in needs} | {d.unit_id for d in dependent})
    return render_template(
        "reservations/care.html", form=form, hit=hit, why=why, title=unit_text(at.unit),
        pool=at.pool, unit_id=unit_id,
        action=url_for("reservations.care", unit_id=unit_id),
        needing=needing or NeedForm(formdata=None),
        needs=[(n, unit_text(names[n]), effect) for n, effect in needs],
        dependents=[(d, unit_text(names[d.unit_id])) for d in dependent], due=_due(at),
    )  # fmt: skip
