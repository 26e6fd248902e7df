"""Passwords forgotten: noted by the page in the same way for all, looked into by a job."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking.accounts.models import ResetRequest
from booking.accounts.queries.signing_in import user_by_email
from booking.accounts.services import links
from booking.accounts.services.notices import RESET_PASSWORD, notify
from booking.audit.services import record
from booking.infra.outbox import void

# The page that takes the token; `services` know no routes, so the caller says how a path is made.
PathOf = Callable[[str], str]
BATCH = 50


def ask_reset(session: Session, email: str, address: str, now: datetime) -> None:
    """Note that somebody forgot the password of this address: one insert, known or not."""
    session.add(ResetRequest(email=email.strip().lower()[:254], address=address, created_at=now))


def send_resets(session: Session, path_of: PathOf, now: datetime) -> int:
    """Send a link to each person whose password was told forgotten; return how many were sent.

    Takes the oldest requests away, each by one process alone; those of addresses nobody here has,
    or of people who have left, come to nothing.
    """
    taken = session.execute(
        delete(ResetRequest)
        .where(ResetRequest.id <= _last_of_batch(session))
        .returning(ResetRequest.email, ResetRequest.address)
    ).all()
    asked = {row.email: row.address for row in taken}
    return sum(_send(session, email, address, path_of, now) for email, address in asked.items())


def life() -> timedelta:
    """Return how long a link to a new password or address works."""
    minutes = int(current_app.config["RESET_MINUTES"])
    return min(timedelta(minutes=minutes), links.LONGEST_RESET)


def _send(session: Session, email: str, address: str, path_of: PathOf, now: datetime) -> bool:
    person = user_by_email(session, email)
    if person is None or person.retired_at is not None:
        return False
    token = links.new_link(session, person.id, links.RESET_PASSWORD, life(), now)
    void(session, f"user:{person.id}", (RESET_PASSWORD,))
    notify(session, person.id, RESET_PASSWORD, now, life(), path=path_of(token), address=address)
    record(session, None, "password.reset_asked", ("user", person.id), now)
    return True


def _last_of_batch(session: Session) -> int:
    ids = session.scalars(select(ResetRequest.id).order_by(ResetRequest.id).limit(BATCH)).all()
    return ids[-1] if ids else 0
