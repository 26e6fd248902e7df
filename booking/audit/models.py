"""Audit rows and the personal text kept beside them; both refuse UPDATE (infra.ddl)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class Audit(Base):
    """One change: who, what, on which row, before and after (JSON, no personal text)."""

    __tablename__ = "audit"
    # the history of one thing, newest first
    __table_args__ = (Index("ix_audit_subject", "subject_type", "subject_id", "id"),)

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


class AuditPersonal(Base):
    """Free text (reasons, names) of an audit row; deleting it breaks nothing."""

    __tablename__ = "audit_personal"

    audit_id: Mapped[int] = mapped_column(BigInt, ForeignKey("audit.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
