"""Audit rows, their seals, and the personal text kept beside them (guards: infra.ddl)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class Audit(Base):
    """One change: who, from where, what, on which row, before and after (no personal text)."""

    __tablename__ = "audit"
    __table_args__ = (
        # the history of one thing, newest first
        Index("ix_audit_subject", "subject_type", "subject_id", "id"),
        # the operator's list, newest first; what one person did
        Index("ix_audit_at", "at", "id"),
        Index("ix_audit_actor", "actor_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    # No foreign key: the row outlives the person it names.
    actor_id: Mapped[int | None] = mapped_column(BigInt)
    action: Mapped[str] = mapped_column(Text)
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int] = mapped_column(BigInt)
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    personal_hash: Mapped[str | None] = mapped_column(Text)
    via: Mapped[str | None] = mapped_column(Text)  # page, token, command; NULL: the system
    address: Mapped[str | None] = mapped_column(Text)


class AuditPersonal(Base):
    """Free text (reasons, names) of an audit row; deleting it breaks nothing."""

    __tablename__ = "audit_personal"

    audit_id: Mapped[int] = mapped_column(BigInt, ForeignKey("audit.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)


class AuditSeal(Base):
    """A link of the chain: the hash of one audit row and of the link before.

    In the order of sealing, which need not be that of ids: rows are sealed once they are committed.
    No foreign key: checking it would make PostgreSQL write to every audit row again.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (UniqueConstraint("audit_id"),)

    seal_no: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    audit_id: Mapped[int] = mapped_column(BigInt)
    prev_hash: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
