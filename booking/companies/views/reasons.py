"""The page of a lab's reasons for rejecting and cancelling."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import Subject, may_look
from booking.companies.forms.reasons import ReasonsForm
from booking.companies.queries.parties import lab_at
from booking.companies.queries.reasons import MOST_OFFERED, reasons_of
from booking.companies.services.reasons import set_reasons
from booking.core.errors import NotFound, Stale
from booking.core.text import LINE
from booking.infra.db import db
from booking.web.access import sees_park_pages, signed_in
from booking.web.locale import named
from booking.web.login import actor
from booking.web.messages import text_of
from booking.web.saving import form_page, saved

blueprint = Blueprint("reasons", __name__)


@blueprint.route("/manage/labs/<int:lab_id>/reasons", methods=["GET", "POST"])
@signed_in
def lab(lab_id: int) -> Response | tuple[str, int]:
    """Show and write the lab's reasons, one a line."""
    if not may_look(actor(), "pool.edit", Subject(lab_id=lab_id)):
        raise NotFound("lab")
    row, _institution = lab_at(db.session(), lab_id)
    form = ReasonsForm()
    if form.validate_on_submit():
        seen = (form.seen.data or "").splitlines()
        try:
            done = saved(
                form, lambda s, who, now: set_reasons(s, who, lab_id, form.lines, now, seen)
            )
        except Stale as refusal:
            form.form_errors.append(text_of(refusal))
        else:
            if done is not None:
                flash(_("Saved."), "success")
                return redirect(url_for("reasons.lab", lab_id=lab_id))
    now_there = reasons_of(db.session(), [lab_id])
    form.seen.data = "\n".join(now_there)
    if not form.is_submitted():
        form.reasons.data = form.seen.data
    return form_page(
        "park/reasons.html", form, name=named(row.name_zh, row.name_en), lab_id=lab_id,
        most=MOST_OFFERED, longest=LINE, there=now_there, plain=not sees_park_pages(actor()),
    )  # fmt: skip
