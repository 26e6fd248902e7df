"""Who decides besides a lab's managers: named groups of people, and whoever stands in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class DeciderGroup(Base):
    """A named group that must agree where a rule says so, such as biosafety: of a lab or the park.

    `lab_id` is the lab that looks after it, none for the park's own.
    """

    __tablename__ = "decider_group"
    __table_args__ = (Index("ix_decider_group_lab", "lab_id"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    lab_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("lab.id"))
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text, default="")
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class DeciderGroupMember(Base):
    """A person of a decider group, who sees what waits for the group and may decide on it."""

    __tablename__ = "decider_group_member"
    __table_args__ = (
        UniqueConstraint("group_id", "user_id"),
        Index("ix_decider_group_member_user", "user_id"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    group_id: Mapped[int] = mapped_column(BigInt, ForeignKey("decider_group.id"))
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))


class Absence(Base):
    """Somebody is away and somebody else decides meanwhile: [from_at, until_at), ends by itself."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("until_at > from_at AND user_id <> deputy_id", name="not_empty"),
        # one at a time
        Index(
            "uq_absence_live", "user_id", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_absence_deputy", "deputy_id",
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    deputy_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    from_at: Mapped[datetime] = mapped_column(Instant)
    until_at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(Text, default="")
    set_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)  # taken back, or replaced when over
