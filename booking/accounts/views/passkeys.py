"""Passkeys: what a page's script asks for, and what it brings back in an ordinary form.

A challenge is used up before the answer to it is looked at: whatever comes of it, it never works
again.
"""

from dataclasses import dataclass

from flask import Response as JsonResponse
from flask import flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.accounts.forms.factors import PasskeyForm
from booking.accounts.services.passkeys import (
    add_passkey,
    begin_passkey,
    find_passkey,
    note_use,
    passkeys_of,
    place,
    remove_passkey,
    rename_passkey,
)
from booking.accounts.services.steps import (
    PASSKEY_ADD,
    PASSKEY_AGAIN,
    PASSKEY_SECOND,
    PASSKEY_SIGN_IN,
    SECOND_FACTOR,
    open_step,
    take_step,
)
from booking.accounts.views.authenticator import shown_codes
from booking.accounts.views.entering import entered
from booking.accounts.views.proving import proven
from booking.accounts.views.signing_in import blueprint
from booking.core.errors import Invalid, NotFound, Refusal, TooMany, WrongState
from booking.infra import clock, rate
from booking.infra.db import db, write
from booking.infra.passkeys import (
    creation_options,
    credential_of,
    proven_new,
    proven_use,
    request_options,
)
from booking.web import denials, login
from booking.web.access import signed_in
from booking.web.factors import note_wrong, tried
from booking.web.limits import address_limits
from booking.web.links import safe_next
from booking.web.messages import status_of, text_of
from booking.web.proof import freshly_proven, is_fresh, open_without_factor
from booking.web.saving import run, told


@dataclass(frozen=True, slots=True)
class Proven:
    """A passkey whose answer holds: its id, its counter as read and as it is now."""

    passkey_id: int
    before: int
    count: int


@blueprint.post("/passkeys/options")
@open_without_factor
def passkey_options() -> JsonResponse | tuple[JsonResponse, int]:
    """Return what the browser is to sign, for one of four purposes; a new challenge each time."""
    purpose, now = request.form.get("purpose", ""), clock.now()
    try:
        rate.hit_all(address_limits())
        user_id = _whose(purpose)
        token, challenge = write(lambda s: begin_passkey(s, purpose, user_id, now))
    except Refusal as refusal:
        return jsonify(error=text_of(refusal)), status_of(refusal)
    login.keep_step(purpose, token)
    has = [] if user_id is None else [p.credential_id for p in passkeys_of(db.session(), user_id)]
    if purpose != PASSKEY_ADD:
        text = request_options(place(), has, challenge)
    else:
        here = login.here()
        person = (here.user_id, here.email, here.name)
        text = creation_options(place(), _("Instrument Booking"), person, has, challenge)
    return JsonResponse(text, mimetype="application/json")


@blueprint.post("/passkeys")
@freshly_proven
@open_without_factor
def add_key() -> Response | str:
    """Keep the passkey the browser made."""
    form, now = PasskeyForm(), clock.now()
    try:
        answer = _answer(form)
        challenge = _used_up(PASSKEY_ADD, login.actor().user_id)
        key = proven_new(place(), answer, challenge)
        name, otherwise = form.name.data or "", _("Passkey")
        codes = run(lambda s, who, at: add_passkey(s, who, key, name, otherwise, now))
    except (Invalid, WrongState) as refusal:
        flash(text_of(refusal), "error")
        return redirect(url_for("accounts.security"))
    return shown_codes(codes, _("The passkey was added."))


@blueprint.post("/passkeys/<int:passkey_id>/remove")
@freshly_proven
def remove_key(passkey_id: int) -> Response:
    """Take a passkey out of use."""
    return told(
        lambda s, who, now: remove_passkey(s, who, passkey_id, now),
        _("The passkey was removed."), url_for("accounts.security"),
    )  # fmt: skip


@blueprint.post("/passkeys/<int:passkey_id>/rename")
@signed_in
def rename_key(passkey_id: int) -> Response:
    """Give a passkey another name."""
    name = request.form.get("name", "")[:200]
    return told(
        lambda s, who, now: rename_passkey(s, who, passkey_id, name, now),
        _("Saved."), url_for("accounts.security"),
    )  # fmt: skip


