"""Requests collected while a day opens fairly, and how they were ranked. They hold nothing."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant

_UNDECIDED = text("state <> 'done'")


class Draw(Base):
    """The requests for one local day of a pool that are decided together at `draws_at`.

    open: they are collected; ranked: their order stands and they are decided one by one; done.
    `seal` is the seed's hash, shown from the beginning; `seed` is shown once it is ranked.
    """

    __tablename__ = "draw"
    __table_args__ = (
        CheckConstraint("state IN ('open','ranked','done')", name="state"),
        CheckConstraint("day_end > day_start", name="not_empty"),
        # of people for whom the day opens at the same time
        UniqueConstraint("pool_id", "day_start", "draws_at"),
        # what is due; the days of a pool that are not decided
        Index(
            "ix_draw_undecided", "draws_at", "pool_id",
            sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    pool_id: Mapped[int] = mapped_column(BigInt, ForeignKey("pool.id"))
    day_start: Mapped[datetime] = mapped_column(Instant)
    day_end: Mapped[datetime] = mapped_column(Instant)
    draws_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(Text, default="open")
    seed: Mapped[str] = mapped_column(Text)
    seal: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    drawn_at: Mapped[datetime | None] = mapped_column(Instant)


class DrawEntry(Base):
    """One request of a draw. Its place, and what the place follows from, stay as they were drawn.

    `why` has the codes of what was in the way of who lost.
    """

    __tablename__ = "draw_entry"
    __table_args__ = (
        CheckConstraint("state IN ('waiting','withdrawn','won','lost')", name="state"),
        CheckConstraint("end_at > start_at AND quantity > 0", name="not_empty"),
        CheckConstraint("(state = 'won') = (reservation_id IS NOT NULL)", name="won"),
        # the requests of a draw in order; what one person asked for
        Index("ix_draw_entry_draw", "draw_id", "rank"),
        Index("ix_draw_entry_user", "user_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    draw_id: Mapped[int] = mapped_column(BigInt, ForeignKey("draw.id"))
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    made_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    company_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("company.id"))
    institution_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("institution.id"))
    unit_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("unit.id"))  # only this one
    quantity: Mapped[int] = mapped_column(BigInt)
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    purpose: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    form: Mapped[str] = mapped_column(Text, default="{}")  # JSON: preferred units, answers
    state: Mapped[str] = mapped_column(Text, default="waiting")
    created_at: Mapped[datetime] = mapped_column(Instant)
    rank: Mapped[int | None] = mapped_column(BigInt)
    turn: Mapped[int | None] = mapped_column(BigInt)
    person_minutes: Mapped[int | None] = mapped_column(BigInt)
    party_minutes: Mapped[int | None] = mapped_column(BigInt)
    lot: Mapped[str | None] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text, default="")
    reservation_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("reservation.id"))
