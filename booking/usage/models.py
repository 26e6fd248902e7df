"""What is kept of use, so that charts need not add up a million reservations.

All of it can be worked out again from reservations and closures (`services.building`), but for
what was open: opening hours and the state of units are those of when the day was added up.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant

KINDS = ("park", "site", "platform", "category", "institution", "lab", "pool")
FIGURES = ("unit_days", "open", "used_open", "used", "external", "reservations", "no_shows")


class UsageSum(Base):
    """The figures of a pool, or of all pools of a site, class …, on a local day or in a month.

    `whole_month` 1: of the month that begins on `first_day`. `company_id` 0: everybody's; of a
    company only what it used. No foreign keys: what is kept outlives what it is of.
    """

    __tablename__ = "usage_sum"
    __table_args__ = ({"sqlite_with_rowid": False},)

    # A day lies together: it is written as a whole, and read with those beside it.
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    whole_month: Mapped[int] = mapped_column(BigInt, primary_key=True)
    first_day: Mapped[str] = mapped_column(Text, primary_key=True)
    item: Mapped[str] = mapped_column(Text, primary_key=True)  # id or code, '' of the park
    company_id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    unit_days: Mapped[int] = mapped_column(BigInt)
    open: Mapped[int] = mapped_column(BigInt)
    used_open: Mapped[int] = mapped_column(BigInt)
    used: Mapped[int] = mapped_column(BigInt)
    external: Mapped[int] = mapped_column(BigInt)
    reservations: Mapped[int] = mapped_column(BigInt)
    no_shows: Mapped[int] = mapped_column(BigInt)


class UsageHours(Base):
    """Used and open seconds by hour of a local day, packed (`rules.vectors`)."""

    __tablename__ = "usage_hours"
    __table_args__ = ({"sqlite_with_rowid": False},)

    # The days of one item lie together: few are asked for, and each row is large.
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    item: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[str] = mapped_column(Text, primary_key=True)
    used: Mapped[bytes] = mapped_column(LargeBinary)
    open: Mapped[bytes] = mapped_column(LargeBinary)


class UsageUnit(Base):
    """Seconds a unit was used on a local day, by company (0: no company's). None: no row."""

    __tablename__ = "usage_unit"
    __table_args__ = (
        # a day is written anew
        Index("ix_usage_unit_day", "day"),
        # what a company used
        Index("ix_usage_unit_company", "company_id", "day"),
        {"sqlite_with_rowid": False},
    )

    unit_id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    day: Mapped[str] = mapped_column(Text, primary_key=True)
    company_id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    used: Mapped[int] = mapped_column(BigInt)


class UsageState(Base):
    """One row: which days are kept, until which instant that reaches, and when it was brought up.

    `until_at`: what changes before it is written into `usage_late` by triggers (`infra.usage_log`).
    """

    __tablename__ = "usage_state"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    first_day: Mapped[str] = mapped_column(Text)
    last_day: Mapped[str] = mapped_column(Text)
    until_at: Mapped[datetime] = mapped_column(Instant)
    built_at: Mapped[datetime] = mapped_column(Instant)


class UsageLate(Base):
    """A span of days already kept in which something has changed since; written by triggers."""

    __tablename__ = "usage_late"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
