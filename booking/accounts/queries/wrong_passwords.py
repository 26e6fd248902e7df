"""Wrong passwords typed for a person: those on record, and those of this hour."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import WrongPassword
from booking.audit.models import Audit

LOOKED_BACK = timedelta(days=30)
MOST = 10
WRONG = "sign_in.wrong_password"  # the audit's action


@dataclass(frozen=True, slots=True)
class WrongTries:
    """How many wrong passwords were typed within an hour, the last one when and from where."""

    last_at: datetime
    tries: int
    address: str


def wrong_tries(session: Session, user_id: int, email: str, now: datetime) -> list[WrongTries]:
    """Return those of the last 30 days for a person, newest first, at most ten. Two queries."""
    row = session.get(WrongPassword, email)
    running = [WrongTries(row.last_at, row.tries, row.address)] if row else []
    before = session.execute(
        select(Audit.at, Audit.after, Audit.address)
        .where(Audit.subject_type == "user", Audit.subject_id == user_id)
        .where(Audit.action == WRONG, Audit.at > now - LOOKED_BACK)
        .order_by(Audit.id.desc())
        .limit(MOST)
    )
    told = [
        WrongTries(at, json.loads(after or "{}").get("tries", 1), where or "")
        for at, after, where in before
    ]
    return (running + told)[:MOST]
