"""Reads of people, sessions, tokens and of what a person is where."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import ApiToken, OneTimeLink, User, UserSession
from booking.infra.secret import token_hash


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person proven by a session or a token. `session_id` None: by a token."""

    user_id: int
    name: str
    email: str
    locale: str | None
    park_role: str | None
    session_id: int | None
    last_seen_at: datetime | None
    scopes: frozenset[str] | None
    token_id: int | None = None


def user_by_email(session: Session, email: str) -> User | None:
    """Return the person with this address, whatever its case; None if there is none."""
    return session.scalars(select(User).where(User.email == email.strip().lower())).one_or_none()


def signed_in_by_session(
    session: Session, token: str, now: datetime, idle_days: int, max_days: int
) -> SignedIn | None:
    """Return the person of a live session of an active account, else None. One query."""
    row = session.execute(
        select(UserSession, User)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.token_hash == token_hash(token),
            UserSession.ended_at.is_(None),
            UserSession.created_at > now - timedelta(days=max_days),
            UserSession.last_seen_at > now - timedelta(days=idle_days),
            User.retired_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    seen, user = row
    return SignedIn(
        user.id, user.name, user.email, user.locale, user.park_role, seen.id, seen.last_seen_at,
        None,
    )  # fmt: skip


def signed_in_by_token(session: Session, token: str, now: datetime) -> SignedIn | None:
    """Return the person of a live API token with its scopes, else None. One query."""
    row = session.execute(
        select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(
            ApiToken.token_hash == token_hash(token),
            ApiToken.revoked_at.is_(None),
            User.retired_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    api_token, user = row
    if api_token.expires_at is not None and api_token.expires_at <= now:
        return None
    return SignedIn(
        user.id, user.name, user.email, user.locale, user.park_role, None, api_token.last_used_at,
        frozenset(api_token.scopes.split()), api_token.id,
    )  # fmt: skip


def usable_link(session: Session, token: str, purpose: str, now: datetime) -> OneTimeLink | None:
    """Return the unused, unexpired link of an active person with this token, else None."""
    return session.scalars(
        select(OneTimeLink)
        .join(User, User.id == OneTimeLink.user_id)
        .where(
            User.retired_at.is_(None),
            OneTimeLink.token_hash == token_hash(token),
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
    ).one_or_none()
