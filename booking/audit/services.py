"""Writing audit rows, in the transaction of the change they report."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from booking.audit.models import Audit, AuditPersonal
from booking.core.actor import Actor


def record(
    session: Session,
    actor: Actor | None,
    action: str,
    subject: tuple[str, int],
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Write one audit row; `actor` None is the system itself. One statement, two with a reason.

    `reason` is personal text: it is kept apart, the row holds only its salted hash (DESIGN §8).
    """
    salt = secrets.token_hex(16) if reason else None
    digest = hashlib.sha256(f"{salt}{reason}".encode()).hexdigest() if reason else None
    values = {
        "at": now,
        "actor_id": actor.user_id if actor else None,
        "action": action,
        "subject_type": subject[0],
        "subject_id": subject[1],
        "before": _json(before),
        "after": _json(after),
        "personal_hash": digest,
    }
    if not reason:
        session.execute(insert(Audit), [values])
        return
    audit_id = session.execute(insert(Audit).returning(Audit.id), [values]).scalar_one()
    session.execute(insert(AuditPersonal), [{"audit_id": audit_id, "salt": salt, "text": reason}])


def _json(values: Mapping[str, Any] | None) -> str | None:
    if values is None:
        return None
    return json.dumps(values, default=str, ensure_ascii=False, sort_keys=True)
