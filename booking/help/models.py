"""Which hints somebody has put away for good."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class TourDone(Base):
    """Somebody does not want to be shown a tour again."""

    __tablename__ = "tour_done"

    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"), primary_key=True)
    tour: Mapped[str] = mapped_column(Text, primary_key=True)  # of help.rules.TOURS
    done_at: Mapped[datetime] = mapped_column(Instant)
