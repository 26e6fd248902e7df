"""The page that changes the password of who is signed in."""

from flask import current_app, flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.accounts.forms.passwords import ChangePasswordForm
from booking.accounts.queries.tokens import token_use
from booking.accounts.services.passwords import change_password, fit_hash, proven_hash
from booking.accounts.views.entering import entered
from booking.accounts.views.signing_in import WINDOW_SECONDS, blueprint
from booking.core.errors import Invalid, TooMany
from booking.infra import clock, rate
from booking.infra.db import db
from booking.web import denials, login
from booking.web.access import signed_in
from booking.web.messages import text_of
from booking.web.saving import form_page

CHANGE = "change-password"  # what tries are counted under


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
            if refusal.code == "wrong_password":
                denials.wrong_password(login.here().email)
        else:
            flash(_("Your password was changed; other devices were signed out."), "success")
            return redirect(url_for("shell.home"))
    tokens = token_use(db.session(), login.actor().user_id, clock.now())
    return form_page("accounts/change_password.html", form, status, tokens=tokens.count)


def _change(form: ChangePasswordForm) -> None:
    """Change the password as the form says. Raises Invalid, TooMany."""
    who, now = login.actor(), clock.now()
    tries = int(current_app.config["SIGN_IN_TRIES_PER_ACCOUNT"])
    # Counted apart from sign-in: who mistypes the old password here is signed in, and stays so.
    rate.hit(CHANGE, str(who.user_id), tries, WINDOW_SECONDS)
    proven = proven_hash(db.session(), who.user_id, form.current_password.data or "")
    new = fit_hash(db.session(), who.user_id, form.new_password.data or "")

    def work(session: Session) -> int:
        change_password(session, who, proven, new, now, end_tokens=form.end_tokens.data)
        return who.user_id

    entered(work, "/", how="password", strong=True)
    rate.forgive(CHANGE, str(who.user_id), tries, WINDOW_SECONDS)
