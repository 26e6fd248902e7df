"""One-use links that set a password."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from booking.accounts.models import OneTimeLink, User
from booking.accounts.queries.signing_in import usable_link
from booking.accounts.services.sessions import end_sessions
from booking.accounts.services.tokens import end_all_tokens
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.infra.passwords import Hashed
from booking.infra.secret import new_token, token_hash

SET_PASSWORD = "set_password"  # noqa: S105 - the name of a purpose


def create_link(session: Session, user_id: int, hours: int, now: datetime) -> str:
    """Return the token of a new one-use set-password link; older ones of the person end."""
    session.execute(
        delete(OneTimeLink).where(
            OneTimeLink.user_id == user_id,
            OneTimeLink.purpose == SET_PASSWORD,
            OneTimeLink.used_at.is_(None),
        )
    )
    token = new_token()
    session.add(
        OneTimeLink(
            token_hash=token_hash(token), user_id=user_id, purpose=SET_PASSWORD, created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )  # fmt: skip
    return token


def set_password_by_link(session: Session, token: str, new: Hashed, now: datetime) -> int:
    """Return the id of the person whose password was set; the link is used up.

    Whoever asks for a link may have lost more than the password: every session and API token of
    the person ends. `new` is of `fit_hash`. Raises NotFound for a used, expired or unknown link.
    """
    link = usable_link(session, token, SET_PASSWORD, now)
    if link is None:
        raise NotFound("link")
    user_id = session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
        .returning(OneTimeLink.user_id)
    ).scalar_one_or_none()
    if user_id is None:
        raise NotFound("link")
    session.execute(update(User).where(User.id == user_id).values(password_hash=new))
    end_sessions(session, user_id, now)
    ended = end_all_tokens(session, user_id, now)
    subject = ("user", user_id)
    record(session, Actor(user_id), "password.set", subject, now, after={"tokens_ended": ended})
    return user_id
