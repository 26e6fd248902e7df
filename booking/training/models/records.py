"""How far a person is with a course, and the evidence given for it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant

OPEN = text("state = 'open'")


class Record(Base):
    """One person on the way through one course; done once every step is."""

    __tablename__ = "training_record"
    __table_args__ = (
        CheckConstraint("state IN ('open','done','refused')", name="state"),
        # one at a time of each course
        Index(
            "uq_training_record_open", "course_id", "user_id", unique=True,
            sqlite_where=OPEN, postgresql_where=OPEN,
        ),
        Index("ix_training_record_user", "user_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    course_id: Mapped[int] = mapped_column(BigInt, ForeignKey("training_course.id"))
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    state: Mapped[str] = mapped_column(Text, default="open")
    opened_at: Mapped[datetime] = mapped_column(Instant)
    attended_at: Mapped[datetime | None] = mapped_column(Instant)
    quiz_passed_at: Mapped[datetime | None] = mapped_column(Instant)
    requested_at: Mapped[datetime | None] = mapped_column(Instant)  # to be signed off
    request_note: Mapped[str] = mapped_column(Text, default="")
    extra_attempts: Mapped[int] = mapped_column(BigInt, default=0)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    decision_note: Mapped[str] = mapped_column(Text, default="")


class Evidence(Base):
    """A file given with a request to sign off."""

    __tablename__ = "training_evidence"
    __table_args__ = (Index("ix_training_evidence_record", "record_id"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    record_id: Mapped[int] = mapped_column(BigInt, ForeignKey("training_record.id"))
    file_id: Mapped[int] = mapped_column(BigInt, ForeignKey("stored_file.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
