"""What happened to a reservation, from its audit rows."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.audit.models import Audit, AuditPersonal

MOST = 200


@dataclass(frozen=True, slots=True)
class Event:
    """One change: when, by whom (None: the system), what, and its values before and after."""

    at: datetime
    by: str | None
    action: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str


def history_of(session: Session, reservation_id: int) -> list[Event]:
    """Return up to 200 changes of a reservation, newest first. One query."""
    rows = session.execute(
        select(Audit.at, User.name, Audit.action, Audit.before, Audit.after, AuditPersonal.text)
        .outerjoin(User, User.id == Audit.actor_id)
        .outerjoin(AuditPersonal, AuditPersonal.audit_id == Audit.id)
        .where(Audit.subject_type == "reservation", Audit.subject_id == reservation_id)
        .order_by(Audit.id.desc())
        .limit(MOST)
    )
    return [
        Event(at, name, action, _values(before), _values(after), reason or "")
        for at, name, action, before, after, reason in rows
    ]


def _values(text: str | None) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}
