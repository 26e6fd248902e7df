"""What was answered to a pool's own questions, and the files given with it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class ReservationAnswer(Base):
    """The answers of a reservation, to the version of the questions it was asked."""

    __tablename__ = "reservation_answer"

    reservation_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("reservation.id"), primary_key=True
    )
    questionnaire_id: Mapped[int] = mapped_column(BigInt, ForeignKey("questionnaire.id"))
    answers: Mapped[str] = mapped_column(Text)  # JSON: key -> text, number, or a file's id


class AnswerFile(Base):
    """A file given as an answer; without a reservation it is forgotten after a day."""

    __tablename__ = "answer_file"
    __table_args__ = (
        Index("ix_answer_file_created", "created_at"),
        Index("ix_answer_file_user", "user_id"),
        Index("ix_answer_file_reservation", "reservation_id"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    reservation_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("reservation.id"))
    filename: Mapped[str] = mapped_column(Text)
    file_id: Mapped[int] = mapped_column(BigInt, ForeignKey("stored_file.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
