"""Proving and changing a password."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.queries.signing_in import user_by_email
from booking.accounts.services.sessions import end_sessions
from booking.accounts.services.tokens import end_all_tokens
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid
from booking.infra.passwords import Hashed, hash_password, verify_password

MIN_PASSWORD = 8  # ASVS V6.2.1
MAX_PASSWORD = 200


def check_password(session: Session, email: str, password: str) -> int | None:
    """Return the id of the active person with this address and password, else None.

    Does the same work for an unknown address, so that its time tells nothing. Only reads.
    """
    user = user_by_email(session, email)
    stored = user.password_hash if user is not None and user.retired_at is None else None
    matches = verify_password(stored, password)
    return user.id if matches and user is not None else None


def proven_hash(session: Session, user_id: int, password: str) -> Hashed:
    """Return the person's stored hash, which `password` matches.

    Only reads, and takes some 20 ms: to be called before the transaction that relies on it.
    Raises Invalid on field current_password.
    """
    stored = session.get_one(User, user_id).password_hash
    if stored is None or not verify_password(stored, password):
        raise Invalid("wrong_password", field="current_password")
    return Hashed(stored)


def fit_hash(session: Session, user_id: int, password: str) -> Hashed:
    """Return the hash of a new password, fit for this person.

    Only reads, and takes some 20 ms: to be called before the transaction that stores it.
    Raises Invalid on field new_password.
    """
    _refuse_unfit(session.get_one(User, user_id).email, password)
    return hash_password(password)


def change_password(
    session: Session, actor: Actor, proven: Hashed, new: Hashed, now: datetime, *, end_tokens: bool
) -> None:
    """Set a new password and end every session of the person; the view starts a new one.

    `proven` is of `proven_hash`, `new` of `fit_hash`; `end_tokens` ends their API tokens too.
    Raises Invalid on field current_password when it was changed since it was proven.
    """
    changed = session.execute(
        update(User)
        .where(User.id == actor.user_id, User.password_hash == proven)
        .values(password_hash=new)
        .returning(User.id)
    ).scalar_one_or_none()
    if changed is None:
        raise Invalid("wrong_password", field="current_password")
    end_sessions(session, actor.user_id, now)
    ended = end_all_tokens(session, actor.user_id, now) if end_tokens else 0
    subject = ("user", actor.user_id)
    record(session, actor, "password.change", subject, now, after={"tokens_ended": ended})


def _refuse_unfit(email: str, password: str) -> None:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid(
            "password_length", field="new_password", limit=MIN_PASSWORD, most=MAX_PASSWORD
        )
    if password.lower() in {email, email.split("@")[0], "password", "12345678"}:
        raise Invalid("password_guessable", field="new_password")
