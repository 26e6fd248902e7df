"""Letters to a person about their own account; `reminders` writes them when they are sent."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from booking.infra.outbox import Message, enqueue
from booking.infra.secret import new_token

NEW_SIGN_IN, FACTORS_CHANGED = "new_sign_in", "factors_changed"
WAYS_CHANGED = "ways_changed"
WRONG_FACTORS, FACTOR_NEEDED = "wrong_factors", "factor_needed"
ERASURE_REFUSED = "erasure_refused"
TOKEN_MADE = "token_made"  # noqa: S105 - the name of a letter
PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a letter
RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a letter
CONFIRM_EMAIL, EMAIL_CHANGED = "confirm_email", "email_changed"


def notify(
    session: Session, user_id: int, kind: str, now: datetime, useful: timedelta | None = None,
    **told: Any,
) -> None:  # fmt: skip
    """Enqueue a letter; `told` is what it says, `to` another address than the person's own."""
    about = f"user:{user_id}"
    message = Message(
        dedupe_key=f"{about}:{kind}:{new_token()}", kind=kind, recipient_id=user_id,
        subject_ref=about, due_at=now, useful_until=now + useful if useful else None,
        parameters=json.dumps({"at": int(now.timestamp()), **told}),
    )  # fmt: skip
    enqueue(session, [message], now)
