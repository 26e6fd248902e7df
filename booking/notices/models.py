"""Notices, what each said in every version, and who has read which version when."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class Notice(Base):
    """A notice of a pool, of a lab, or (neither named) of the park; drafts and past ones too.

    `version` is 0 until it is published and grows with every change of what it says. `revision`
    grows with every change whatever, so that nobody overwrites another's.
    """

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("lab_id IS NULL OR pool_id IS NULL", name="one_place"),
        CheckConstraint("until_at IS NULL OR until_at > from_at", name="not_empty"),
        CheckConstraint("must_read IN (0, 1)", name="must_read"),
        CheckConstraint("(published_at IS NULL) = (version = 0)", name="version"),
        # What stands: the lists and the book of rules. Few among all that ever were.
        Index(
            "ix_notice_live", "from_at",
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_notice_lab", "lab_id"),
        Index("ix_notice_pool", "pool_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    lab_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("lab.id"))
    pool_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("pool.id"))
    title_zh: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text, default="")
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text, default="")
    must_read: Mapped[int] = mapped_column(BigInt, default=0)
    from_at: Mapped[datetime] = mapped_column(Instant)
    until_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(BigInt, default=0)
    revision: Mapped[int] = mapped_column(BigInt, default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class NoticeVersion(Base):
    """What a published notice said from an instant on; never changed."""

    __tablename__ = "notice_version"

    notice_id: Mapped[int] = mapped_column(BigInt, ForeignKey("notice.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInt, primary_key=True)
    title_zh: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text, default="")
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text, default="")
    must_read: Mapped[int] = mapped_column(BigInt, default=0)
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))


class NoticeRead(Base):
    """Somebody said that they have read a version of a notice."""

    __tablename__ = "notice_read"

    # The person first: what somebody has read is asked for by each of their pages of notices.
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"), primary_key=True)
    notice_id: Mapped[int] = mapped_column(BigInt, ForeignKey("notice.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInt, primary_key=True)
    read_at: Mapped[datetime] = mapped_column(Instant)
