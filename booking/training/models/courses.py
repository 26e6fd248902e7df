"""Courses by which people qualify, their sessions, and who has a seat in one."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant

SEATED = ("seated", "passed", "failed", "absent")  # states that have a seat
STATES = (*SEATED, "waiting", "cancelled")
LIVE = text("state <> 'cancelled'")
_SEATED = ",".join(f"'{state}'" for state in SEATED)
_STATES = ",".join(f"'{state}'" for state in STATES)


class Course(Base):
    """How a lab qualifies people: at which level, for how long, and by which steps.

    It is for the pools of `training_course_pool`, or for every pool of a class.
    """

    __tablename__ = "training_course"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 9 AND valid_days >= 0", name="gives"),
        # nobody is qualified by nothing
        CheckConstraint("needs_session + needs_quiz + needs_signoff > 0", name="asks"),
        Index("ix_training_course_lab", "lab_id"),
        Index("ix_training_course_category", "category_code"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    lab_id: Mapped[int] = mapped_column(BigInt, ForeignKey("lab.id"))
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="")
    category_code: Mapped[str | None] = mapped_column(Text, ForeignKey("category.code"))
    level: Mapped[int] = mapped_column(BigInt)
    valid_days: Mapped[int] = mapped_column(BigInt, default=0)  # 0: for ever
    needs_session: Mapped[int] = mapped_column(BigInt, default=0)
    needs_quiz: Mapped[int] = mapped_column(BigInt, default=0)
    needs_signoff: Mapped[int] = mapped_column(BigInt, default=0)
    needs_evidence: Mapped[int] = mapped_column(BigInt, default=0)  # with the request to sign off
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class CoursePool(Base):
    """A pool for which a course qualifies."""

    __tablename__ = "training_course_pool"
    __table_args__ = (Index("ix_training_course_pool_pool", "pool_id"),)

    course_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("training_course.id"), primary_key=True
    )
    pool_id: Mapped[int] = mapped_column(BigInt, ForeignKey("pool.id"), primary_key=True)


class Training(Base):
    """One session of a course: when, where, with whom."""

    __tablename__ = "training_session"
    __table_args__ = (
        CheckConstraint("end_at > start_at AND seats > 0", name="not_empty"),
        Index("ix_training_session_course", "course_id", "start_at"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    course_id: Mapped[int] = mapped_column(BigInt, ForeignKey("training_course.id"))
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    seats: Mapped[int] = mapped_column(BigInt)
    place: Mapped[str] = mapped_column(Text, default="")
    trainer: Mapped[str] = mapped_column(Text, default="")  # who holds it, in words
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    cancelled_at: Mapped[datetime | None] = mapped_column(Instant)


class Seat(Base):
    """One seat of a session. There are as many rows as seats: no other one can be given away."""

    __tablename__ = "training_seat"

    session_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("training_session.id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(BigInt, primary_key=True)


class Signup(Base):
    """A person's place in a session: a seat, or a wait for one.

    A seat is one of `training_seat` and is nobody else's: sessions cannot be oversold.
    """

    __tablename__ = "training_signup"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint(f"(seat_no IS NOT NULL) = (state IN ({_SEATED}))", name="seat"),
        ForeignKeyConstraint(
            ["session_id", "seat_no"], ["training_seat.session_id", "training_seat.number"],
            name="fk_training_signup_seat",
        ),
        UniqueConstraint("session_id", "seat_no"),
        # one place a person
        Index(
            "uq_training_signup_person", "session_id", "user_id", unique=True,
            sqlite_where=LIVE, postgresql_where=LIVE,
        ),
        Index("ix_training_signup_user", "user_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    session_id: Mapped[int] = mapped_column(BigInt, ForeignKey("training_session.id"))
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    seat_no: Mapped[int | None] = mapped_column(BigInt)
    state: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))


class SessionHold(Base):
    """A closure by which a session holds a unit."""

    __tablename__ = "training_hold"

    session_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("training_session.id"), primary_key=True
    )
    closure_id: Mapped[int] = mapped_column(BigInt, ForeignKey("closure.id"), primary_key=True)
