"""Reminders of qualifications that end: each once, some days before."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.infra.outbox import Message, Outbox, enqueue
from booking.training.queries.passport import AT_ONCE, ending
from booking.training.rules.courses import reminder_days

KIND = "qualification_ends"


def due_reminders(session: Session, days: tuple[int, ...], now: datetime) -> list[Message]:
    """Return the reminders nobody was sent yet. Two queries, one more for every 500."""
    if not days:
        return []
    messages = []
    for row in ending(session, now, timedelta(days=max(days))):
        until = row.valid_until
        day = reminder_days(until - now, days) if until is not None else None
        if until is not None and day is not None:
            messages.append(
                Message(
                    # One that is granted anew has another id, and another end.
                    dedupe_key=f"qualification:{row.id}:{KIND}:{int(until.timestamp())}:{day}",
                    kind=KIND, recipient_id=row.user_id, subject_ref=f"qualification:{row.id}",
                    due_at=now, useful_until=until,
                )
            )  # fmt: skip
    told = _told(session, [message.dedupe_key for message in messages])
    return [message for message in messages if message.dedupe_key not in told]


def remind(session: Session, days: tuple[int, ...], now: datetime) -> int:
    """Return how many reminders were written; the outbox takes each of them once."""
    messages = due_reminders(session, days, now)
    enqueue(session, messages, now)
    return len(messages)


def _told(session: Session, keys: list[str]) -> set[str]:
    found: set[str] = set()
    for first in range(0, len(keys), AT_ONCE):
        query = select(Outbox.dedupe_key).where(
            Outbox.dedupe_key.in_(keys[first : first + AT_ONCE])
        )
        found |= set(session.scalars(query))
    return found
