"""Who waits for time of a pool, and what became of it. Entries hold nothing; offers are holds."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant

_QUEUED = text("state IN ('waiting','offered')")


class WaitlistEntry(Base):
    """A wish for a slot of so many minutes within a window, of a pool or of one of its units.

    `kind` offer: gets a timed offer in turn; notice: a mail when so much becomes free; move_up: an
    earlier time for `reservation_id`. Its place is by priority (high first), created_at, id.
    """

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('offer','notice','move_up')", name="kind"),
        CheckConstraint(
            "state IN ('waiting','offered','taken','declined','expired','left','lapsed')",
            name="state",
        ),
        CheckConstraint("last_at > first_at AND quantity > 0 AND minutes > 0", name="not_empty"),
        CheckConstraint("(kind = 'move_up') = (reservation_id IS NOT NULL)", name="move_up"),
        CheckConstraint("state <> 'offered' OR hold_id IS NOT NULL", name="offer_holds"),
        # the queue of a pool
        Index(
            "ix_waitlist_queue", "pool_id", "state",
            sqlite_where=_QUEUED, postgresql_where=_QUEUED,
        ),
        # what one person waits for
        Index("ix_waitlist_user", "user_id", "id"),
        # windows that have passed
        Index(
            "ix_waitlist_last", "last_at", sqlite_where=_QUEUED, postgresql_where=_QUEUED,
        ),
        # one wish for an earlier time a reservation; one entry an offer
        Index(
            "uq_waitlist_move_up", "reservation_id", unique=True,
            sqlite_where=_QUEUED, postgresql_where=_QUEUED,
        ),
        Index("uq_waitlist_hold", "hold_id", unique=True),
        # one wish for another time a reservation that a fault hit
        Index(
            "uq_waitlist_replaces", "replaces_id", unique=True,
            sqlite_where=_QUEUED, postgresql_where=_QUEUED,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    pool_id: Mapped[int] = mapped_column(BigInt, ForeignKey("pool.id"))
    unit_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("unit.id"))
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    company_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("company.id"))
    institution_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("institution.id"))
    quantity: Mapped[int] = mapped_column(BigInt, default=1)
    minutes: Mapped[int] = mapped_column(BigInt)
    first_at: Mapped[datetime] = mapped_column(Instant)  # the window of the whole slot
    last_at: Mapped[datetime] = mapped_column(Instant)
    purpose: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    reservation_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("reservation.id"))
    # What a fault took; no foreign key: SQLite would copy the table to add one.
    replaces_id: Mapped[int | None] = mapped_column(BigInt)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    priority: Mapped[int] = mapped_column(BigInt, default=0)  # 1: after a fault
    created_at: Mapped[datetime] = mapped_column(Instant)
    hold_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("hold.id"))
    offered_at: Mapped[datetime | None] = mapped_column(Instant)  # of a notice: last told
    offer_until: Mapped[datetime | None] = mapped_column(Instant)


class WaitlistEvent(Base):
    """What happened to an entry and when: the queue's fairness, for all to see."""

    __tablename__ = "waitlist_event"
    __table_args__ = (Index("ix_waitlist_event_entry", "entry_id", "id"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInt, ForeignKey("waitlist_entry.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    what: Mapped[str] = mapped_column(Text)  # joined, offered, skipped, told, or how it ended
    detail: Mapped[str] = mapped_column(Text, default="{}")  # JSON
