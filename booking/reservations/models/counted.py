"""What is used of quotas, added up. Written by triggers alone, and by the job: infra.quota_use."""

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt


class QuotaUse(Base):
    """What one person or company uses of one quota in one cell of time, or a change of it.

    `entry` 0 is a sum; PostgreSQL has one more for each change since. The rest: infra.quota_use.
    """

    __tablename__ = "quota_use"
    __table_args__ = (
        # what is to be added up
        Index(
            "ix_quota_use_new", "quota_id", "who", "cell",
            sqlite_where=text("entry > 0"), postgresql_where=text("entry > 0"),
        ),
        {"sqlite_with_rowid": False},
    )  # fmt: skip

    quota_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    who: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    cell: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    entry: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(BigInt)
    seconds: Mapped[int] = mapped_column(BigInt)
    rate: Mapped[int] = mapped_column(BigInt)
    moment: Mapped[int] = mapped_column(BigInt)
