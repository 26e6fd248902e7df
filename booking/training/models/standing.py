"""Appeals against the suspension of a qualification."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant

UNANSWERED = text("answered_at IS NULL")


class Appeal(Base):
    """What a person says against a suspension, and what was answered."""

    __tablename__ = "qualification_appeal"
    __table_args__ = (
        # one at a time
        Index(
            "uq_qualification_appeal_open", "qualification_id", unique=True,
            sqlite_where=UNANSWERED, postgresql_where=UNANSWERED,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    qualification_id: Mapped[int] = mapped_column(BigInt, ForeignKey("qualification.id"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(Text, default="")
    lifted: Mapped[int] = mapped_column(BigInt, default=0)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
