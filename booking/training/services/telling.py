"""Messages about training and qualifications, in the transaction of what they report."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.queries.operators import operator_ids
from booking.companies.models import LabMember
from booking.companies.queries.duties import LEADING
from booking.infra.outbox import Message, enqueue


def tell(
    session: Session,
    kind: str,
    readers: Iterable[int],
    about: str,
    now: datetime,
    *,
    key: str = "",
) -> None:
    """Enqueue one message for each reader; the same kind, subject and `key` is told once.

    `about` is like `record:7`.
    """
    stamp = key or str(int(now.timestamp()))
    enqueue(
        session,
        [
            Message(
                dedupe_key=f"{about}:{kind}:{stamp}:{reader}", kind=kind, recipient_id=reader,
                subject_ref=about, due_at=now,
            )
            for reader in dict.fromkeys(readers)
        ],
        now,
    )  # fmt: skip


def managers_of(session: Session, lab_id: int) -> list[int]:
    """Return a lab's managers and deputies; the operators for a lab without any. Two queries."""
    query = (
        select(User.id)
        .join(LabMember, LabMember.user_id == User.id)
        .where(LabMember.lab_id == lab_id, LabMember.role.in_(LEADING))
        .where(User.retired_at.is_(None))
        .order_by(User.id)
    )
    return list(session.scalars(query)) or operator_ids(session)
