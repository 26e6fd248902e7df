"""What maps of time in memory are kept fresh by. Written by triggers alone: infra.ddl."""

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt

MARKED = text("mark IS NOT NULL")
FLEET = 0  # instead of a unit: which units a pool has, or their buffers, have changed
FORGOTTEN = -1  # changes up to the mark in `block_start` are not in the log any more


class AllocationChange(Base):
    """A span of time in which something now holds a unit, or no longer does, in epoch seconds.

    `mark`: on PostgreSQL the transaction that did it; on SQLite, which has one at a time, the id
    tells the order.
    """

    __tablename__ = "allocation_change"
    __table_args__ = (
        # what is new since a map was last brought up to date
        Index("ix_allocation_change_mark", "mark", sqlite_where=MARKED, postgresql_where=MARKED),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInt)
    block_start: Mapped[int] = mapped_column(BigInt)
    block_end: Mapped[int] = mapped_column(BigInt)
    mark: Mapped[int | None] = mapped_column(BigInt)
