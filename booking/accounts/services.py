"""Signing in and out, passwords, tokens, invitations."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from booking.accounts.models import ApiToken, OneTimeLink, User, UserSession
from booking.accounts.queries import usable_link, user_by_email
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState
from booking.infra.passwords import Hashed, hash_password, verify_password
from booking.infra.secret import new_token, token_hash

SCOPES = ("read", "book", "approve")
MIN_PASSWORD = 8  # ASVS V6.2.1
MAX_PASSWORD = 200
OPERATOR = "operator"  # the only park_role
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
    before, after = {"park_role": user.park_role}, {"park_role": OPERATOR}
    user.park_role = OPERATOR
    record(session, actor, "user.make_operator", ("user", user.id), now, before=before, after=after)


def take_operator(session: Session, actor: Actor, user: User, now: datetime) -> None:
    """Take the operator role from a person. Raises as `keep_an_operator`."""
    keep_an_operator(session, actor, user.id)
    before, after = {"park_role": user.park_role}, {"park_role": None}
    user.park_role = None
    record(session, actor, "user.take_operator", ("user", user.id), now, before=before, after=after)


def keep_an_operator(session: Session, actor: Actor, without: int) -> None:
    """Raise WrongState `last_operator` unless an operator other than `without` can sign in.

    The operators are locked, so that two of them cannot end each other at once: who has lost the
    role meanwhile gets NotFound.
    """
    operators = session.scalars(
        select(User)
        .where(User.park_role == OPERATOR, User.retired_at.is_(None))
        .order_by(User.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    if actor.user_id not in [user.id for user in operators]:
        raise NotFound("operator")
    if not any(user.password_hash and user.id != without for user in operators):
        raise WrongState("last_operator")


def restore_user(session: Session, actor: Actor | None, user: User, now: datetime) -> None:
    """Let a retired person sign in again, with the password they had."""
    user.retired_at = None
    record(session, actor, "user.restore", ("user", user.id), now)


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


def end_sessions(session: Session, user_id: int, now: datetime) -> None:
    """End every session of a person on the server."""
    session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_all_tokens(session: Session, user_id: int, now: datetime) -> int:
    """Revoke every API token of a person; return how many worked until now."""
    ended = session.scalars(
        update(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiToken.expires_at)
    ).all()
    return sum(expires is None or expires > now for expires in ended)


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


def _refuse_unfit(email: str, password: str) -> None:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid(
            "password_length", field="new_password", limit=MIN_PASSWORD, most=MAX_PASSWORD
        )
    if password.lower() in {email, email.split("@")[0], "password", "12345678"}:
        raise Invalid("password_guessable", field="new_password")


def _one_line(text: str) -> str:
    return " ".join(text.split())
