"""Pages that change the address a person signs in with."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.forms.factors import EmailForm, NothingForm
from booking.accounts.queries.signing_in import usable_link
from booking.accounts.services.emails import ask_email, change_email
from booking.accounts.services.links import CHANGE_EMAIL
from booking.accounts.views.signing_in import blueprint
from booking.core.errors import NotFound
from booking.infra import clock
from booking.infra.db import db
from booking.web import login
from booking.web.access import signed_in
from booking.web.limits import email_limits
from booking.web.proof import freshly_proven
from booking.web.saving import form_page, saved, within


@blueprint.route("/email", methods=["GET", "POST"])
@freshly_proven
def email() -> Response | str | tuple[str, int]:
    """Ask for a new address; it counts once the link sent there was opened."""
    form, status = EmailForm(), None
    if form.validate_on_submit():
        wanted = form.email.data or ""
        if not within(form, email_limits(login.actor().user_id)):
            status = 429
        else:
            address = saved(form, lambda s, who, now: ask_email(s, who, wanted, _path, now))
            if address is not None:
                return render_template("accounts/email_sent.html", email=address)
    return form_page("accounts/email.html", form, status, email=login.here().email)


@blueprint.route("/email/<token>", methods=["GET", "POST"])
@signed_in
def new_email(token: str) -> Response | tuple[str, int]:
    """Ask, then change the address as a link sent to the new one says."""
    link = usable_link(db.session(), token, CHANGE_EMAIL, clock.now())
    if link is None or link.user_id != login.actor().user_id:
        raise NotFound("link")
    address, form = link.detail, NothingForm()
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: change_email(s, who, token, now)
    ):
        flash(_("Your e-mail is %(email)s now: sign in with it.", email=address), "success")
        return redirect(url_for("accounts.security"))
    return form_page("accounts/new_email.html", form, email=address)


def _path(token: str) -> str:
    return url_for("accounts.new_email", token=token)
