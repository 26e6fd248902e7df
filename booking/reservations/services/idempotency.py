"""Idempotency-Keys: claimed first, kept in the transaction of what they made.

What a key has made is a reservation, a group, or an entry of a draw (`MADE`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.core.errors import WrongState
from booking.infra.db import run
from booking.reservations.models import Idempotency

MADE = ("reservation_id", "group_id", "draw_entry_id")

_REMEMBERED = select(Idempotency.body_hash, *(getattr(Idempotency, what) for what in MADE)).where(
    Idempotency.user_id == bindparam("user_id"), Idempotency.key == bindparam("key")
)
_CLAIM = {
    engine.dialect.name: engine.insert(Idempotency.__table__)
    .on_conflict_do_nothing()
    .returning(Idempotency.key)
    for engine in (postgresql, sqlite)
}
_MINE = (Idempotency.user_id == bindparam("person"), Idempotency.key == bindparam("said"))
_KEEP = {
    what: update(cast(Table, Idempotency.__table__)).where(*_MINE).values(**{what: bindparam("it")})
    for what in MADE
}


class EnteredBefore(Exception):
    """The key has entered a draw before: whatever became of that is the answer."""

    def __init__(self, entry_id: int) -> None:
        super().__init__(entry_id)
        self.entry_id = entry_id


@dataclass(frozen=True, slots=True)
class Key:
    """Whose key it is, the key, and the hash of the body it was sent with."""

    user_id: int
    key: str
    body_hash: str


def made_before(session: Session, key: Key, what: str) -> int | None:
    """Return what of `MADE` (`what`) this key made, if any.

    Raises WrongState("idempotency_mismatch") on another body, EnteredBefore when it entered a draw.
    """
    row = run(session, _REMEMBERED, {"user_id": key.user_id, "key": key.key}).one_or_none()
    if row is None:
        return None
    if row.body_hash != key.body_hash:
        raise WrongState("idempotency_mismatch")
    if row.draw_entry_id is not None:
        raise EnteredBefore(row.draw_entry_id)
    found: int | None = getattr(row, what)
    return found


def claim_key(session: Session, key: Key, what: str, now: datetime) -> int | None:
    """Return what the key made before, or claim it: the first lock of the lock order."""
    values: dict[str, Any] = {
        "user_id": key.user_id, "key": key.key, "body_hash": key.body_hash, "created_at": now,
    }  # fmt: skip
    claimed = run(session, _CLAIM[session.get_bind().dialect.name], values).scalar()
    # Else it is there, or a twin of this request has committed while we waited for its row.
    return None if claimed else made_before(session, key, what)


def keep_key(session: Session, key: Key, what: str, made: int) -> None:
    """Note what the claimed key has made."""
    run(session, _KEEP[what], {"person": key.user_id, "said": key.key, "it": made})
