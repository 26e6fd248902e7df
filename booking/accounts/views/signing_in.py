"""Pages of signing in and out and of passwords.

Password hashes are made and compared before the transaction that relies on them: each takes some
20 ms, in which nobody else could write on SQLite.
"""

from collections.abc import Callable

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.accounts.forms.passwords import ChangePasswordForm, SetPasswordForm, SignInForm
from booking.accounts.models import User
from booking.accounts.queries.signing_in import live_tokens, usable_link
from booking.accounts.services.links import SET_PASSWORD, set_password_by_link
from booking.accounts.services.passwords import (
    change_password,
    check_password,
    fit_hash,
    proven_hash,
)
from booking.accounts.services.sessions import end_session, start_session
from booking.core.errors import Invalid, NotFound, TooMany
from booking.infra import clock, rate
from booking.infra.db import db, write
from booking.web import login
from booking.web.access import signed_in
from booking.web.limits import SIGN_IN, sign_in_limits
from booking.web.links import safe_next
from booking.web.messages import message, text_of
from booking.web.saving import form_page

blueprint = Blueprint("accounts", __name__, url_prefix="/account")
WINDOW_SECONDS = 300
CHANGE = "change-password"  # what tries are counted under


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | str | tuple[str, int]:
    """Sign in; a wrong pair and an unknown address get the same answer in the same time."""
    target = safe_next(request.values.get("next"), url_for("shell.home"))
    if login.optional_actor() is not None:
        return redirect(target)
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
                _begin_session(lambda _session: user_id)
                return redirect(target)
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


@blueprint.route("/password", methods=["GET", "POST"])
@signed_in
def password() -> Response | str | tuple[str, int]:
    """Change the password; every other session of the person ends, and the tokens if wished."""
    form = ChangePasswordForm()
    status = None
    if form.validate_on_submit():
        try:
            _change(form)
        except TooMany as refusal:
            form.form_errors.append(text_of(refusal))
            status = 429
        except Invalid as refusal:
            form[refusal.field].errors = [text_of(refusal)]
        else:
            flash(_("Your password was changed; other devices were signed out."), "success")
            return redirect(url_for("shell.home"))
    tokens = live_tokens(db.session(), login.actor().user_id, clock.now())
    return form_page("accounts/change_password.html", form, status, tokens=tokens)


@blueprint.route("/set-password/<token>", methods=["GET", "POST"])
def set_password(token: str) -> Response | str | tuple[str, int]:
    """Set a password by a one-use link and sign in; all sessions and tokens from before end."""
    now = clock.now()
    link = usable_link(db.session(), token, SET_PASSWORD, now)
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
            _begin_session(lambda session: set_password_by_link(session, token, new, now))
            flash(_("Your password is set. Welcome."), "success")
            return redirect(url_for("shell.home"))
    return form_page("accounts/set_password.html", form, email=email, had_one=had_one)


def _change(form: ChangePasswordForm) -> None:
    """Change the password as the form says. Raises Invalid, TooMany."""
    who, now, tries = login.actor(), clock.now(), _per_account()
    # Counted apart from sign-in: who mistypes the old password here is signed in, and stays so.
    rate.hit(CHANGE, str(who.user_id), tries, WINDOW_SECONDS)
    proven = proven_hash(db.session(), who.user_id, form.current_password.data or "")
    new = fit_hash(db.session(), who.user_id, form.new_password.data or "")

    def work(session: Session) -> int:
        change_password(session, who, proven, new, now, end_tokens=form.end_tokens.data)
        return who.user_id

    _begin_session(work)
    rate.forgive(CHANGE, str(who.user_id), tries, WINDOW_SECONDS)


def _proven(email: str, password: str) -> int | None:
    tries = sign_in_limits(email.strip().lower())
    rate.hit_all(tries)
    user_id = check_password(db.session(), email, password)
    if user_id is not None:
        rate.forgive_all([limit for limit in tries if limit.name == SIGN_IN])
    return user_id


def _per_account() -> int:
    return int(current_app.config["SIGN_IN_TRIES_PER_ACCOUNT"])


def _begin_session(work: Callable[[Session], int]) -> None:
    """Sign in the person whose id `work` returns, in the same transaction."""
    now, address, agent = clock.now(), request.remote_addr or "", request.user_agent.string
    login.sign_in(write(lambda s: start_session(s, work(s), address, agent, now)))
