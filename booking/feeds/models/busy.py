"""When people are busy by calendars of their own: times alone."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class BusyCalendar(Base):
    """The calendar file a person gave last; a new one replaces it."""

    __tablename__ = "busy_calendar"

    user_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("user_account.id"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime] = mapped_column(Instant)
    until_at: Mapped[datetime] = mapped_column(Instant)  # how far it was read
    times: Mapped[int] = mapped_column(BigInt)
    left_out: Mapped[str] = mapped_column(Text)  # JSON: reason -> how many entries


class BusyTime(Base):
    """A time at which the person is busy; those of one person are apart."""

    __tablename__ = "busy_time"
    __table_args__ = (CheckConstraint("end_at > start_at", name="not_empty"),)

    user_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("user_account.id"), primary_key=True, autoincrement=False
    )
    start_at: Mapped[datetime] = mapped_column(Instant, primary_key=True, autoincrement=False)
    end_at: Mapped[datetime] = mapped_column(Instant)
