"""A company as its own people see it: who belongs to it, who is invited, whose mail lets in."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import Subject, may
from booking.companies.forms.joining import DomainForm, InviteForm
from booking.companies.forms.people import PARTY_ROLES
from booking.companies.models import Company
from booking.companies.queries.company import (
    admin_members,
    own_companies,
    own_place,
    visible_company,
)
from booking.companies.queries.domains import domains_of
from booking.companies.queries.invitations import asking_count, unsettled_invitations
from booking.companies.queries.people import members
from booking.companies.queries.zones import home_zone
from booking.companies.services.accepting import say_yes
from booking.companies.services.domains import end_domain, set_domain
from booking.companies.services.invitations import invite, send_again, withdraw
from booking.companies.views.joining import invitation_path
from booking.core.actor import Actor
from booking.infra import clock
from booking.infra.db import db
from booking.web.access import signed_in
from booking.web.acting import choose
from booking.web.links import public_url, safe_next
from booking.web.lists import asked, page_url
from booking.web.login import actor
from booking.web.paging import page_of
from booking.web.saving import form_page, run, saved
from booking.web.shell import NavItem

blueprint = Blueprint("company", __name__, url_prefix="/companies")
Answer = Response | str | tuple[str, int]
# Pages of other features that are a company's too.
OWN_PAGES = ("audit.company", "company_privacy.company")


def nav(who: Actor) -> list[NavItem]:
    """Return the entry of those who look after a company, with how many wait for their yes."""
    mine = sorted(who.administered_company_ids)
    if not mine:
        return []
    count = asking_count(db.session(), mine)
    active = request.blueprint == "company" or request.endpoint in OWN_PAGES
    return [NavItem(_("My company"), url_for("company.mine"), "people", active, count)]


@blueprint.get("")
@signed_in
def mine() -> Answer:
    """Lead to the only company of the reader, else list them."""
    rows = own_companies(db.session(), actor())
    if len(rows) == 1:
        return redirect(url_for("company.home", company_id=rows[0].id))
    return render_template("companies/mine.html", companies=rows)


@blueprint.post("/act")
@signed_in
def act() -> Response:
    """Choose in whose name the reader books from now on; what is not theirs changes nothing."""
    choose(actor(), request.form.get("party", ""))
    return redirect(safe_next(request.form.get("next"), url_for("shell.home")))


@blueprint.get("/<int:company_id>")
@signed_in
def home(company_id: int) -> str:
    """Show who belongs to the company; to plain members, who looks after it."""
    session, who, now = db.session(), actor(), clock.now()
    company = visible_company(session, who, company_id)
    values = around(who, company, "people")
    if not values["looks"]:
        return render_template(
            "companies/home.html", admins=admin_members(session, company_id, now),
            place=own_place(session, who, company_id, now), **values,
        )  # fmt: skip
    people = page_of(session, members(company_id, None, now), asked().number)
    return render_template("companies/people.html", people=people, page_url=page_url, **values)


@blueprint.route("/<int:company_id>/invitations", methods=["GET", "POST"])
@signed_in
def invitations(company_id: int) -> Answer:
    """List the open invitations and who asks to join; invite somebody by their address."""
    company = visible_company(db.session(), actor(), company_id, "company.look")
    form = InviteForm()
    if form.validate_on_submit():
        wanted = form.wanted()
        if saved(
            form, lambda s, who, now: invite(s, who, company_id, wanted, invitation_path, now)
        ):
            flash(_("The invitation goes out within seconds."), "success")
            return redirect(url_for("company.invitations", company_id=company_id))
    return form_page(
        "companies/invitations.html", form, rows=unsettled_invitations(db.session(), company_id),
        now=clock.now(), zone=home_zone(db.session()), **around(actor(), company, "invitations"),
    )  # fmt: skip


@blueprint.post("/<int:company_id>/invitations/<int:invitation_id>/again")
@signed_in
def again(company_id: int, invitation_id: int) -> Response:
    """Send an invitation again, with a new link."""
    run(lambda s, who, now: send_again(s, who, company_id, invitation_id, invitation_path, now))
    flash(_("A new message with a new link goes out within seconds."), "success")
    return redirect(url_for("company.invitations", company_id=company_id))


@blueprint.post("/<int:company_id>/invitations/<int:invitation_id>/withdraw")
@signed_in
def take_back(company_id: int, invitation_id: int) -> Response:
    """Withdraw an invitation, or say no to who asks."""
    run(lambda s, who, now: withdraw(s, who, company_id, invitation_id, now))
    flash(_("Withdrawn; its link does not work any more."), "success")
    return redirect(url_for("company.invitations", company_id=company_id))


@blueprint.post("/<int:company_id>/invitations/<int:invitation_id>/yes")
@signed_in
def yes(company_id: int, invitation_id: int) -> Response:
    """Let in who asks to join."""
    run(lambda s, who, now: say_yes(s, who, company_id, invitation_id, now))
    flash(_("They belong to the company now and get a mail."), "success")
    return redirect(url_for("company.invitations", company_id=company_id))


@blueprint.route("/<int:company_id>/domains", methods=["GET", "POST"])
@signed_in
def domains(company_id: int) -> Answer:
    """List the mail domains whose people may join; set one."""
    company = visible_company(db.session(), actor(), company_id, "company.look")
    form = DomainForm()
    if form.validate_on_submit():
        name, mode = form.domain.data or "", form.mode.data or ""
        if saved(form, lambda s, who, now: set_domain(s, who, company_id, name, mode, now)):
            flash(_("Saved."), "success")
            return redirect(url_for("company.domains", company_id=company_id))
    return form_page(
        "companies/domains.html", form, rows=domains_of(db.session(), company_id),
        join_url=public_url(url_for("joining.join")),
        **around(actor(), company, "domains"),
    )  # fmt: skip


@blueprint.post("/<int:company_id>/domains/<int:domain_id>/end")
@signed_in
def drop_domain(company_id: int, domain_id: int) -> Response:
    """Let nobody join by this domain any more."""
    run(lambda s, who, now: end_domain(s, who, company_id, domain_id, now))
    flash(_("Nobody joins by it any more. Who has joined stays."), "success")
    return redirect(url_for("company.domains", company_id=company_id))


def around(who: Actor, company: Company, section: str) -> dict[str, Any]:
    """Return what every page of a company needs, as its `section`."""
    looks = may(who, "company.look", Subject(company_id=company.id))
    return {
        "company": company, "section": section, "looks": looks, "roles": PARTY_ROLES,
        "waiting": asking_count(db.session(), [company.id]) if looks else 0,
    }  # fmt: skip
