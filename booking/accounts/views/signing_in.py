"""Pages of signing in and out, and of passwords that were forgotten or never set.

Password hashes are made and compared before the transaction that relies on them: each takes some
20 ms, in which nobody else could write on SQLite.
"""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.forms.factors import ForgottenForm
from booking.accounts.forms.passwords import SetPasswordForm, SignInForm
from booking.accounts.models import User
from booking.accounts.services.links import password_link, set_password_by_link
from booking.accounts.services.passwords import check_password, fit_hash
from booking.accounts.services.resets import ask_reset
from booking.accounts.services.sessions import end_session
from booking.accounts.views.entering import entered
from booking.core.errors import Invalid, NotFound, TooMany
from booking.infra import clock, rate
from booking.infra.db import db, write
from booking.web import denials, login
from booking.web.access import signed_in
from booking.web.devices import know_browser
from booking.web.limits import SIGN_IN, reset_limits, sign_in_limits
from booking.web.links import safe_next
from booking.web.messages import message, text_of
from booking.web.saving import form_page, within

blueprint = Blueprint("accounts", __name__, url_prefix="/account")
WINDOW_SECONDS = 300


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | str | tuple[str, int]:
    """Sign in; a wrong pair and an unknown address get the same answer in the same time."""
    target = safe_next(request.values.get("next"), url_for("shell.home"))
    if login.optional_actor() is not None:
        return redirect(target)
    know_browser()
    form = SignInForm()
    status = None
    if form.validate_on_submit():
        try:
            user_id = _proven(form.email.data or "", form.password.data or "")
        except TooMany as refusal:
            form.form_errors.append(text_of(refusal))
            status = 429
        else:
            if user_id is not None:
                return entered(lambda _session: user_id, target, how="password")
            denials.wrong_password(form.email.data or "")
            form.form_errors.append(message("wrong_sign_in", {}))
    return form_page("accounts/sign_in.html", form, status, next=target)


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End this session on the server."""
    who, now = login.actor(), clock.now()
    session_id = login.session_id()
    write(lambda session: end_session(session, who, session_id, now))
    login.sign_out()
    return redirect(url_for("accounts.sign_in"))


@blueprint.route("/forgotten", methods=["GET", "POST"])
def forgotten() -> Response | str | tuple[str, int]:
    """Take the address of whoever forgot the password: same answer and same work for all."""
    form = ForgottenForm()
    status = None
    if form.validate_on_submit():
        email, address, now = form.email.data or "", request.remote_addr or "", clock.now()
        if not within(form, reset_limits(email.strip().lower())):
            status = 429
        else:
            write(lambda session: ask_reset(session, email, address, now))
            return render_template("accounts/forgotten_sent.html", email=email)
    return form_page("accounts/forgotten.html", form, status)


@blueprint.route("/set-password/<token>", methods=["GET", "POST"])
def set_password(token: str) -> Response | str | tuple[str, int]:
    """Set a password by a one-use link and sign in; all sessions and tokens from before end.

    A link stands in for the password, not for a second factor: that is asked for as always.
    """
    now = clock.now()
    link = password_link(db.session(), token, now)
    if link is None:
        raise NotFound("link")
    user_id = link.user_id
    person = db.session.get_one(User, user_id)
    email, had_one = person.email, person.password_hash is not None
    form = SetPasswordForm()
    if form.validate_on_submit():
        try:
            new = fit_hash(db.session(), user_id, form.password.data or "")
        except Invalid as refusal:
            form.password.errors = [text_of(refusal)]
        else:
            answer = entered(
                lambda session: set_password_by_link(session, token, new, now),
                url_for("shell.home"), how="link",
            )  # fmt: skip
            flash(_("Your password is set. Welcome."), "success")
            return answer
    return form_page("accounts/set_password.html", form, email=email, had_one=had_one)


def _proven(email: str, password: str) -> int | None:
    tries = sign_in_limits(email.strip().lower())
    rate.hit_all(tries)
    user_id = check_password(db.session(), email, password)
    if user_id is not None:
        rate.forgive_all([limit for limit in tries if limit.name == SIGN_IN])
    return user_id
