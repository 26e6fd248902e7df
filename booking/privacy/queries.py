"""Reads about a person's own data: what they agreed to, their requests, everything there is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, func, or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.audit.models import Audit, AuditPersonal
from booking.infra.db import Base
from booking.infra.storage.files import StoredFile
from booking.privacy.models import Erasure, Policy
from booking.reservations.models import Reservation, ReservationAnswer

MOST_ROWS = 20_000  # of one table, in an export
# Columns that name the person a row belongs to, rather than somebody who did something to it.
OWNER_COLUMNS = ("user_id", "recipient_id")
# What proves who somebody is leaves the database in no file.
SECRET_PARTS = ("hash", "token", "secret", "salt", "key", "challenge")


@dataclass(frozen=True, slots=True)
class Request:
    """A request to be erased, with whose it is."""

    id: int
    user_id: int
    name: str
    email: str
    state: str
    asked_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    reason: str | None


def policy_in_force(session: Session) -> Policy | None:
    """Return the newest policy, None where none was published. One query."""
    return session.scalars(select(Policy).order_by(Policy.version.desc()).limit(1)).one_or_none()


def open_request(session: Session, user_id: int) -> Erasure | None:
    """Return a person's request to be erased that is not done yet. One query."""
    query = select(Erasure).where(Erasure.user_id == user_id, Erasure.state == "asked")
    return session.scalars(query).one_or_none()


def last_refusal(session: Session, user_id: int) -> Erasure | None:
    """Return a person's newest request where it was refused. One query."""
    query = select(Erasure).where(Erasure.user_id == user_id).order_by(Erasure.id.desc()).limit(1)
    row = session.scalars(query).one_or_none()
    return row if row is not None and row.state == "refused" else None


def requests(session: Session, limit: int = 100) -> list[Request]:
    """Return the newest requests to be erased, the open ones first. One query."""
    query = (
        select(
            Erasure.id, Erasure.user_id, User.name, User.email, Erasure.state, Erasure.asked_at,
            Erasure.due_at, Erasure.done_at, Erasure.reason,
        )
        .join(User, User.id == Erasure.user_id)
        .order_by((Erasure.state != "asked"), Erasure.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [Request(*row) for row in session.execute(query)]


def asked_count(session: Session) -> int:
    """Return how many requests to be erased are open. One query."""
    query = select(func.count(Erasure.id)).where(Erasure.state == "asked")
    return session.execute(query).scalar_one()


def due_requests(session: Session, now: datetime) -> list[int]:
    """Return whose requests are due. One query."""
    query = select(Erasure.user_id).where(Erasure.state == "asked", Erasure.due_at <= now)
    return list(session.scalars(query.order_by(Erasure.due_at, Erasure.id)))


def tables_of_people() -> list[tuple[Table, Column[Any]]]:
    """Return every table with a column that names whose its rows are, by name of the table."""
    found = []
    for table in sorted(Base.metadata.tables.values(), key=lambda t: t.name):
        for name in OWNER_COLUMNS:
            if name in table.c:
                found.append((table, table.c[name]))
    return found


def data_of(session: Session, user_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return everything kept about a person, by table; no secrets. A query a table."""
    person = Base.metadata.tables["user_account"]
    found = {"user_account": _rows(session, person, person.c.id == user_id)}
    for table, column in tables_of_people():
        rows = _rows(session, table, column == user_id)
        if rows:
            found[table.name] = rows
    found |= _answers(session, user_id)
    audit = _audit(session, user_id)
    return found | ({"audit": audit} if audit else {})


def files_of(session: Session, user_id: int) -> list[StoredFile]:
    """Return the files a person gave. One query."""
    query = select(StoredFile).where(StoredFile.user_id == user_id).order_by(StoredFile.id)
    return list(session.scalars(query))


def _rows(session: Session, table: Table, where: Any) -> list[dict[str, Any]]:
    columns = [
        c for c in table.c
        if not any(part in c.name for part in SECRET_PARTS) and not isinstance(c.type, LargeBinary)
    ]  # fmt: skip
    query = select(*columns).where(where).order_by(*table.primary_key).limit(MOST_ROWS)
    return [dict(row) for row in session.execute(query).mappings()]


def _answers(session: Session, user_id: int) -> dict[str, list[dict[str, Any]]]:
    query = (
        select(ReservationAnswer.reservation_id, ReservationAnswer.answers)
        .join(Reservation, Reservation.id == ReservationAnswer.reservation_id)
        .where(Reservation.user_id == user_id)
        .order_by(Reservation.id)
        .limit(MOST_ROWS)
    )
    rows = [dict(row) for row in session.execute(query).mappings()]
    return {"reservation_answer": rows} if rows else {}


def _audit(session: Session, user_id: int) -> list[dict[str, Any]]:
    """Return what the person did, and what was done to their account."""
    about = Audit.subject_type.in_(("user", "user_account")) & (Audit.subject_id == user_id)
    query = (
        select(
            Audit.at, Audit.action, Audit.subject_type, Audit.subject_id, Audit.via, Audit.address,
            AuditPersonal.text.label("reason"),
        )
        .outerjoin(AuditPersonal, AuditPersonal.audit_id == Audit.id)
        .where(or_(Audit.actor_id == user_id, about))
        .order_by(Audit.id.desc())
        .limit(MOST_ROWS)
    )  # fmt: skip
    return [dict(row) for row in session.execute(query).mappings()]
