"""Pages for people who are not in yet: registering a company, accepting an invitation."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.models import User
from booking.accounts.queries.signing_in import user_by_email
from booking.companies.forms.joining import AddressForm, ApplicationForm, NewPersonForm
from booking.companies.forms.people import PARTY_ROLES
from booking.companies.models import Company
from booking.companies.queries.invitations import offered
from booking.companies.rules.joining import checked_application
from booking.companies.services.accepting import accept, accept_as_new
from booking.companies.services.applications import apply
from booking.companies.services.domains import ask_to_join
from booking.core.errors import Invalid, TooMany, WrongState
from booking.infra import clock, rate
from booking.infra.db import db, write
from booking.infra.storage.kinds import PDF, PICTURES
from booking.infra.storage.names import ending_of
from booking.web import locale, login
from booking.web.limits import address
from booking.web.messages import status_of, text_of
from booking.web.saving import errors_of, form_page
from booking.web.uploads import Received, keep, received

blueprint = Blueprint("joining", __name__)
Answer = Response | str | tuple[str, int]
HOUR = 3600
LICENCES, MOST_BYTES = (PDF, *PICTURES), 5 * 1024**2
# Tries in an hour: registrations from one address; links asked for from one, and for one.
REGISTRATIONS, ASKING_FROM, ASKING_FOR = 10, 20, 3


def invitation_path(token: str) -> str:
    """Return the path of the page that takes an invitation's token."""
    return url_for("joining.invitation", token=token)


@blueprint.route("/register", methods=["GET", "POST"])
def register() -> Answer:
    """Register a company; what is here already makes no difference to what is answered."""
    form, status = ApplicationForm(), None
    if form.validate_on_submit():
        status = _refused(form, lambda: _apply(form))
        if status is None:
            return redirect(url_for("joining.registered"))
    return form_page("companies/register.html", form, status)


@blueprint.get("/register/received")
def registered() -> str:
    """Say that the application has come and what follows."""
    return render_template("companies/registered.html")


@blueprint.route("/join", methods=["GET", "POST"])
def join() -> Answer:
    """Have a link mailed by which an address joins its company; every address is answered alike."""
    form, status = AddressForm(), None
    who = login.optional_actor()
    if who is not None and request.method == "GET":
        form.email.data = db.session().get_one(User, who.user_id).email
    if form.validate_on_submit():
        status = _refused(form, lambda: _ask(form.email.data or ""))
        if status is None:
            return render_template("companies/asked.html", email=form.email.data)
    return form_page("companies/join.html", form, status)


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
def invitation(token: str) -> Answer:
    """Show what a link offers; accept it as who is signed in, or as somebody new."""
    row, company = offered(db.session(), token, clock.now())
    known, who = user_by_email(db.session(), row.email), login.optional_actor()
    made_here = bool(row.made_person) and known is not None and known.id == row.person_id
    mine = who is not None and known is not None and known.id == who.user_id
    form = NewPersonForm(obj=row)
    page = partial(
        form_page, "companies/invitation.html", form, row=row, company=company, roles=PARTY_ROLES,
        made_here=made_here, known=known is not None and not made_here, mine=mine,
        signed_in=who is not None,
    )  # fmt: skip
    if request.method == "GET":
        return page()
    if not mine and (who is not None or (known is not None and not made_here)):
        return page(status=409)
    if who is not None:
        joined = write(lambda s: accept(s, who, token, clock.now()))
        flash(_said(company, joined=joined), "success")
        return redirect(url_for("shell.home"))
    if not made_here and not form.validate():
        return page()
    name, phone, now = form.name.data or "", form.phone.data or "", clock.now()
    try:
        path, joined = write(lambda s: accept_as_new(s, token, name, phone, now))
    except Invalid as refusal:
        errors_of(form, refusal.field).append(text_of(refusal))
        return page()
    flash(_said(company, joined=joined), "success")
    return redirect(url_for("accounts.set_password", token=path))


def _said(company: Company, *, joined: bool) -> str:
    name = locale.named(company.name_zh, company.name_en)
    if joined:
        return _("You belong to %(company)s now.", company=name)
    return _("The admins of %(company)s are asked; you get a mail at their yes.", company=name)


def _apply(form: ApplicationForm) -> None:
    # Counted before the file is looked at: that takes a process of its own.
    rate.hit("register", address(), REGISTRATIONS, HOUR)
    fields, now, language = checked_application(form.fields()), clock.now(), locale.current()
    file_id = keep(_licence(form, fields.credit_code), None)
    write(lambda session: apply(session, fields, file_id, language, now))


def _licence(form: ApplicationForm, code: str) -> Received:
    """Return the licence, named by whom it is of. Raises Invalid."""
    file = received(form.licence.data, LICENCES, MOST_BYTES, "licence")
    if file.content_type == PDF.content_type and b"%%EOF" not in file.content[-1024:]:
        raise Invalid("not_a_document", field="licence")  # cut off on its way
    return replace(file, name=f"licence-{code}.{ending_of(file.name)}")


def _ask(email: str) -> None:
    rate.hit("join-from", address(), ASKING_FROM, HOUR)
    rate.hit("join-for", email.strip().lower()[:254], ASKING_FOR, HOUR)
    now, language = clock.now(), locale.current()
    write(lambda session: ask_to_join(session, email, language, invitation_path, now))


def _refused(form: ApplicationForm | AddressForm, work: Callable[[], None]) -> int | None:
    """Return None when `work` was done, else the status, the reason put into the form."""
    try:
        work()
    except Invalid as refusal:
        errors_of(form, refusal.field).append(text_of(refusal))
        return status_of(refusal)
    except (TooMany, WrongState) as refusal:
        form.form_errors.append(text_of(refusal))
        return status_of(refusal)
    return None
