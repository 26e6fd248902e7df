"""Pages of signing in and out and of passwords."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.forms import ChangePasswordForm, SetPasswordForm, SignInForm
from booking.accounts.models import User
from booking.accounts.queries import usable_link
from booking.accounts.services import (
    SET_PASSWORD,
    change_password,
    check_password,
    end_session,
    set_password_by_link,
    start_session,
)
from booking.core.errors import Invalid, NotFound, TooMany
from booking.infra import clock, rate
from booking.infra.db import db, write
from booking.web import login
from booking.web.access import signed_in
from booking.web.links import safe_next
from booking.web.messages import message, text_of

blueprint = Blueprint("accounts", __name__, url_prefix="/account")
WINDOW_SECONDS = 300


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | str | tuple[str, int]:
    """Sign in; a wrong pair and an unknown address get the same answer in the same time."""
    target = safe_next(request.values.get("next"), url_for("shell.home"))
    if login.optional_actor() is not None:
        return redirect(target)
    form = SignInForm()
    status = 200
    if form.validate_on_submit():
        try:
            user_id = _proven(form.email.data or "", form.password.data or "")
        except TooMany as refusal:
            form.form_errors.append(text_of(refusal))
            status = 429
        else:
            if user_id is not None:
                _begin_session(user_id)
                return redirect(target)
            form.form_errors.append(message("wrong_sign_in", {}))
            status = 422
    return render_template("accounts/sign_in.html", form=form, next=target), status


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End this session on the server."""
    who, now = login.actor(), clock.now()
    session_id = login.session_id()
    write(lambda session: end_session(session, who, session_id, now))
    login.sign_out()
    return redirect(url_for("accounts.sign_in"))


@blueprint.route("/password", methods=["GET", "POST"])
@signed_in
def password() -> Response | str | tuple[str, int]:
    """Change the password; every other session of the person ends."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        who, now = login.actor(), clock.now()
        _limit(str(who.user_id))
        try:
            write(
                lambda session: change_password(
                    session, who, form.current_password.data or "", form.new_password.data or "",
                    now,
                )
            )  # fmt: skip
        except Invalid as refusal:
            form[refusal.field].errors = [text_of(refusal)]
            return render_template("accounts/change_password.html", form=form), 422
        _begin_session(who.user_id)
        flash(_("Your password was changed; other devices were signed out."), "success")
        return redirect(url_for("shell.home"))
    return render_template("accounts/change_password.html", form=form)


@blueprint.route("/set-password/<token>", methods=["GET", "POST"])
def set_password(token: str) -> Response | str | tuple[str, int]:
    """Set a password by a one-use link and sign in."""
    now = clock.now()
    link = usable_link(db.session(), token, SET_PASSWORD, now)
    if link is None:
        raise NotFound("link")
    email = db.session.get_one(User, link.user_id).email
    form = SetPasswordForm()
    if form.validate_on_submit():
        try:
            user_id = write(
                lambda session: set_password_by_link(session, token, form.password.data or "", now)
            )
        except Invalid as refusal:
            form.password.errors = [text_of(refusal)]
            return render_template("accounts/set_password.html", form=form, email=email), 422
        _begin_session(user_id)
        flash(_("Your password is set. Welcome."), "success")
        return redirect(url_for("shell.home"))
    return render_template("accounts/set_password.html", form=form, email=email)


def _proven(email: str, password: str) -> int | None:
    _limit(email.strip().lower())
    user_id = check_password(db.session(), email, password)
    if user_id is not None:
        rate.forgive("sign-in", email.strip().lower(), _per_account(), WINDOW_SECONDS)
    return user_id


def _limit(account: str) -> None:
    address = request.remote_addr or "unknown"
    per_address = current_app.config["SIGN_IN_TRIES_PER_ADDRESS"]
    rate.hit("sign-in-from", address, per_address, WINDOW_SECONDS)
    rate.hit("sign-in", account, _per_account(), WINDOW_SECONDS)


def _per_account() -> int:
    return int(current_app.config["SIGN_IN_TRIES_PER_ACCOUNT"])


def _begin_session(user_id: int) -> None:
    now = clock.now()
    address, agent = request.remote_addr or "", request.user_agent.string
    login.sign_in(write(lambda session: start_session(session, user_id, address, agent, now)))
