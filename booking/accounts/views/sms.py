"""Signing in by a code sent to one's mobile, and proving the number."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.forms.sms import AccountForm, CodeForm, NumberForm
from booking.accounts.rules.numbers import mobile_of
from booking.accounts.services.identities import drop_mobile
from booking.accounts.services.sms_codes import (
    MINUTES,
    ask_code,
    ask_proof,
    prove_number,
    take_code,
)
from booking.accounts.views.entering import entered
from booking.core.errors import NotFound, WrongState
from booking.infra import clock, sms
from booking.infra.db import write
from booking.web import denials, login
from booking.web.limits import address_limits, sms_limits
from booking.web.links import safe_next
from booking.web.messages import message, text_of
from booking.web.proof import freshly_proven
from booking.web.saving import form_page, run, told, within

blueprint = Blueprint("sms", __name__, url_prefix="/account")
ASKED = "sms"  # in the cookie: whom a code was sent for, and where to go then
PROVING = "sms_number"  # in the cookie: the number being proven
Answer = Response | str | tuple[str, int]


@blueprint.app_context_processor
def _offer() -> dict[str, Any]:
    return {"offers_sms": lambda: sms.is_on(current_app.config)}


@blueprint.before_request
def _only_where_offered() -> None:
    if not sms.is_on(current_app.config):
        raise NotFound("page")


@blueprint.route("/sms", methods=["GET", "POST"])
def ask() -> Answer:
    """Send a code to who is behind a number or address; the answer is the same for nobody."""
    target = safe_next(request.values.get("next"), url_for("shell.home"))
    if login.optional_actor() is not None:
        return redirect(target)
    form, status = AccountForm(), None
    if form.validate_on_submit():
        typed, now = form.account.data or "", clock.now()
        account = mobile_of(typed) or (typed.strip().lower() if "@" in typed else None)
        if account is None:
            form.account.errors = [message("not_a_mobile", {})]
        elif within(form, sms_limits(account)):
            write(lambda s: ask_code(s, account, now))
            session[ASKED] = {"account": account, "next": target}
            return redirect(url_for("sms.code"))
        else:
            status = 429
    return form_page("accounts/sms.html", form, status, next=target)


@blueprint.route("/sms/code", methods=["GET", "POST"])
def code() -> Answer:
    """Sign in by the code."""
    asked = session.get(ASKED)
    if login.optional_actor() is not None or asked is None:
        return redirect(url_for("sms.ask"))
    form, status = CodeForm(), None
    if form.validate_on_submit():
        typed, now = form.code.data or "", clock.now()
        if not within(form, address_limits()):
            status = 429
        else:
            user_id = write(lambda s: take_code(s, asked["account"], typed, now))
            if user_id is not None:
                return entered(lambda _session: user_id, asked["next"], how="sms")
            denials.failed_sign_in("sms")
            form.code.errors = [message("wrong_code", {})]
    return form_page("accounts/sms_code.html", form, status, account=asked["account"],
                     minutes=MINUTES, again=url_for("sms.ask", next=asked["next"]))  # fmt: skip


@blueprint.route("/mobile", methods=["GET", "POST"])
@freshly_proven
def number() -> Answer:
    """Send a code to a number, to prove it."""
    form, status = NumberForm(), None
    if form.validate_on_submit():
        found = mobile_of(form.number.data or "")
        if found is None:
            form.number.errors = [message("not_a_mobile", {})]
        elif within(form, sms_limits(found)):
            run(lambda s, who, now: ask_proof(s, who, found, now))
            session[PROVING] = found
            return redirect(url_for("sms.prove"))
        else:
            status = 429
    return form_page("accounts/mobile.html", form, status)


@blueprint.route("/mobile/code", methods=["GET", "POST"])
@freshly_proven
def prove() -> Answer:
    """Prove a number by the code sent to it."""
    found = session.get(PROVING)
    if found is None:
        return redirect(url_for("sms.number"))
    form = CodeForm()
    if form.validate_on_submit():
        typed = form.code.data or ""
        try:
            if run(lambda s, who, now: prove_number(s, who, found, typed, now)):
                session.pop(PROVING)
                flash(_("The number is proven: you can sign in with it now."), "success")
                return redirect(url_for("ways.mine"))
            form.code.errors = [message("wrong_code", {})]
        except WrongState as refusal:
            form.form_errors.append(text_of(refusal))
    return form_page("accounts/sms_code.html", form, account=found, minutes=MINUTES,
                     again=url_for("sms.number"))  # fmt: skip


@blueprint.post("/mobile/drop")
@freshly_proven
def drop() -> Response:
    """Take the number from the account."""
    return told(drop_mobile, _("The number was taken off."), url_for("ways.mine"))
