"""The operator's pages of institutions and resident companies."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.companies.forms.joining import CloseForm
from booking.companies.forms.parties import (
    INSTITUTION_KINDS,
    PRICE_TIERS,
    CompanyForm,
    InstitutionForm,
)
from booking.companies.forms.people import PARTY_ROLES
from booking.companies.models import Company, Institution
from booking.companies.queries.lists import one
from booking.companies.queries.parties import (
    companies,
    institutions,
    labs_of_institution,
    site_choices,
)
from booking.companies.queries.people import members
from booking.companies.services.register import create_thing, restore_thing
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.services.register import rename_thing
from booking.reservations.services.leaving import close_company
from booking.reservations.services.retiring import retire_institution
from booking.web.access import park_permission
from booking.web.lists import asked, page_url
from booking.web.locale import named
from booking.web.paging import page_of
from booking.web.saving import confirmed, form_page, retiring_question, run, saved

blueprint = Blueprint("parties", __name__, url_prefix="/park")
Answer = Response | str | tuple[str, int]


@blueprint.get("/institutions")
@park_permission("park.edit")
def list_institutions() -> str:
    """List the institutions."""
    wanted = asked()
    page = page_of(db.session(), institutions(wanted.q, retired=wanted.retired), wanted.number)
    return render_template("park/institutions.html", page=page, wanted=wanted, page_url=page_url,
                           kinds=INSTITUTION_KINDS)  # fmt: skip


@blueprint.route("/institutions/new", methods=["GET", "POST"])
@park_permission("park.edit")
def new_institution() -> Answer:
    """Create an institution."""
    form = InstitutionForm()
    if form.validate_on_submit():
        key = saved(form, lambda s, who, now: create_thing(s, who, form.fields(), now))
        if key:
            flash(_("The institution was created. Next: its labs."), "success")
            return redirect(url_for("parties.institution", institution_id=key))
    back = url_for("parties.list_institutions")
    return form_page("park/form.html", form, title=_("New institution"), section="institutions",
                     above=[(_("Institutions"), back)], back=back)  # fmt: skip


@blueprint.route("/institutions/<int:institution_id>", methods=["GET", "POST"])
@park_permission("park.edit")
def institution(institution_id: int) -> Answer:
    """Show an institution with its labs and people, and change it."""
    form = InstitutionForm(obj=one(db.session(), Institution, institution_id))
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: rename_thing(s, who, institution_id, form.fields(), now)
    ):
        flash(_("Saved."), "success")
        return redirect(url_for("parties.institution", institution_id=institution_id))
    wanted = asked()
    people = page_of(db.session(), members(None, institution_id, clock.now()), wanted.number)
    return form_page(
        "park/institution.html", form,
        institution=one(db.session(), Institution, institution_id),
        labs=labs_of_institution(db.session(), institution_id),
        people=people, page_url=page_url, roles=PARTY_ROLES,
    )  # fmt: skip


@blueprint.route("/institutions/<int:institution_id>/retire", methods=["GET", "POST"])
@park_permission("park.edit")
def retire_an_institution(institution_id: int) -> Answer:
    """Ask, then retire an institution."""
    row = one(db.session(), Institution, institution_id)
    question = retiring_question(
        "institutions", named(row.name_zh, row.name_en),
        url_for("parties.institution", institution_id=institution_id),
        url_for("parties.list_institutions"),
        ((_("Its labs"), url_for("labs.list_labs", q=row.name_zh)),),
    )  # fmt: skip
    return confirmed(question, lambda s, who, now: retire_institution(s, who, institution_id, now))


@blueprint.post("/institutions/<int:institution_id>/restore")
@park_permission("park.edit")
def restore_institution(institution_id: int) -> Response:
    """Bring an institution back; its people are placed anew."""
    run(lambda s, who, now: restore_thing(s, who, Institution, institution_id, now))
    return redirect(url_for("parties.institution", institution_id=institution_id))


@blueprint.get("/companies")
@park_permission("park.edit")
def list_companies() -> str:
    """List the resident companies."""
    wanted = asked()
    page = page_of(db.session(), companies(wanted.q, retired=wanted.retired), wanted.number)
    return render_template("park/companies.html", page=page, wanted=wanted, page_url=page_url,
                           tiers=PRICE_TIERS)  # fmt: skip


@blueprint.route("/companies/new", methods=["GET", "POST"])
@park_permission("park.edit")
def new_company() -> Answer:
    """Create a company."""
    form = _company_form(None)
    if form.validate_on_submit():
        key = saved(form, lambda s, who, now: create_thing(s, who, form.fields(), now))
        if key:
            flash(_("The company was created. Next: invite its people."), "success")
            return redirect(url_for("parties.company", company_id=key))
    back = url_for("parties.list_companies")
    return form_page("park/form.html", form, title=_("New company"), section="companies",
                     above=[(_("Companies"), back)], back=back)  # fmt: skip


@blueprint.route("/companies/<int:company_id>", methods=["GET", "POST"])
@park_permission("park.edit")
def company(company_id: int) -> Answer:
    """Show a company with its people, and change it."""
    form = _company_form(one(db.session(), Company, company_id))
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: rename_thing(s, who, company_id, form.fields(), now)
    ):
        flash(_("Saved."), "success")
        return redirect(url_for("parties.company", company_id=company_id))
    people = page_of(db.session(), members(company_id, None, clock.now()), asked().number)
    return form_page("park/company.html", form, company=one(db.session(), Company, company_id),
                     people=people, page_url=page_url, roles=PARTY_ROLES)  # fmt: skip


@blueprint.route("/companies/<int:company_id>/retire", methods=["GET", "POST"])
@park_permission("park.edit")
def retire_a_company(company_id: int) -> Answer:
    """Ask, then retire a company: with a reason, what is still to come is cancelled."""
    row = one(db.session(), Company, company_id)
    question = retiring_question(
        "companies", named(row.name_zh, row.name_en),
        url_for("parties.company", company_id=company_id), url_for("parties.list_companies"),
    )  # fmt: skip
    form = CloseForm()
    return confirmed(
        question,
        lambda s, who, now: close_company(s, who, company_id, form.reason.data or "", now),
        form,
    )


@blueprint.post("/companies/<int:company_id>/restore")
@park_permission("park.edit")
def restore_company(company_id: int) -> Response:
    """Bring a company back; its people are placed anew."""
    run(lambda s, who, now: restore_thing(s, who, Company, company_id, now))
    return redirect(url_for("parties.company", company_id=company_id))


def _company_form(row: Company | None) -> CompanyForm:
    form = CompanyForm(obj=row)
    sites = site_choices(db.session(), row.home_site_id if row else None)
    form.home_site_id.offer(sites, "—")
    return form
