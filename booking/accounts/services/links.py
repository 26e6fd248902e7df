"""One-use links that set a password, asked for by its owner or made by the park."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from booking.accounts.models import OneTimeLink, User
from booking.accounts.queries.signing_in import usable_link
from booking.accounts.services.notices import PASSWORD_CHANGED, notify
from booking.accounts.services.sessions import end_sessions
from booking.accounts.services.steps import end_steps
from booking.accounts.services.tokens import end_all_tokens
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.infra.passwords import Hashed
from booking.infra.secret import new_token, token_hash

SET_PASSWORD = "set_password"  # noqa: S105 - the name of a purpose
RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a purpose
CHANGE_EMAIL = "change_email"
LONGEST_RESET = timedelta(hours=1)  # ASVS V6.4.1, whatever the setting says


def create_link(session: Session, user_id: int, hours: int, now: datetime) -> str:
    """Return the token of a new one-use set-password link; older ones of the person end."""
    return new_link(session, user_id, SET_PASSWORD, timedelta(hours=hours), now)


def new_link(
    session: Session,
    user_id: int,
    purpose: str,
    life: timedelta,
    now: datetime,
    detail: str | None = None,
) -> str:
    """Return the token of a new one-use link; older ones of the person and purpose end."""
    session.execute(
        delete(OneTimeLink).where(
            OneTimeLink.user_id == user_id,
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
        )
    )
    token = new_token()
    session.add(
        OneTimeLink(
            token_hash=token_hash(token), user_id=user_id, purpose=purpose, detail=detail,
            created_at=now, expires_at=now + life,
        )
    )  # fmt: skip
    return token


def password_link(session: Session, token: str, now: datetime) -> OneTimeLink | None:
    """Return the usable link of this token that sets a password, of either kind, else None."""
    found = usable_link(session, token, SET_PASSWORD, now)
    return found or usable_link(session, token, RESET_PASSWORD, now)


def use_link(session: Session, link: OneTimeLink, now: datetime) -> None:
    """Use a link up: of two who come at once one gets NotFound."""
    taken = session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
        .returning(OneTimeLink.id)
    ).scalar_one_or_none()
    if taken is None:
        raise NotFound("link")


def end_links(session: Session, user_id: int, now: datetime) -> None:
    """End every unused link of a person: what proved them before proves nothing any more."""
    session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.user_id == user_id, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
    )


def set_password_by_link(session: Session, token: str, new: Hashed, now: datetime) -> int:
    """Return the id of the person whose password was set; the link is used up.

    Whoever asks for a link may have lost more than the password: every session, API token and
    other link of the person ends, and a letter tells. `new` is of `fit_hash`.
    Raises NotFound for a used, expired or unknown link.
    """
    link = password_link(session, token, now)
    if link is None:
        raise NotFound("link")
    use_link(session, link, now)
    user_id, how = link.user_id, link.purpose
    person = session.get_one(User, user_id)
    first, person.password_hash = person.password_hash is None, new
    end_links(session, user_id, now)
    end_steps(session, user_id)
    end_sessions(session, user_id, now)
    ended = end_all_tokens(session, user_id, now)
    subject = ("user", user_id)
    after = {"tokens_ended": ended, "by": how}
    record(session, Actor(user_id), "password.set", subject, now, after=after)
    if not first:
        notify(session, user_id, PASSWORD_CHANGED, now)
    return user_id
