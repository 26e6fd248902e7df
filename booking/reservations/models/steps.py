"""The steps a request takes when more than the lab has to agree to it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class ApprovalStep(Base):
    """One decision on the way of a request, or of a change of it (`hold_id`), in order.

    `state`: queued, waiting (one at a time), approved, rejected, or dropped when it lost its
    object: the times were changed, the change was withdrawn. A request that only its lab decides on
    has no rows, until it is brought to mind again (`level`).
    """

    __tablename__ = "approval_step"
    __table_args__ = (
        CheckConstraint("kind IN ('company','lab','group')", name="kind"),
        CheckConstraint("(kind = 'group') = (group_id IS NOT NULL)", name="group"),
        CheckConstraint(
            "state IN ('queued','waiting','approved','rejected','dropped')", name="state"
        ),
        CheckConstraint(
            "CASE WHEN state IN ('approved','rejected') THEN decided_at IS NOT NULL "
            "WHEN state IN ('queued','waiting') THEN decided_at IS NULL ELSE 1 = 1 END",
            name="decided",
        ),
        # whose turn it is: one step at a time
        Index(
            "uq_approval_step_waiting", "reservation_id", unique=True,
            sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_approval_step_reservation", "reservation_id", "position"),
        # what a group decided on or will: its members see that
        Index(
            "ix_approval_step_group", "group_id", "reservation_id",
            sqlite_where=text("group_id IS NOT NULL"),
            postgresql_where=text("group_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    reservation_id: Mapped[int] = mapped_column(BigInt, ForeignKey("reservation.id"))
    hold_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("hold.id"))
    position: Mapped[int] = mapped_column(BigInt)
    kind: Mapped[str] = mapped_column(Text)  # company, lab, group
    group_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("decider_group.id"))
    state: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime | None] = mapped_column(Instant)  # since when it waits
    decide_by: Mapped[datetime | None] = mapped_column(Instant)
    level: Mapped[int] = mapped_column(BigInt, default=0)  # 1: brought to mind, 2: operators too
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    for_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
