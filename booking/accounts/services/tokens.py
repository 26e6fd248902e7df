"""API tokens: made, used, ended."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.accounts.models import ApiToken
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid
from booking.infra.secret import new_token, token_hash

SCOPES = ("read", "book", "approve")


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
