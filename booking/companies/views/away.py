"""The page on which whoever decides says: away until Monday, somebody else decides."""

from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.companies.forms.deciders import AwayForm
from booking.companies.queries.absences import (
    duty_names,
    own_absence,
    own_duties,
    stood_in_for,
)
from booking.companies.queries.zones import home_zone
from booking.companies.services.absences import end_absence, set_absence
from booking.core.actor import NO_DUTIES
from booking.core.errors import NotFound
from booking.core.local import midnight
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.rules.terms import after_last
from booking.web.access import signed_in
from booking.web.locale import named
from booking.web.login import actor
from booking.web.saving import Work, form_page, run, saved

blueprint = Blueprint("away", __name__, url_prefix="/away")
Answer = Response | str | tuple[str, int]


@blueprint.route("", methods=["GET", "POST"])
@signed_in
def absence() -> Answer:
    """Show who decides meanwhile and for whom the reader does, and set an absence."""
    who, session, now = actor(), db.session(), clock.now()
    mine, theirs = own_absence(session, who, now), stood_in_for(session, who, now)
    duties = own_duties(session, who)
    if duties == NO_DUTIES and not theirs and not who.labs:
        raise NotFound("page")
    zone = home_zone(session)
    form = AwayForm(first=now.astimezone(zone).date())
    if form.validate_on_submit():
        period = _period(form, zone)
        done = saved(form, _setting(form, period)) if period is not None else None
        if done is not None:
            flash(_("Set. Whoever decides meanwhile was told."), "success")
            return redirect(url_for("away.absence"))
    return form_page(
        "accounts/away.html", form, mine=mine, theirs=theirs, zone=zone,
        duties=[named(*names) for names in duty_names(session, duties)],
        may_set=duties != NO_DUTIES and not who.reads_only, now=now,
    )  # fmt: skip


@blueprint.post("/end")
@signed_in
def end() -> Response:
    """End the reader's absence now."""
    if not run(end_absence):
        raise NotFound("absence")
    flash(_("You decide yourself again."), "success")
    return redirect(url_for("away.absence"))


def _setting(form: AwayForm, period: Period) -> Work[int]:
    deputy, note = form.deputy.data or "", form.note.data or ""
    return lambda s, who, now: set_absence(s, who, period, deputy, note, now)


def _period(form: AwayForm, zone: ZoneInfo) -> Period | None:
    """Return the days as instants of the park; None, with the error said, when they are none."""
    first, last = form.first.data, form.last.data
    if first is None or last is None or last < first:
        form.last.errors = [_("The last day is not before the first.")]
        return None
    return Period(midnight(first, zone), after_last(last, zone))
