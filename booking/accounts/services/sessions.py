"""Signed-in browsers: begun, used, ended."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.accounts.models import UserSession
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.core.text import one_line
from booking.infra.secret import new_token, token_hash


def start_session(
    session: Session,
    user_id: int,
    address: str,
    user_agent: str,
    now: datetime,
    how: str = "",
    device_hash: str = "",
) -> str:
    """Return the token of a new session row; every sign-in gets a new one.

    Pages sign in through `services.entering`, which asks for the second factor first.
    """
    token = new_token()
    session.add(
        UserSession(
            token_hash=token_hash(token), user_id=user_id, created_at=now, last_seen_at=now,
            proven_at=now, device_hash=device_hash,
            address=address[:64], user_agent=one_line(user_agent)[:200],
        )
    )  # fmt: skip
    after = {"how": how} if how else None
    record(session, Actor(user_id), "session.start", ("user", user_id), now, after=after)
    return token


def end_session(session: Session, actor: Actor, session_id: int, now: datetime) -> None:
    """End one session of the actor on the server: its cookie is worth nothing from now on.

    Raises NotFound for one that is not the actor's; one that ended before stays as it is.
    """
    row = session.get(UserSession, session_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound("session")
    if row.ended_at is not None:
        return
    row.ended_at = now
    record(session, actor, "session.end", ("user", actor.user_id), now)


def end_sessions(session: Session, user_id: int, now: datetime) -> None:
    """End every session of a person on the server."""
    session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_other_sessions(session: Session, actor: Actor, kept: int, now: datetime) -> int:
    """End every session of the actor but one; return how many were open."""
    ended = session.scalars(
        update(UserSession)
        .where(UserSession.user_id == actor.user_id, UserSession.id != kept)
        .where(UserSession.ended_at.is_(None))
        .values(ended_at=now)
        .returning(UserSession.id)
    ).all()
    subject, after = ("user", actor.user_id), {"ended": len(ended)}
    record(session, actor, "session.end_others", subject, now, after=after)
    return len(ended)


def prove_session(session: Session, actor: Actor, session_id: int, now: datetime, how: str) -> None:
    """Remember that the actor proved again just now who they are."""
    session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.user_id == actor.user_id)
        .values(proven_at=now)
    )
    after = {"how": how}
    record(session, actor, "session.prove", ("user", actor.user_id), now, after=after)


def touch_session(session: Session, session_id: int, now: datetime) -> None:
    """Remember that a session was just used."""
    session.execute(
        update(UserSession).where(UserSession.id == session_id).values(last_seen_at=now)
    )