@blueprint.post("/sign-in/passkey")
def passkey_sign_in() -> Response:
    """Sign in with a passkey alone: the device checked who holds it, so it is two factors."""
    target = safe_next(request.form.get("next"), url_for("shell.home"))
    return _entered(PASSKEY_SIGN_IN, target, url_for("accounts.sign_in", next=target))


@blueprint.post("/second-factor/passkey")
def passkey_second() -> Response:
    """Prove the second factor with a passkey of the person whose password was right."""
    target = safe_next(request.form.get("next"), url_for("shell.home"))
    return _entered(PASSKEY_SECOND, target, url_for("accounts.second_factor", next=target))


@blueprint.post("/confirm/passkey")
@signed_in
@open_without_factor
def passkey_again() -> Response:
    """Prove oneself again with a passkey."""
    target = safe_next(request.form.get("next"), url_for("accounts.security"))
    user_id, now = login.actor().user_id, clock.now()
    try:
        key = _proven(PASSKEY_AGAIN, user_id)
        write(lambda s: note_use(s, key.passkey_id, key.before, key.count, now))
    except (Invalid, WrongState, TooMany) as refusal:
        flash(text_of(refusal), "error")
        return redirect(url_for("accounts.confirm", next=target))
    proven("passkey")
    return redirect(target)


def _entered(purpose: str, target: str, back: str) -> Response:
    """Sign in by a passkey's answer, or say why not on the page it came from."""
    now = clock.now()
    try:
        user_id = _whose(purpose)
        key = _proven(purpose, user_id)

        def work(session: Session) -> int:
            if purpose == PASSKEY_SECOND:
                take_step(session, login.step(SECOND_FACTOR), SECOND_FACTOR, now)
            return note_use(session, key.passkey_id, key.before, key.count, now)

        return entered(work, target, how="passkey", strong=True)
    except (Invalid, WrongState, TooMany) as refusal:
        denials.failed_sign_in("passkey")
        flash(text_of(refusal), "error")
        return redirect(back)


def _whose(purpose: str) -> int | None:
    """Return of whom a passkey is asked for this purpose, None for whoever has one.

    Raises WrongState when nobody is at that point, NotFound for another purpose.
    """
    if purpose == PASSKEY_SIGN_IN:
        return None
    if purpose == PASSKEY_SECOND:
        step = open_step(db.session(), login.step(SECOND_FACTOR), SECOND_FACTOR, clock.now())
        if step is None:
            raise WrongState("step_over")
        return step.user_id
    who = login.optional_actor()
    if purpose not in (PASSKEY_ADD, PASSKEY_AGAIN) or who is None:
        raise NotFound("page")
    if purpose == PASSKEY_ADD and not is_fresh(login.here(), clock.now()):
        raise WrongState("step_over")
    return who.user_id


def _proven(purpose: str, user_id: int | None) -> Proven:
    """Return the passkey whose answer this form brought. Raises Invalid, WrongState, TooMany."""
    answer = _answer(PasskeyForm())
    challenge = _used_up(purpose, user_id)
    if user_id is not None:
        return tried(user_id, "passkey", lambda: _held(answer, challenge, user_id))
    return _held(answer, challenge, None)


def _held(answer: str, challenge: str, user_id: int | None) -> Proven:
    """Return the passkey of an answer that holds. Raises Invalid."""
    key = find_passkey(db.session(), credential_of(answer))
    if key is None or user_id not in (None, key.user_id):
        raise Invalid("passkey_unknown")
    try:
        count = proven_use(place(), answer, challenge, key.public_key, key.sign_count)
    except Invalid as refusal:
        # Whose it is was not known before, so nothing was counted that could lock them out.
        if user_id is None:
            note_wrong(key.user_id, "passkey", refusal)
        raise
    return Proven(key.id, key.sign_count, count)


def _used_up(purpose: str, user_id: int | None) -> str:
    """Return the challenge that was begun in this browser, used up from now on."""
    token, now = login.step(purpose), clock.now()
    owner, challenge = write(lambda s: take_step(s, token, purpose, now))
    if owner != user_id:
        raise WrongState("step_over")
    return challenge


def _answer(form: PasskeyForm) -> str:
    if not form.validate() or not form.credential.data:
        raise Invalid("passkey_unproven")
    return str(form.credential.data)
