"""What is begun in a browser and must be finished soon, once: second factors, passkeys."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking.accounts.models import BegunStep
from booking.core.errors import WrongState
from booking.infra.secret import new_token, token_hash

SECOND_FACTOR = "second_factor"
PASSKEY_ADD, PASSKEY_SIGN_IN = "passkey_add", "passkey_sign_in"
PASSKEY_SECOND, PASSKEY_AGAIN = "passkey_second", "passkey_again"
MINUTES = 10  # to find the telephone; a passkey's challenge lives as long


def begin_step(
    session: Session, purpose: str, user_id: int | None, now: datetime, challenge: str = ""
) -> str:
    """Return the token of a new step, for the cookie. Steps that are over are swept away."""
    session.execute(delete(BegunStep).where(BegunStep.expires_at <= now))
    token = new_token()
    session.add(
        BegunStep(
            token_hash=token_hash(token), purpose=purpose, user_id=user_id, challenge=challenge,
            created_at=now, expires_at=now + timedelta(minutes=MINUTES),
        )
    )  # fmt: skip
    return token


def open_step(session: Session, token: str | None, purpose: str, now: datetime) -> BegunStep | None:
    """Return the step of this token and purpose that still runs, else None. Only reads."""
    return session.scalars(
        select(BegunStep).where(
            BegunStep.token_hash == token_hash(token or ""),
            BegunStep.purpose == purpose,
            BegunStep.expires_at > now,
        )
    ).one_or_none()


def take_step(
    session: Session, token: str | None, purpose: str, now: datetime
) -> tuple[int | None, str]:
    """Return a step's person and challenge and use it up: two who come at once, one gets it.

    Raises WrongState("step_over") for one used, over or unknown.
    """
    taken = session.execute(
        delete(BegunStep)
        .where(
            BegunStep.token_hash == token_hash(token or ""),
            BegunStep.purpose == purpose,
            BegunStep.expires_at > now,
        )
        .returning(BegunStep.user_id, BegunStep.challenge)
    ).one_or_none()
    if taken is None:
        raise WrongState("step_over")
    return taken.user_id, taken.challenge


def end_steps(session: Session, user_id: int) -> None:
    """End every step a person has begun: what proved them before proves nothing any more."""
    session.execute(delete(BegunStep).where(BegunStep.user_id == user_id))
