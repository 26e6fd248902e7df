"""The delivery log: messages with their recipients, for who may read it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.infra.outbox import DEAD, Outbox
from booking.reservations.models import Reservation

# People a search in the log may stand for; more would say nothing.
MOST_RECIPIENTS = 200


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What the delivery log is narrowed to; empty: everything."""

    state: str = ""
    kind: str = ""
    recipient: str = ""


def visible_messages(actor: Actor, wanted: LogFilter) -> Select[Outbox, str, str]:
    """Return the delivery log as far as `actor` may read it, newest first: row, name, address."""
    query = (
        select(Outbox, User.name, User.email)
        .outerjoin(User, User.id == Outbox.recipient_id)
        .order_by(Outbox.id.desc())
    )
    if not may(actor, "messages.read"):
        return query.where(false())
    if wanted.state:
        query = query.where(Outbox.state == wanted.state)
    if wanted.kind:
        query = query.where(Outbox.kind == wanted.kind)
    if wanted.recipient:
        query = query.where(Outbox.recipient_id.in_(_people(wanted.recipient)))
    return query


def visible_message(
    session: Session, actor: Actor, outbox_id: int
) -> tuple[Outbox, str, str] | None:
    """Return one message of the log with its recipient's name and address. One query."""
    query = visible_messages(actor, LogFilter()).where(Outbox.id == outbox_id)
    row = session.execute(query).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def references(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """Return what people call each of these reservations: id → reference. One query."""
    wanted = set(ids)
    query = select(Reservation.id, Reservation.reference).where(Reservation.id.in_(wanted))
    return {row.id: row.reference for row in session.execute(query)} if wanted else {}


def dead_count(session: Session) -> int:
    """Return how many messages were given up, counted to 100."""
    some = select(Outbox.id).where(Outbox.state == DEAD).limit(100).subquery()
    return session.execute(select(func.count()).select_from(some)).scalar_one()


def _people(words: str) -> Select[int]:
    wanted = words.strip().lower()
    found = or_(
        User.email.contains(wanted, autoescape=True),
        func.lower(User.name).contains(wanted, autoescape=True),
    )
    return select(User.id).where(found).order_by(User.id).limit(MOST_RECIPIENTS)
