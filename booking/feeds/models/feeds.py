"""Private addresses at which a calendar can be fetched."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class CalendarFeed(Base):
    """A feed of one person: of their own, or of a company, lab or unit (`subject_id`).

    Its address is a secret of 256 random bits, of which the row has only the hash; who knows it
    reads what its owner may read at that moment. `detail` is full, or busy: times without names.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'own' AND subject_id IS NULL) OR "
            "(kind IN ('company','lab','unit') AND subject_id IS NOT NULL)",
            name="subject",
        ),
        CheckConstraint("detail IN ('full','busy')", name="detail"),
        UniqueConstraint("token_hash"),
        # the person's own list
        Index("ix_calendar_feed_user", "user_id"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int | None] = mapped_column(BigInt)
    detail: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    renewed_at: Mapped[datetime] = mapped_column(Instant)  # when its address was last made
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
