"""The operator's pages of companies that registered themselves."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from booking.companies.forms.joining import ApproveForm, RejectForm
from booking.companies.forms.parties import PRICE_TIERS
from booking.companies.queries.applications import (
    STATES,
    application_at,
    applications,
    clashes_of,
    open_count,
)
from booking.companies.queries.parties import site_choices
from booking.companies.queries.zones import home_zone
from booking.companies.rules.domains import domain_of, is_public
from booking.companies.services.applications import approve, reject
from booking.companies.views.joining import invitation_path
from booking.infra.db import db
from booking.web.access import park_permission
from booking.web.lists import asked, page_url
from booking.web.paging import page_of
from booking.web.saving import form_page, saved
from booking.web.uploads import download

blueprint = Blueprint("applications", __name__, url_prefix="/park/applications")
Answer = AnyResponse | str | tuple[str, int]


@blueprint.get("")
@park_permission("park.edit")
def list_applications() -> str:
    """List the applications of one state, open ones first to come."""
    wanted, state = asked(), request.args.get("show", "open")
    state = state if state in STATES else "open"
    page = page_of(db.session(), applications(wanted.q, state), wanted.number)
    return render_template(
        "companies/applications.html", page=page, wanted=wanted, state=state, page_url=page_url,
        waiting=open_count(db.session()), zone=home_zone(db.session()),
    )  # fmt: skip


@blueprint.get("/<int:application_id>")
@park_permission("park.edit")
def one(application_id: int) -> Answer:
    """Show an application, what it clashes with, and the two ways to decide."""
    return _page(application_id, ApproveForm(formdata=None), RejectForm(formdata=None))


@blueprint.post("/<int:application_id>/approve")
@park_permission("park.edit")
def accept(application_id: int) -> Answer:
    """Approve: the company is created and its contact gets a link."""
    form = ApproveForm()
    form.home_site_id.offer(site_choices(db.session()), "—")
    if form.validate_on_submit():
        terms = form.terms()
        company_id = saved(
            form, lambda s, who, now: approve(s, who, application_id, terms, invitation_path, now)
        )
        if company_id:
            flash(_("The company is created. Its contact gets a link by mail."), "success")
            return redirect(url_for("parties.company", company_id=company_id))
    return _page(application_id, form, RejectForm(formdata=None))


@blueprint.post("/<int:application_id>/reject")
@park_permission("park.edit")
def refuse(application_id: int) -> Answer:
    """Reject with a reason, which the applicant reads."""
    form = RejectForm()
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: reject(s, who, application_id, form.reason.data or "", now)
    ):
        flash(_("Rejected. The applicant gets a mail with the reason."), "success")
        return redirect(url_for("applications.list_applications"))
    return _page(application_id, ApproveForm(formdata=None), form)


@blueprint.get("/<int:application_id>/licence")
@park_permission("park.edit")
def licence(application_id: int) -> Response:
    """Hand out the licence, always as a download."""
    return download(application_at(db.session(), application_id).licence_file_id)


def _page(application_id: int, approving: ApproveForm, rejecting: RejectForm) -> tuple[str, int]:
    session = db.session()
    row = application_at(session, application_id)
    approving.home_site_id.offer(site_choices(session), "—")
    page, status = form_page(
        "companies/application.html", approving, row=row, rejecting=rejecting, tiers=PRICE_TIERS,
        clashes=clashes_of(session, row), public_mail=is_public(domain_of(row.email)),
        zone=home_zone(session),
    )  # fmt: skip
    return page, 422 if rejecting.errors else status
