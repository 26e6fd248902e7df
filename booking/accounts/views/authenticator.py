"""Pages of the authenticator app and of recovery codes."""

import pyotp
import segno
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.forms.factors import AppCodeForm
from booking.accounts.services.factors import (
    authenticator_of,
    begin_authenticator,
    confirm_authenticator,
    remove_authenticator,
    renew_recovery_codes,
    secret_of,
)
from booking.accounts.views.signing_in import blueprint
from booking.core.errors import Invalid, TooMany, WrongState
from booking.infra import clock
from booking.infra.db import db, write
from booking.web import login
from booking.web.factors import count_code, forgive_code
from booking.web.messages import text_of
from booking.web.proof import freshly_proven, open_without_factor
from booking.web.saving import errors_of, form_page, run, told

QR_SCALE = 5


@blueprint.post("/authenticator/begin")
@freshly_proven
@open_without_factor
def begin_app() -> Response:
    """Make a new secret for an app, and show it."""
    try:
        run(begin_authenticator)
    except WrongState as refusal:
        flash(text_of(refusal), "warning")
        return redirect(url_for("accounts.security"))
    return redirect(url_for("accounts.app_code"))


@blueprint.route("/authenticator", methods=["GET", "POST"])
@freshly_proven
@open_without_factor
def app_code() -> Response | str | tuple[str, int]:
    """Show the secret as a picture and as text; the first code takes the app into use."""
    who, now = login.actor(), clock.now()
    row = authenticator_of(db.session(), who.user_id)
    if row is None or row.confirmed_at is not None:
        return redirect(url_for("accounts.security"))
    try:
        secret = secret_of(row)
    except WrongState as refusal:
        flash(text_of(refusal), "warning")
        return redirect(url_for("accounts.security"))
    form, status, kept = AppCodeForm(), None, login.session_id()
    if form.validate_on_submit():
        typed = form.code.data or ""
        try:
            count_code(who.user_id)
            codes = write(lambda s: confirm_authenticator(s, who, typed, kept, now))
        except TooMany as refusal:
            form.form_errors.append(text_of(refusal))
            status = 429
        except (Invalid, WrongState) as refusal:
            errors_of(form, getattr(refusal, "field", None)).append(text_of(refusal))
        else:
            forgive_code(who.user_id)
            return shown_codes(codes, _("Your authenticator app is in use."))
    picture = _picture(secret, login.here().email)
    return form_page(
        "accounts/authenticator.html", form, status, secret=_grouped(secret), picture=picture
    )


@blueprint.post("/authenticator/remove")
@freshly_proven
def remove_app() -> Response:
    """Take the app out of use."""
    done = _("The authenticator app was removed.")
    return told(remove_authenticator, done, url_for("accounts.security"))


@blueprint.post("/recovery-codes")
@freshly_proven
def new_codes() -> Response | str:
    """Make new recovery codes and show them, this once."""
    try:
        codes = run(renew_recovery_codes)
    except WrongState as refusal:
        flash(text_of(refusal), "warning")
        return redirect(url_for("accounts.security"))
    return shown_codes(codes, _("Your new recovery codes are ready; those before have ended."))


def shown_codes(codes: list[str], done: str) -> Response | str:
    """Show recovery codes, this once; without any lead back with what was done."""
    if codes:
        return render_template("accounts/recovery_codes.html", codes=codes, done=done)
    flash(done, "success")
    return redirect(url_for("accounts.security"))


def _grouped(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _picture(secret: str, email: str) -> str:
    """Return the QR code of the secret as the address of a picture within the page."""
    address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_("Instrument Booking"))
    code = segno.make_qr(address, error="m")
    return str(code.svg_data_uri(scale=QR_SCALE, border=4, light="#fff", dark="#000"))
