"""A lab's own list of reasons, offered where a request is rejected or a reservation cancelled."""

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt


class LabReason(Base):
    """One reason of a lab's list, in its place; what it was before is in the audit."""

    __tablename__ = "lab_reason"
    __table_args__ = (CheckConstraint("position BETWEEN 0 AND 19 AND text <> ''", name="bounds"),)

    lab_id: Mapped[int] = mapped_column(BigInt, ForeignKey("lab.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInt, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
