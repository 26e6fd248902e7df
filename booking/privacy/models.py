"""The privacy policy by version, who agreed to which, and requests to be erased."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant

_OPEN = text("state = 'asked'")


class Policy(Base):
    """One version of the privacy policy; the highest is the one in force."""

    __tablename__ = "privacy_policy"
    __table_args__ = (UniqueConstraint("version"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    version: Mapped[int] = mapped_column(BigInt)
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text, default="")
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))


class Consent(Base):
    """That a person agreed to a version of the policy, and when."""

    __tablename__ = "privacy_consent"

    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInt, primary_key=True)
    agreed_at: Mapped[datetime] = mapped_column(Instant)


class Erasure(Base):
    """A person's request to be erased: asked, then withdrawn, refused with a reason, or done."""

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint("state IN ('asked','withdrawn','refused','done')", name="state"),
        # one open request a person; what is due
        Index(
            "uq_erasure_open", "user_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
        Index("ix_erasure_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    state: Mapped[str] = mapped_column(Text, default="asked")
    asked_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)  # NULL: when the operator does it
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(Text)  # of a refusal
