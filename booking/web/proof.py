"""What stands between being signed in and going on: a second factor asked for, a fresh proof."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, current_app, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from booking.accounts.queries.requiring import required_by_settings
from booking.accounts.queries.signing_in import SignedIn
from booking.accounts.rules.factors import deadline, roles_of
from booking.companies.queries.zones import home_zone
from booking.infra import clock
from booking.infra.db import db
from booking.web import formats, login

F = TypeVar("F", bound=Callable[..., Any])
# Views that whoever lacks the second factor asked for may open: those that lead to one, and out.
_OPEN: set[str] = {
    "static", "shell.language", "accounts.sign_out", "privacy.policy", "privacy.agree",
}  # fmt: skip


def init_app(app: Flask) -> None:
    """Lead whoever lacks the second factor the park asks for to where one is added."""
    app.before_request(_lead_to_factor)


def open_without_factor(view: F) -> F:
    """Mark a view of accounts as one that may be opened without the second factor asked for."""
    _OPEN.add(f"accounts.{view.__name__}")
    return view


def freshly_proven(view: F) -> F:
    """Guard a view: signed in, and proven to be oneself within BOOKING_PROOF_MINUTES.

    Else the page that asks for it comes first. A form sent too late is lost: it leads back to the
    page it came from.
    """

    @login_required
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if is_fresh(login.here(), clock.now()):
            return view(*args, **kwargs)
        return redirect(url_for("accounts.confirm", next=_back()), 303)

    return guarded


def is_fresh(who: SignedIn, now: datetime) -> bool:
    """Return whether the person has proven who they are recently enough to change how."""
    minutes = int(current_app.config["PROOF_MINUTES"])
    return who.proven_at is not None and now - who.proven_at <= timedelta(minutes=minutes)


def factor_due() -> datetime | None:
    """Return by when the person has to add a second factor, None when none is lacking."""
    # A token was made by somebody who had all that was asked for.
    if not current_user.is_authenticated:
        return None
    here = login.here()
    required = here.required or required_by_settings()
    if here.factor_since is not None or not required.roles:
        return None
    who = login.optional_actor()
    if who is None or not required.roles & roles_of(who):
        return None
    return deadline(required, here.asked_at)


def is_barred() -> bool:
    """Return whether nothing but adding a second factor is open to the person."""
    due = factor_due()
    return due is not None and due <= clock.now()


def reminder() -> str | None:
    """Return the line that says by when a second factor is needed, None when none is."""
    due = factor_due()
    if due is None:
        return None
    if due <= clock.now():
        return _("Your role needs a second factor. Add one to go on.")
    day = formats.day_text(due.astimezone(home_zone(db.session())).date().isoformat())
    return _("Your role needs a second factor by %(day)s: see “Sign-in and security”.", day=day)


def _lead_to_factor() -> Response | None:
    if "_user_id" not in session:
        return None
    if request.endpoint is None or request.endpoint in _OPEN or request.blueprint == "health":
        return None
    if not is_barred():
        return None
    return redirect(url_for("accounts.security"), 303)


def _back() -> str:
    """Return this page's address, or for a form the path of the page it stands on."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    both = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    return request.path if both else url_for("accounts.security")
