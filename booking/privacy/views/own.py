"""One's own data: what is kept, as a file, and being erased."""

from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from booking.accounts.models import User
from booking.accounts.services.passwords import proven_hash
from booking.audit.services import record
from booking.core.errors import Invalid, TooMany, WrongState
from booking.infra import clock, rate
from booking.infra.db import db
from booking.infra.storage.names import disposition
from booking.privacy.forms import EraseByNameForm, EraseForm
from booking.privacy.queries import last_refusal, open_request, policy_in_force
from booking.privacy.rules import EXPORTS, EXPORTS_SECONDS
from booking.privacy.services.erasing import ask_erasure, withdraw_erasure
from booking.privacy.views.base import blueprint
from booking.privacy.views.export import archive_of
from booking.web import denials, login
from booking.web.access import signed_in
from booking.web.messages import text_of
from booking.web.saving import errors_of, form_page, run

TRIES, TRIES_SECONDS = 5, 3600  # proofs of one person
Answer = AnyResponse | str | tuple[str, int]


@blueprint.get("/account/privacy")
@signed_in
def own() -> Answer:
    """Show what is kept of the person and for how long, and what they may have done."""
    return _page(_form())


@blueprint.post("/account/privacy/export")
@signed_in
def export() -> Response:
    """Answer everything kept of the person as one archive, at most five times an hour."""
    who, now = login.actor(), clock.now()
    rate.hit("privacy-export", str(who.user_id), EXPORTS, EXPORTS_SECONDS)
    run(lambda s, a, at: record(s, a, "privacy.export", ("user", a.user_id), at))
    answer = Response(archive_of(db.session(), who.user_id), content_type="application/zip")
    answer.headers["Content-Disposition"] = disposition(f"my-data-{now:%Y%m%d}.zip")
    return answer


@blueprint.post("/account/privacy/erase")
@signed_in
def erase() -> Answer:
    """Take the request to be erased, of who proves to be who they are."""
    form, status = _form(), None
    refused: Sequence[Any] = ()
    if form.validate_on_submit():
        try:
            _prove(form)
            days = current_app.config["ERASE_AFTER_DAYS"]
            run(lambda s, who, now: ask_erasure(s, who, days, now))
        except TooMany as refusal:
            form.form_errors.append(text_of(refusal))
            status = 429
        except Invalid as refusal:
            errors_of(form, refusal.field).append(text_of(refusal))
            if refusal.code == "wrong_password":
                denials.wrong_password(login.here().email)
        except WrongState as refusal:
            form.form_errors.append(text_of(refusal))
            refused, status = refusal.parameters.get("reservations", ()), 409
        else:
            flash(_("Your request was noted. Until it is carried out you may take it back."),
                  "success")  # fmt: skip
            return redirect(url_for("privacy.own"))
    return _page(form, status, refused)


@blueprint.post("/account/privacy/withdraw")
@signed_in
def withdraw() -> AnyResponse:
    """Take the request to be erased back."""
    run(withdraw_erasure)
    flash(_("You stay. Nothing was erased."), "success")
    return redirect(url_for("privacy.own"))


def _page(
    form: EraseForm | EraseByNameForm, status: int | None = None, reservations: Sequence[Any] = ()
) -> tuple[str, int]:
    session, config = db.session(), current_app.config
    return form_page(
        "privacy/own.html", form, status,
        policy=policy_in_force(session),
        asked=open_request(session, login.actor().user_id),
        refused=last_refusal(session, login.actor().user_id),
        reservations=reservations,
        days=config["ERASE_AFTER_DAYS"],
        kept=_kept(),
    )  # fmt: skip


def _kept() -> list[tuple[str, str]]:
    """Return what is kept and for how long, as the settings say."""

    def days(name: str) -> str:
        count = current_app.config[name]
        return _("%(count)s days", count=count) if count else _("as long as your account")

    return [
        (_("Name, e-mail, telephone, memberships"), _("as long as your account")),
        (_("Reservations"), _("for good; once you are erased they name nobody")),
        (_("Sign-ins: address and browser"), days("KEEP_SESSIONS_DAYS")),
        (_("Content of messages to you"), days("KEEP_MESSAGES_DAYS")),
        (_("Reasons written beside actions"), days("KEEP_REASONS_DAYS")),
    ]


def _form() -> EraseForm | EraseByNameForm:
    """Return the form by which this person can prove who they are."""
    user = db.session().get_one(User, login.actor().user_id)
    return EraseForm() if user.password_hash is not None else EraseByNameForm()


def _prove(form: EraseForm | EraseByNameForm) -> None:
    """Raise Invalid unless it is the person; TooMany after five tries in an hour."""
    user_id = login.actor().user_id
    rate.hit("privacy-erase", str(user_id), TRIES, TRIES_SECONDS)
    session: Session = db.session()
    if isinstance(form, EraseForm):
        proven_hash(session, user_id, form.current_password.data or "")
    elif (form.email.data or "").strip().lower() != session.get_one(User, user_id).email:
        raise Invalid("not_an_address", field="email")
