"""Reports about a unit: of a fault, with a photo, or of a calibration, its certificate."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class UnitReport(Base):
    """A file somebody gave about a unit, and what they wrote beside it."""

    __tablename__ = "unit_report"
    __table_args__ = (
        CheckConstraint("kind IN ('fault','calibration','maintenance')", name="kind"),
        Index("ix_unit_report_unit", "unit_id", "id"),  # a unit's, newest first
        Index("ix_unit_report_file", "file_id"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInt, ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[int] = mapped_column(BigInt, ForeignKey("stored_file.id"))
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
