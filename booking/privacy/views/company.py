"""What a company tells the owners of instruments, set by its admins."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import Subject, may
from booking.companies.queries.company import visible_company
from booking.companies.queries.invitations import asking_count
from booking.infra.db import db
from booking.privacy.forms import HidingForm
from booking.privacy.services.hiding import hide_purposes
from booking.web.access import signed_in
from booking.web.login import actor
from booking.web.saving import form_page, saved

blueprint = Blueprint("company_privacy", __name__)


@blueprint.route("/companies/<int:company_id>/privacy", methods=["GET", "POST"])
@signed_in
def company(company_id: int) -> Response | tuple[str, int]:
    """Show and set whether labs and institutions read what the company books for."""
    row = visible_company(db.session(), actor(), company_id, "company.read_privacy")
    form = HidingForm(hides_purposes=bool(row.hides_purposes))
    if form.validate_on_submit():
        hides = bool(form.hides_purposes.data)
        if saved(form, lambda s, who, now: hide_purposes(s, who, company_id, now, hides=hides)):
            flash(_("Saved."), "success")
            return redirect(url_for("company_privacy.company", company_id=company_id))
    looks = may(actor(), "company.look", Subject(company_id=company_id))
    return form_page(
        "privacy/company.html", form, company=row, section="privacy", looks=looks,
        waiting=asking_count(db.session(), [company_id]) if looks else 0,
    )  # fmt: skip
