"""The operator's pages of labs and the people who run them."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.companies.forms.parties import LabForm
from booking.companies.forms.people import LAB_ROLES, LabMemberForm
from booking.companies.models import Lab
from booking.companies.queries.parties import (
    institution_choices,
    lab_at,
    lab_members,
    labs,
)
from booking.companies.services.memberships import (
    LabPlace,
    leave_lab,
    place_in_lab_by_email,
)
from booking.companies.services.register import create_thing, restore_thing
from booking.infra.db import db
from booking.inventory.services.register import rename_thing, retire_place
from booking.web.access import park_permission
from booking.web.lists import asked, asked_id, page_url
from booking.web.locale import named
from booking.web.paging import page_of
from booking.web.saving import confirmed, form_page, retiring_question, run, saved

blueprint = Blueprint("labs", __name__, url_prefix="/park/labs")
Answer = Response | str | tuple[str, int]


@blueprint.get("")
@park_permission("park.edit")
def list_labs() -> str:
    """List the labs."""
    wanted = asked()
    page = page_of(db.session(), labs(wanted.q, retired=wanted.retired), wanted.number)
    return render_template("park/labs.html", page=page, wanted=wanted, page_url=page_url)


@blueprint.route("/new", methods=["GET", "POST"])
@park_permission("park.edit")
def new_lab() -> Answer:
    """Create a lab; `?institution=` chooses whose."""
    form = LabForm(institution_id=asked_id("institution"))
    form.institution_id.offer(institution_choices(db.session()), _("Please choose"))
    if form.validate_on_submit():
        key = saved(form, lambda s, who, now: create_thing(s, who, form.fields(), now))
        if key:
            flash(_("The lab was created. Next: its manager."), "success")
            return redirect(url_for("labs.lab", lab_id=key))
    back = url_for("labs.list_labs")
    return form_page("park/form.html", form, title=_("New lab"), section="labs",
                     above=[(_("Labs"), back)], back=back)  # fmt: skip


@blueprint.route("/<int:lab_id>", methods=["GET", "POST"])
@park_permission("park.edit")
def lab(lab_id: int) -> Answer:
    """Show a lab with its people, and change it."""
    row, _institution = lab_at(db.session(), lab_id)
    form = _lab_form(row)
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: rename_thing(s, who, lab_id, form.fields(), now)
    ):
        flash(_("Saved."), "success")
        return redirect(url_for("labs.lab", lab_id=lab_id))
    return _lab_page(lab_id, form, LabMemberForm(formdata=None))


@blueprint.post("/<int:lab_id>/people")
@park_permission("park.edit")
def join(lab_id: int) -> Answer:
    """Take a person into the lab by their address, or give them another role there."""
    form = LabMemberForm()
    if form.validate_on_submit():
        place = LabPlace(lab_id, form.role.data or "")
        email = form.email.data or ""
        if saved(form, lambda s, who, now: place_in_lab_by_email(s, who, email, place, now)):
            flash(_("Saved."), "success")
            return redirect(url_for("labs.lab", lab_id=lab_id))
    return _lab_page(lab_id, _lab_form(lab_at(db.session(), lab_id)[0], typed=False), form)


@blueprint.post("/<int:lab_id>/people/<int:user_id>/leave")
@park_permission("park.edit")
def leave(lab_id: int, user_id: int) -> Response:
    """Take a person out of the lab."""
    run(lambda s, who, now: leave_lab(s, who, lab_id, user_id, now))
    flash(_("Saved."), "success")
    return redirect(url_for("labs.lab", lab_id=lab_id))


@blueprint.route("/<int:lab_id>/retire", methods=["GET", "POST"])
@park_permission("park.edit")
def retire(lab_id: int) -> Answer:
    """Ask, then retire a lab."""
    row, _institution = lab_at(db.session(), lab_id)
    question = retiring_question(
        "labs", named(row.name_zh, row.name_en),
        url_for("labs.lab", lab_id=lab_id), url_for("labs.list_labs"),
        ((_("Its instrument groups: retire or hand over"),
          url_for("manage.list_pools", lab=lab_id)),),
    )  # fmt: skip
    return confirmed(question, lambda s, who, now: retire_place(s, who, Lab, lab_id, now))


@blueprint.post("/<int:lab_id>/restore")
@park_permission("park.edit")
def restore(lab_id: int) -> Response:
    """Bring a lab back."""
    run(lambda s, who, now: restore_thing(s, who, Lab, lab_id, now))
    return redirect(url_for("labs.lab", lab_id=lab_id))


def _lab_form(row: Lab, *, typed: bool = True) -> LabForm:
    form = LabForm(obj=row) if typed else LabForm(formdata=None, obj=row)
    form.institution_id.offer(institution_choices(db.session(), row.institution_id))
    form.institution_id.data = row.institution_id  # a lab does not move
    return form


def _lab_page(lab_id: int, form: LabForm, joining: LabMemberForm) -> tuple[str, int]:
    row, institution = lab_at(db.session(), lab_id)
    page, status = form_page(
        "park/lab.html", form, lab=row, institution=institution, joining=joining,
        people=lab_members(db.session(), lab_id), roles=LAB_ROLES,
    )  # fmt: skip
    return page, 422 if joining.errors else status
