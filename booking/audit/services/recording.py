"""Writing audit rows, in the transaction of the change they report."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import Table, insert, inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.audit.models import Audit, AuditPersonal
from booking.audit.rules import personal_hash
from booking.core.actor import Actor
from booking.core.errors import Refusal
from booking.infra.db import Base, run

_INSERT = insert(cast(Table, Audit.__table__))
SYSTEM: Mapping[str, None] = MappingProxyType({"via": None, "address": None})


def from_where(session: Session, via: str, address: str = "") -> None:
    """Have the rows recorded in this session say from where: `via` is page, token or command.

    Called once, where a request or command begins; a job says nothing and is the system itself.
    """
    session.info["from_where"] = {"via": via, "address": address[:64] or None}


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
    values = {
        "at": now,
        "actor_id": actor.user_id if actor else None,
        "action": action,
        "subject_type": subject[0],
        "subject_id": subject[1],
        "before": _json(before),
        "after": _json(after),
        "personal_hash": personal_hash(salt, reason) if reason else None,
        **session.info.get("from_where", SYSTEM),
    }
    if not reason:
        run(session, _INSERT, values)
        return
    audit_id = run(session, _INSERT.returning(Audit.id), values).scalar_one()
    session.execute(insert(AuditPersonal), [{"audit_id": audit_id, "salt": salt, "text": reason}])


def add(
    session: Session, actor: Actor | None, row: Base, now: datetime, taken: Refusal | None = None
) -> None:
    """Insert `row` and record `<table>.create` with its values.

    Raises `taken` when a row with one of its unique values is there already.
    """
    session.add(row)
    _flush(session, taken)
    state = inspect(row)
    values = {c.key: state.dict.get(c.key) for c in state.mapper.column_attrs}
    given = {name: v for name, v in values.items() if v not in (None, "")}
    record(session, actor, f"{row.__tablename__}.create", _subject(row), now, after=given)


def change(
    session: Session,
    actor: Actor | None,
    row: Base,
    values: Mapping[str, Any],
    now: datetime,
    *,
    action: str = "edit",
    taken: Refusal | None = None,
) -> bool:
    """Set `values` on `row`, record `<table>.<action>` with what differed; return whether any did.

    Raises `taken` when a row with one of its unique values is there already.
    """
    old = {name: getattr(row, name) for name in values}
    different = [name for name, value in values.items() if old[name] != value]
    if not different:
        return False
    for name in different:
        setattr(row, name, values[name])
    _flush(session, taken)
    before = {name: old[name] for name in different}
    after = {name: values[name] for name in different}
    subject, verb = _subject(row), f"{row.__tablename__}.{action}"
    record(session, actor, verb, subject, now, before=before, after=after)
    return True


def _flush(session: Session, taken: Refusal | None) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        if taken is None:
            raise
        raise taken from error


def _subject(row: Base) -> tuple[str, int]:
    key = inspect(row).mapper.primary_key_from_instance(row)[0]
    return str(row.__tablename__), int(key)


def _json(values: Mapping[str, Any] | None) -> str | None:
    if values is None:
        return None
    return json.dumps(values, default=str, ensure_ascii=False, sort_keys=True)
