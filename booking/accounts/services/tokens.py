"""API tokens: made, used, ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.accounts.models import ApiToken
from booking.accounts.queries.tokens import token_use
from booking.accounts.rules.permissions import require
from booking.accounts.services.notices import TOKEN_MADE, notify
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState
from booking.core.text import one_line
from booking.infra.secret import new_token, token_hash

USUAL_SCOPES = ("read", "book", "approve")
SCOPES = (*USUAL_SCOPES, "export", "calendar")
MOST_TOKENS = 50  # of one person at a time
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class TokenWish:
    """What a token is to be: its name, what it may do, and for how many days; None: for ever."""

    name: str
    scopes: tuple[str, ...]
    days: int | None


def issue_token(
    session: Session, actor: Actor | None, user_id: int, wish: TokenWish, now: datetime
) -> str:
    """Return a new API token of a person, shown this once, and have them told by mail.

    Raises Invalid on name, scopes or days, WrongState("too_many_tokens").
    """
    name = one_line(wish.name)
    if len(name) > LONGEST_NAME:
        raise Invalid("too_long_text", field="name", limit=LONGEST_NAME)
    if not wish.scopes:
        raise Invalid("required", field="scopes")
    if token_use(session, user_id, now).count >= MOST_TOKENS:
        raise WrongState("too_many_tokens", limit=MOST_TOKENS)
    ends = now + timedelta(days=wish.days) if wish.days is not None else None
    token = create_token(session, actor, user_id, wish.scopes, now, name=name, expires_at=ends)
    until: dict[str, Any] = {"until": int(ends.timestamp())} if ends else {}
    notify(session, user_id, TOKEN_MADE, now, name=name, scopes=wish.scopes, **until)
    return token


def create_token(
    session: Session, actor: Actor | None, user_id: int, scopes: tuple[str, ...], now: datetime,
    *, name: str = "", expires_at: datetime | None = None,
) -> str:  # fmt: skip
    """Return a new API token, shown this once; without an actor it is of a program of the park's.

    Raises Invalid on an unknown scope.
    """
    for scope in scopes:
        if scope not in SCOPES:
            raise Invalid("unknown_scope", field="scope", actual=scope, limit=", ".join(SCOPES))
    token = new_token()
    row = ApiToken(
        token_hash=token_hash(token), user_id=user_id, scopes=" ".join(scopes), created_at=now,
        name=name, expires_at=expires_at, for_park=int(actor is None),
    )  # fmt: skip
    session.add(row)
    record(session, actor, "token.create", ("user", user_id), now, after={"scopes": scopes})
    return token


def end_token(session: Session, actor: Actor, token_id: int, now: datetime) -> None:
    """Revoke one token of the actor; one that has ended stays as it is. Raises NotFound."""
    row = session.get(ApiToken, token_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound("token")
    if row.revoked_at is None:
        row.revoked_at = now
        record(session, actor, "token.end", ("user", actor.user_id), now, after={"token": row.id})


def end_tokens_of(session: Session, actor: Actor, user_id: int, now: datetime) -> int:
    """Revoke every token of somebody, as the operator; return how many worked. Raises NotFound."""
    require(actor, "park.edit")
    ended = end_all_tokens(session, user_id, now)
    subject = ("user", user_id)
    record(session, actor, "token.end_all", subject, now, after={"tokens_ended": ended})
    return ended


def end_all_tokens(session: Session, user_id: int, now: datetime) -> int:
    """Revoke every API token of a person; return how many worked until now."""
    ended = session.scalars(
        update(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiToken.expires_at)
    ).all()
    return sum(expires is None or expires > now for expires in ended)


def touch_token(session: Session, token_id: int, now: datetime) -> None:
    """Remember that a token was just used."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now))
