"""Signed-in browsers: begun, used, ended."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.accounts.models import UserSession
from booking.audit.services import record
from booking.core.actor import Actor
from booking.infra.secret import new_token, token_hash


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


def end_sessions(session: Session, user_id: int, now: datetime) -> None:
    """End every session of a person on the server."""
    session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def touch_session(session: Session, session_id: int, now: datetime) -> None:
    """Remember that a session was just used."""
    session.execute(
        update(UserSession).where(UserSession.id == session_id).values(last_seen_at=now)
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
