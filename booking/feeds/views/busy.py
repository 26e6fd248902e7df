"""A person's calendar, read for when they are busy: shown where they look for a time."""

import json
from datetime import datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.companies.queries.zones import home_zone
from booking.core.errors import Invalid
from booking.core.period import Period
from booking.feeds.forms.busy import BusyForm
from booking.feeds.queries.busy import visible_busy_calendar
from booking.feeds.rules.scopes import DAYS_AHEAD
from booking.feeds.services.busy import forget_busy_times, replace_busy_times
from booking.feeds.views.base import blueprint
from booking.infra import clock
from booking.infra.calendar_read import MOST_BYTES, Busy, busy_times
from booking.infra.db import db
from booking.web.access import signed_in
from booking.web.login import actor
from booking.web.messages import text_of
from booking.web.saving import errors_of, form_page, saved, told


@blueprint.route("/account/calendars/busy", methods=["GET", "POST"])
@signed_in
def busy() -> tuple[str, int]:
    """Show what was read last, and read another file instead."""
    form = BusyForm()
    if form.validate_on_submit():
        found = _read(form)
        if found is not None:
            read, name, until = found
            saved(form, lambda s, who, now: replace_busy_times(
                s, who, name, read.times, read.left_out, until, now))  # fmt: skip
            form = BusyForm(formdata=None)
    session = db.session()
    known = visible_busy_calendar(session, actor())
    left_out = json.loads(known.left_out) if known else {}
    return form_page(
        "feeds/busy.html", form, known=known, zone=home_zone(session),
        left_out=[(_reason(why), count) for why, count in sorted(left_out.items())],
    )  # fmt: skip


@blueprint.post("/account/calendars/busy/forget")
@signed_in
def forget() -> Response:
    """Forget what was read."""
    return told(forget_busy_times, _("Your calendar was forgotten."), url_for("feeds.busy"))


def _read(form: BusyForm) -> tuple[Busy, str, datetime] | None:
    """Return what the file says, its name, and how far it was read; None: the form says why."""
    given = form.file.data
    content = given.stream.read(MOST_BYTES + 1) if given else (form.text.data or "").encode()
    if not content.strip():
        errors_of(form, "file").append(text_of(Invalid("file_missing", field="file")))
        return None
    now = clock.now()
    span = Period(now - timedelta(days=1), now + timedelta(days=DAYS_AHEAD))
    try:
        read = busy_times(content, span, home_zone(db.session()))
    except Invalid as refusal:
        errors_of(form, "file" if given else "text").append(text_of(refusal))
        return None
    return read, (given.filename if given else "") or "", span.end


def _reason(why: str) -> str:
    return {
        "free": _("marked as free or cancelled"),
        "zone": _("in a time zone that is not known"),
        "rule": _("repeated in a way that is not read"),
        "empty": _("without a length"),
        "too_much": _("too many to keep"),
    }.get(why, _("not readable"))
