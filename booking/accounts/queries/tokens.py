"""Reads of people's API tokens; of a token itself nothing is kept that could show it again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import ApiToken
from booking.core.actor import Actor


def works(now: Any) -> ColumnElement[bool]:
    """Return the condition on ApiToken: it was not ended, and has not run out at `now`."""
    runs = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now)
    return and_(ApiToken.revoked_at.is_(None), runs)


def visible_tokens(session: Session, actor: Actor, now: datetime) -> list[ApiToken]:
    """Return the actor's own tokens that work, newest first. One query."""
    return list(
        session.scalars(
            select(ApiToken)
            .where(ApiToken.user_id == actor.user_id, works(now))
            .order_by(ApiToken.id.desc())
        )
    )


@dataclass(frozen=True, slots=True)
class TokenUse:
    """How many tokens of a person work, and when one of them was used last."""

    count: int
    last_used_at: datetime | None


def token_use(session: Session, user_id: int, now: datetime) -> TokenUse:
    """Return how a person uses tokens. One query."""
    row = session.execute(
        select(func.count(ApiToken.id), func.max(ApiToken.last_used_at)).where(
            ApiToken.user_id == user_id, works(now)
        )
    ).one()
    return TokenUse(*row)
