"""My passport: what I may use, what is open, and an appeal against a suspension."""

from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from booking.core.errors import NotFound
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.queries.zones import zone_for
from booking.training.forms.standing import AppealForm
from booking.training.queries.passport import (
    courses_again,
    holding,
    labs_of,
    own_sessions,
    passport_of,
)
from booking.training.queries.records import open_records, steps_of
from booking.training.services.standing import appeal as make_appeal
from booking.training.views.base import Answer, blueprint
from booking.training.views.lines import held_line, place_text, step_lines, when_text
from booking.web.access import signed_in
from booking.web.level_words import level_text
from booking.web.locale import named
from booking.web.login import actor
from booking.web.saving import form_page, saved


@blueprint.get("/passport")
@signed_in
def passport() -> str:
    """Show one's own qualifications, sessions and courses."""
    session, who, now = db.session(), actor(), clock.now()
    found = passport_of(session, who.user_id, now)
    again = courses_again(session, [*found.valid, *found.over])
    zone = zone_for(session, [])
    sessions = [
        (course, when_text(training, ZoneInfo(name) if name else zone),
         training.place, place_text(signup.state))
        for training, course, signup, name in own_sessions(session, who.user_id, now)
    ]  # fmt: skip
    return render_template(
        "training/passport.html",
        valid=[held_line(one, now, again.get(one.row.id, 0)) for one in found.valid],
        suspended=[held_line(one, now) for one in found.suspended],
        over=[held_line(one, now, again.get(one.row.id, 0)) for one in found.over],
        sessions=sessions,
        records=[
            (course, step_lines(steps_of(course, record)), record.requested_at is not None)
            for record, course in open_records(session, who.user_id)
        ],
        labs=labs_of(session, sorted(who.lab_ids)),
    )


@blueprint.route("/qualifications/<int:qualification_id>/appeal", methods=["GET", "POST"])
@signed_in
def appeal(qualification_id: int) -> Answer:
    """Say something against the suspension of what one holds."""
    who = actor()
    found = holding(db.session(), qualification_id)
    if found is None or found.row.user_id != who.user_id or found.row.revoked_at is not None:
        raise NotFound("qualification")
    form = AppealForm()
    if form.validate_on_submit() and saved(
        form, lambda s, by, now: make_appeal(s, by, qualification_id, form.text.data or "", now)
    ):
        flash(_("Sent. The lab answers here and by mail."), "success")
        return redirect(url_for("training.passport"))
    if found.row.suspended_at is None:
        return redirect(url_for("training.passport"))
    return form_page(
        "training/appeal.html", form, reason=found.row.suspension_reason,
        what=named(*found.names), level=level_text(found.row.level),
    )  # fmt: skip
