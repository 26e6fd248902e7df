"""Signing in and out, passwords, tokens, invitations."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from booking.accounts.models import ApiToken, OneTimeLink, User, UserSession
from booking.accounts.queries import usable_link, user_by_email
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound
from booking.infra.passwords import hash_password, verify_password
from booking.infra.secret import new_token, token_hash

SCOPES = ("read", "book", "approve")
MIN_PASSWORD = 8  # ASVS V6.2.1
MAX_PASSWORD = 200
SET_PASSWORD = "set_password"  # noqa: S105 - the name of a purpose


def check_password(session: Session, email: str, password: str) -> int | None:
    """Return the id of the active person with this address and password, else None.

    Does the same work for an unknown address, so that its time tells nothing. Only reads.
    """
    user = user_by_email(session, email)
    stored = user.password_hash if user is not None and user.retired_at is None else None
    matches = verify_password(stored, password)
    return user.id if matches and user is not None else None


def start_session(
    session: Session, user_id: int, address: str, user_agent: str, now: datetime
) -> str:
    """Return the token of a new session row; every sign-in gets a new one."""
    token = new_token()
    session.add(
        UserSession(
            token_hash=token_hash(token), user_id=user_id, created_at=now, last_seen_at=now,
            address=address[:64], user_agent=_one_line(user_agent)[:200],
        )
    )  # fmt: skip
    record(session, Actor(user_id), "session.start", ("user", user_id), now)
    return token


def end_session(session: Session, actor: Actor, session_id: int, now: datetime) -> None:
    """End one session of the actor on the server: its cookie is worth nothing from now on."""
    session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.user_id == actor.user_id)
        .where(UserSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    record(session, actor, "session.end", ("user", actor.user_id), now)


def change_password(session: Session, actor: Actor, current: str, new: str, now: datetime) -> None:
    """Set a new password and end every session of the person; the view starts a new one.

    Raises Invalid on field current_password or new_password.
    """
    user = session.get_one(User, actor.user_id)
    if not verify_password(user.password_hash, current):
        raise Invalid("wrong_password", field="current_password")
    _set_password(session, user, new, now)
    record(session, actor, "password.change", ("user", user.id), now)


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


def set_password_by_link(session: Session, token: str, password: str, now: datetime) -> int:
    """Return the id of the person whose password was set; the link is used up.

    Raises NotFound for a used, expired or unknown link, Invalid for a weak password.
    """
    link = usable_link(session, token, SET_PASSWORD, now)
    if link is None:
        raise NotFound("link")
    used = session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
        .returning(OneTimeLink.user_id)
    ).scalar_one_or_none()
    if used is None:
        raise NotFound("link")
    user = session.get_one(User, used)
    _set_password(session, user, password, now)
    record(session, Actor(user.id), "password.set", ("user", user.id), now)
    return user.id


def create_user(
    session: Session, actor: Actor | None, email: str, name: str, now: datetime, phone: str = ""
) -> User:
    """Return a new person without a password. Raises Invalid when the address is taken or unfit."""
    address = email.strip().lower()
    if not 3 <= len(address) <= 254 or address.count("@") != 1 or any(c.isspace() for c in address):
        raise Invalid("not_an_address", field="email", actual=email)
    if user_by_email(session, address) is not None:
        raise Invalid("address_taken", field="email", actual=address)
    user = User(
        email=address, name=_one_line(name).strip() or address, created_at=now,
        phone=_one_line(phone),
    )  # fmt: skip
    session.add(user)
    session.flush()
    record(session, actor, "user.create", ("user", user.id), now)
    return user


def make_operator(session: Session, actor: Actor | None, user: User, now: datetime) -> None:
    """Give a person the park's operator role."""
    user.park_role = "operator"
    record(session, actor, "user.make_operator", ("user", user.id), now)


def create_token(
    session: Session, actor: Actor | None, user_id: int, scopes: tuple[str, ...], now: datetime
) -> str:
    """Return a new API token, shown this once. Raises Invalid on an unknown scope."""
    for scope in scopes:
        if scope not in SCOPES:
            raise Invalid("unknown_scope", field="scope", actual=scope, limit=", ".join(SCOPES))
    token = new_token()
    row = ApiToken(
        token_hash=token_hash(token), user_id=user_id, scopes=" ".join(scopes), created_at=now
    )
    session.add(row)
    record(session, actor, "token.create", ("user", user_id), now, after={"scopes": scopes})
    return token


def touch_session(session: Session, session_id: int, now: datetime) -> None:
    """Remember that a session was just used."""
    session.execute(
        update(UserSession).where(UserSession.id == session_id).values(last_seen_at=now)
    )


def touch_token(session: Session, token_id: int, now: datetime) -> None:
    """Remember that a token was just used."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now))


def set_locale(session: Session, actor: Actor, locale: str) -> None:
    """Keep the language a person chose."""
    session.execute(update(User).where(User.id == actor.user_id).values(locale=locale))


def _set_password(session: Session, user: User, password: str, now: datetime) -> None:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid(
            "password_length", field="new_password", limit=MIN_PASSWORD, most=MAX_PASSWORD
        )
    if password.lower() in {user.email, user.email.split("@")[0], "password", "12345678"}:
        raise Invalid("password_guessable", field="new_password")
    user.password_hash = hash_password(password)
    session.execute(
        update(UserSession)
        .where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
