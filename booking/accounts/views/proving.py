"""Pages that ask for the second factor at sign-in, and for a proof again before what is grave."""

from flask import current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from booking.accounts.forms.factors import CodeForm, ProofForm
from booking.accounts.models import User
from booking.accounts.queries.factors import ways_of
from booking.accounts.services.factors import (
    finish_with_code,
    use_any_code,
)
from booking.accounts.services.passwords import proven_hash
from booking.accounts.services.sessions import prove_session
from booking.accounts.services.steps import SECOND_FACTOR, open_step
from booking.accounts.views.signing_in import WINDOW_SECONDS, blueprint
from booking.core.errors import Invalid, TooMany, WrongState
from booking.infra import clock, rate
from booking.infra.db import db, write
from booking.web import denials, login
from booking.web.access import signed_in
from booking.web.devices import device_here
from booking.web.factors import kind_of, tried
from booking.web.links import safe_next
from booking.web.messages import text_of
from booking.web.proof import open_without_factor
from booking.web.saving import errors_of, form_page

PROOF = "proof"


@blueprint.route("/second-factor", methods=["GET", "POST"])
def second_factor() -> Response | tuple[str, int]:
    """Ask for the second factor after the first; the right one begins the session."""
    target = safe_next(request.values.get("next"), url_for("shell.home"))
    token, now = login.step(SECOND_FACTOR), clock.now()
    step = open_step(db.session(), token, SECOND_FACTOR, now)
    if step is None or step.user_id is None:
        return redirect(url_for("accounts.sign_in", next=target))
    user_id, form, status = step.user_id, CodeForm(), None
    if form.validate_on_submit():
        typed, device = form.code.data or "", device_here()
        try:
            opened = tried(
                user_id, kind_of(typed),
                lambda: write(lambda s: finish_with_code(s, token, typed, device, now)),
            )  # fmt: skip
        except TooMany as refusal:
            form.form_errors.append(text_of(refusal))
            status = 429
        except (Invalid, WrongState) as refusal:
            denials.failed_sign_in("code")
            errors_of(form, getattr(refusal, "field", None)).append(text_of(refusal))
        else:
            login.sign_in(opened)
            return redirect(target)
    ways = ways_of(db.session(), user_id)
    return form_page("accounts/second_factor.html", form, status, ways=ways, next=target)


@blueprint.route("/confirm", methods=["GET", "POST"])
@signed_in
@open_without_factor
def confirm() -> Response | tuple[str, int]:
    """Ask who is signed in to prove it again, by password, code or passkey; then lead on."""
    target = safe_next(request.values.get("next"), url_for("accounts.security"))
    who, status = login.actor(), None
    code_form = CodeForm(prefix="c") if "c-code" in request.form else CodeForm(None, prefix="c")
    form = ProofForm() if "password" in request.form else ProofForm(None)
    asked = code_form if "c-code" in request.form else form
    if asked.validate_on_submit():
        try:
            how = _prove(form, code_form)
        except TooMany as refusal:
            asked.form_errors.append(text_of(refusal))
            status = 429
        except (Invalid, WrongState) as refusal:
            if asked is code_form:
                denials.failed_sign_in("code")
            else:
                denials.wrong_password(login.here().email)
            errors_of(asked, "code" if asked is code_form else "password").append(text_of(refusal))
        else:
            proven(how)
            return redirect(target)
    has_password = db.session.get_one(User, who.user_id).password_hash is not None
    ways = ways_of(db.session(), who.user_id)
    return form_page(
        "accounts/confirm.html", asked, status, proof=form, code=code_form, ways=ways,
        has_password=has_password, next=target,
    )  # fmt: skip


def proven(how: str) -> None:
    """Note that who is signed in has proven it again just now."""
    who, session_id, now = login.actor(), login.session_id(), clock.now()
    write(lambda session: prove_session(session, who, session_id, now, how))


def _prove(form: ProofForm, code_form: CodeForm) -> str:
    """Return what proved the person again. Raises Invalid, TooMany."""
    user_id, now = login.actor().user_id, clock.now()
    typed = code_form.code.data
    if typed:
        return tried(
            user_id, kind_of(typed),
            lambda: write(lambda s: use_any_code(s, user_id, typed, now)),
        )  # fmt: skip
    tries = int(current_app.config["SIGN_IN_TRIES_PER_ACCOUNT"])
    rate.hit(PROOF, str(user_id), tries, WINDOW_SECONDS)
    proven_hash(db.session(), user_id, form.password.data or "")
    rate.forgive(PROOF, str(user_id), tries, WINDOW_SECONDS)
    return "password"
