"""The outbox: messages written in the transaction of the fact they report, sent later, once.

Rows, enqueueing and voiding are here; claims and their ends are in `infra.claims`. Texts are
rendered by `reminders` at delivery and sent by `infra.mail`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import cast

from sqlalchemy import (
    Index,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    bindparam,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from booking.core.period import from_epoch
from booking.infra.db import Base, BigInt, Instant, run

PENDING, CLAIMED, SENT, VOID, MISSED, DEAD = "pending", "claimed", "sent", "void", "missed", "dead"
AT_ONCE = from_epoch(0)
# Recipient without an account: the address stands in what the message is about.
STRANGER = 0
FEW = 8  # messages that PostgreSQL is sent in one statement
STATES = (PENDING, CLAIMED, SENT, VOID, MISSED, DEAD)


class Outbox(Base):
    """One message to one person by one channel."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        # claim: what is due and not yet sent, oldest first
        Index("ix_outbox_due", "next_try_at"),
        # void and show: the messages of one reservation
        Index("ix_outbox_subject", "subject_ref"),
        # the operator's log, newest first: what failed; what one person was sent
        Index("ix_outbox_state", "state", "id"),
        Index("ix_outbox_recipient", "recipient_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    recipient_id: Mapped[int] = mapped_column(BigInt)
    channel: Mapped[str] = mapped_column(Text)
    subject_ref: Mapped[str] = mapped_column(Text)
    parameters: Mapped[str] = mapped_column(Text, default="{}")
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    useful_until: Mapped[datetime | None] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(Text, default=PENDING)
    attempts: Mapped[int] = mapped_column(BigInt, default=0)
    # When to look at it again: due, back-off over, or the lease of a claim at its end. NULL once
    # nothing more will be tried.
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    claimed_until: Mapped[datetime | None] = mapped_column(Instant)
    claim_token: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str | None] = mapped_column(Text)


# Built once, for each engine: messages are part of every booking.
_INSERT = {
    engine.dialect.name: engine.insert(Outbox.__table__).on_conflict_do_nothing(
        index_elements=["dedupe_key"]
    )
    for engine in (postgresql, sqlite)
}


_VOID = (
    update(cast(Table, Outbox.__table__))
    .where(Outbox.subject_ref == bindparam("ref"))
    .where(Outbox.kind.in_(bindparam("kinds", expanding=True)))
    .where(Outbox.state.in_((PENDING, CLAIMED)))
    .values(state=VOID, next_try_at=None)
)


@dataclass(frozen=True, slots=True)
class Message:
    """What to enqueue. `parameters` is JSON text with what the fact alone cannot tell later."""

    dedupe_key: str
    kind: str
    recipient_id: int
    subject_ref: str
    due_at: datetime
    useful_until: datetime | None = None
    parameters: str = "{}"
    channel: str = "mail"


def enqueue(session: Session, messages: Iterable[Message], now: datetime) -> None:
    """Write the messages in the caller's transaction; a dedupe key already there is left alone.

    One statement, whatever their number.
    """
    rows = [
        {
            "dedupe_key": m.dedupe_key,
            "kind": m.kind,
            "recipient_id": m.recipient_id,
            "channel": m.channel,
            "subject_ref": m.subject_ref,
            "parameters": m.parameters,
            "created_at": now,
            "due_at": m.due_at,
            "useful_until": m.useful_until,
            "state": PENDING,
            "attempts": 0,
            # Due at once means whatever the database's clock says of ours; and it goes first.
            "next_try_at": m.due_at if m.due_at > now else AT_ONCE,
        }
        for m in messages
    ]
    if not rows:
        return
    engine = session.get_bind().dialect.name
    if engine == "postgresql" and len(rows) <= FEW:
        together = {f"{name}_{n}": row[name] for n, row in enumerate(rows) for name in row}
        run(session, _insert_together(len(rows), tuple(rows[0])), together)
    else:
        run(session, _INSERT[engine], rows)


@lru_cache(maxsize=FEW)
def _insert_together(count: int, names: tuple[str, ...]) -> TextClause:
    """Return one INSERT of so many rows; sent apart, each costs PostgreSQL a round trip.

    As text: SQLAlchemy compiles an INSERT of several rows anew each time it is run.
    """
    columns = Outbox.__table__.c
    rows = [[f"{name}_{n}" for name in names] for n in range(count)]
    values = ", ".join(f"({', '.join(f':{name}' for name in row)})" for row in rows)
    statement = text(
        f"INSERT INTO outbox ({', '.join(names)}) VALUES {values} "  # noqa: S608 - our own words
        "ON CONFLICT (dedupe_key) DO NOTHING"
    )
    return statement.bindparams(
        *(
            bindparam(key, type_=columns[name].type)
            for row in rows
            for key, name in zip(row, names, strict=True)
        )
    )


def void(session: Session, subject_ref: str, kinds: tuple[str, ...]) -> None:
    """Void the unsent messages of these kinds about `subject_ref`: their fact no longer holds."""
    run(session, _VOID, {"ref": subject_ref, "kinds": kinds})
