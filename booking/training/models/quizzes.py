"""A course's bank of questions, version by version, and how people answered."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class Quiz(Base):
    """A course's questions and how many of them must be right: one version of them."""

    __tablename__ = "training_quiz"
    __table_args__ = (
        CheckConstraint(
            "pass_percent BETWEEN 1 AND 100 AND asked > 0 AND attempts > 0", name="asks"
        ),
        UniqueConstraint("course_id", "version"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    course_id: Mapped[int] = mapped_column(BigInt, ForeignKey("training_course.id"))
    version: Mapped[int] = mapped_column(BigInt)
    questions: Mapped[str] = mapped_column(Text)  # as the lab wrote them; see rules.quizzes
    asked: Mapped[int] = mapped_column(BigInt)  # how many are drawn for each attempt
    pass_percent: Mapped[int] = mapped_column(BigInt)
    attempts: Mapped[int] = mapped_column(BigInt)
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class Attempt(Base):
    """One try of one person at one version: what was asked, answered, and how much was right."""

    __tablename__ = "training_attempt"
    __table_args__ = (
        UniqueConstraint("record_id", "number"),
        Index("ix_training_attempt_quiz", "quiz_id"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    record_id: Mapped[int] = mapped_column(BigInt, ForeignKey("training_record.id"))
    quiz_id: Mapped[int] = mapped_column(BigInt, ForeignKey("training_quiz.id"))
    number: Mapped[int] = mapped_column(BigInt)  # of the record, from 1
    drawn: Mapped[str] = mapped_column(Text)  # JSON: positions of the questions, in their order
    answers: Mapped[str | None] = mapped_column(Text)  # JSON: positions of choices, a list each
    percent: Mapped[int | None] = mapped_column(BigInt)
    passed: Mapped[int | None] = mapped_column(BigInt)
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
