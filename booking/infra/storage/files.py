"""Rows of kept files. The bytes are in a store, written and removed outside of transactions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, Text, delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from booking.infra.db import Base, BigInt, Instant

# What nothing has come to use by then was given up: a form left open, a process killed.
UNUSED_FOR = timedelta(days=2)


class StoredFile(Base):
    """A file somebody gave: its own name, our key. Past `goes_at` its bytes and it are removed."""

    __tablename__ = "stored_file"
    __table_args__ = (
        Index("ix_stored_file_user", "user_id"),  # a person's files, to export and to erase
        Index("ix_stored_file_goes", "goes_at"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInt)
    sha256: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    goes_at: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class NewFile:
    """What is written down of a file about to be kept."""

    key: str
    name: str
    content_type: str
    size_bytes: int
    sha256: str


def note(session: Session, file: NewFile, user_id: int | None, now: datetime) -> int:
    """Return the id of a file that goes in two days unless something uses it."""
    values = {
        "key": file.key, "name": file.name, "content_type": file.content_type,
        "size_bytes": file.size_bytes, "sha256": file.sha256, "user_id": user_id,
        "created_at": now, "goes_at": now + UNUSED_FOR,
    }  # fmt: skip
    made = insert(StoredFile).values(values).returning(StoredFile.id)
    return session.execute(made).scalar_one()


def use(session: Session, file_id: int) -> None:
    """Keep a file for as long as what uses it."""
    session.execute(update(StoredFile).where(StoredFile.id == file_id).values(goes_at=None))


def drop(session: Session, file_ids: list[int], now: datetime) -> None:
    """Let files go that nothing uses any more; a job removes bytes and rows."""
    if file_ids:
        gone = update(StoredFile).where(StoredFile.id.in_(file_ids)).values(goes_at=now)
        session.execute(gone)


def going(session: Session, now: datetime, limit: int) -> list[tuple[int, str]]:
    """Return ids and keys of files whose time is over, the oldest first. One query."""
    query = select(StoredFile.id, StoredFile.key).where(StoredFile.goes_at <= now)
    rows = session.execute(query.order_by(StoredFile.goes_at, StoredFile.id).limit(limit))
    return [(row.id, row.key) for row in rows]


def forget(session: Session, file_id: int, now: datetime) -> None:
    """Remove the row of a file whose bytes are gone."""
    gone = (StoredFile.id == file_id, StoredFile.goes_at <= now)
    session.execute(delete(StoredFile).where(*gone))
