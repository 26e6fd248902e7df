"""Who is signed in: Flask-Login over our own session rows and bearer tokens; builds the Actor."""

from datetime import timedelta
from typing import Any

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from booking.accounts.queries.signing_in import SignedIn, signed_in_by_session, signed_in_by_token
from booking.accounts.services.sessions import touch_session
from booking.accounts.services.tokens import touch_token
from booking.audit.services import from_where
from booking.companies.queries.duties import standing_and_duties
from booking.companies.queries.memberships import standing_of
from booking.core.actor import NO_DUTIES, Actor
from booking.core.errors import Refusal
from booking.infra import clock
from booking.infra.addresses import kept_address
from booking.infra.db import db, write

SESSION_TOKEN = "sid"  # noqa: S105 - the name of a cookie field
PENDING = "pending"  # who was proven elsewhere and is not connected to an account yet
TOUCH_EVERY = timedelta(minutes=5)


class Person(UserMixin):
    """The signed-in person as Flask-Login wants one; `get_id` is the session's token."""

    def __init__(self, signed_in: SignedIn, token: str) -> None:
        self.signed_in = signed_in
        self.id = token

    @property
    def name(self) -> str:
        """Return the person's name."""
        return self.signed_in.name

    @property
    def email(self) -> str:
        """Return the person's address."""
        return self.signed_in.email


def init_app(app: Flask) -> None:
    """Load the person of each request and remember when a session or token was used."""
    manager = LoginManager(app)
    manager.session_protection = None  # sessions are server-side rows, ended on the server
    manager.user_loader(_by_session)
    manager.unauthorized_handler(_to_sign_in)
    app.before_request(_note_from_where)
    app.after_request(_touch)


def sign_in(token: str) -> None:
    """Put a new session's token into a fresh cookie; what the cookie held before is dropped.

    But for the language, and for who was proven elsewhere and waits to be connected here.
    """
    kept = {name: session[name] for name in ("locale", PENDING) if name in session}
    session.clear()
    session.update(kept, _user_id=token)
    session.permanent = True


def keep_step(purpose: str, token: str) -> None:
    """Remember in this browser what was begun here and must be finished here."""
    session[f"step:{purpose}"] = token


def step(purpose: str) -> str | None:
    """Return the token of what was begun in this browser, None when nothing was."""
    found: str | None = session.get(f"step:{purpose}")
    return found


def here() -> SignedIn:
    """Return the person signed in in this browser and their session."""
    found: SignedIn = current_user.signed_in
    return found


def session_id() -> int:
    """Return the id of this browser's session."""
    found: int = current_user.signed_in.session_id
    return found


def must_agree() -> bool:
    """Return whether the person signed in has to agree to the privacy policy first."""
    return bool(current_user.is_authenticated and current_user.signed_in.must_agree)


def sign_out() -> None:
    """Empty the cookie of this browser, whose session has ended."""
    session.clear()


def actor() -> Actor:
    """Return the acting person of this request. Raises RuntimeError when nobody is signed in."""
    found = optional_actor()
    if found is None:
        raise RuntimeError("nobody is signed in; the view lacks its guard")
    return found


def optional_actor() -> Actor | None:
    """Return the acting person, or None for a visitor. One query, once a request."""
    if "actor" not in g:
        signed_in = current_user.signed_in if current_user.is_authenticated else None
        g.actor = build_actor(signed_in) if signed_in else None
    found: Actor | None = g.actor
    return found


def as_nobody() -> None:
    """Take this request for a visitor's from now on: its page must not ask the database."""
    g.actor = None
    g.token_person = None
    g._login_user = AnonymousUserMixin()


def build_actor(signed_in: SignedIn) -> Actor:
    """Return the Actor of a proven person: memberships and labs of this moment."""
    session, now = db.session(), clock.now()
    if signed_in.has_duties:
        parties, labs, duties = standing_and_duties(session, signed_in.user_id, now)
    else:
        (parties, labs), duties = standing_of(session, signed_in.user_id, now), NO_DUTIES
    return Actor(
        user_id=signed_in.user_id,
        name=signed_in.name,
        park_role=signed_in.park_role,
        parties=parties,
        labs=labs,
        scopes=signed_in.scopes,
        duties=duties,
    )


def by_token(token: str) -> SignedIn | None:
    """Return the person of a bearer token and note them as this request's actor."""
    signed_in = signed_in_by_token(db.session(), token, clock.now())
    if signed_in is not None:
        from_where(db.session(), "token", address_kept())
        g.token_person = signed_in
        g.actor = build_actor(signed_in)
    return signed_in


def _note_from_where() -> None:
    """Have what this request writes say from where, also before anybody has signed in."""
    from_where(db.session(), "page", address_kept())


def address_kept() -> str:
    """Return the caller's address as far as AUDIT_ADDRESS has it kept."""
    return kept_address(request.remote_addr or "", current_app.config["AUDIT_ADDRESS"])


def _by_session(token: str) -> Person | None:
    signed_in = signed_in_by_session(
        db.session(),
        token,
        clock.now(),
        current_app.config["SESSION_IDLE_DAYS"],
        current_app.config["SESSION_MAX_DAYS"],
    )
    return Person(signed_in, token) if signed_in else None


def _to_sign_in() -> Response:
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=target))


def _touch(response: Any) -> Any:
    """After the view: bookkeeping that may fail without anyone noticing (DESIGN §2)."""
    seen: SignedIn | None = g.get("token_person")
    if seen is None and "_login_user" in g and current_user.is_authenticated:
        seen = current_user.signed_in
    if seen is None:
        return response
    now = clock.now()
    if seen.last_seen_at is not None and now - seen.last_seen_at < TOUCH_EVERY:
        return response
    try:
        if seen.session_id is not None:
            session_id = seen.session_id
            write(lambda s: touch_session(s, session_id, now))
        elif seen.token_id is not None:
            token_id = seen.token_id
            write(lambda s: touch_token(s, token_id, now))
    except (SQLAlchemyError, Refusal):
        current_app.logger.info("session bookkeeping skipped")
    return response
