"""Reservations and what they hold. The no-overlap guard of `allocation` is in infra.ddl."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra import quota_use
from booking.infra.db import Base, BigInt, Instant

STATUSES = (
    "pending", "approved", "in_use", "completed", "rejected", "cancelled", "expired", "no_show",
)  # fmt: skip
LIVE = ("pending", "approved", "in_use")
PURPOSES = ("research", "development", "teaching", "other")

LONG_SECONDS = quota_use.LONGEST  # longer reservations, and blocks, have an index of their own
LONG_BLOCK = f"active = 1 AND block_end - block_start > {LONG_SECONDS}"
FEW = "status IN ('pending','rejected','cancelled','expired','no_show')"
_STATUS_LIST = ",".join(f"'{status}'" for status in STATUSES)


class Reservation(Base):
    """One pool, one period, a quantity of units, one party, one person; and its life."""

    __tablename__ = "reservation"
    __table_args__ = (
        # imported rows may have no party; the rest exactly one
        CheckConstraint(
            "(company_id IS NOT NULL AND institution_id IS NULL) OR "
            "(company_id IS NULL AND institution_id IS NOT NULL) OR "
            "(company_id IS NULL AND institution_id IS NULL AND source <> 'booked')",
            name="one_party",
        ),
        CheckConstraint("end_at > start_at AND quantity > 0", name="not_empty"),
        CheckConstraint(f"status IN ({_STATUS_LIST})", name="status"),
        UniqueConstraint("reference"),
        UniqueConstraint("source_key"),
        # a pool's calendar and lists
        Index("ix_reservation_pool_start", "pool_id", "start_at"),
        # my reservations; a company's; an institution's
        Index("ix_reservation_user_start", "user_id", "start_at"),
        Index("ix_reservation_company_start", "company_id", "start_at"),
        Index("ix_reservation_institution_start", "institution_id", "start_at"),
        # a group's reservations in order
        Index(
            "ix_reservation_group", "group_id", "group_position",
            sqlite_where=text("group_id IS NOT NULL"),
            postgresql_where=text("group_id IS NOT NULL"),
        ),
        # lists over all pools in order (API)
        Index("ix_reservation_start", "start_at", "id"),
        # the same of one status, of those that are few
        Index(
            "ix_reservation_few_start", "status", "start_at", "id",
            sqlite_where=text(FEW), postgresql_where=text(FEW),
        ),
        # what began more than a day before a time and still runs: few, however long the history
        Index(
            "ix_reservation_long", "end_at", "start_at",
            sqlite_where=text(f"end_at - start_at > {LONG_SECONDS}"),
            postgresql_where=text(f"end_at - start_at > {LONG_SECONDS}"),
        ),
        # the same of a person and of a company: quotas
        *(
            Index(
                f"ix_reservation_long_{who}", f"{who}_id", "end_at",
                sqlite_where=text(f"end_at - start_at > {LONG_SECONDS}"),
                postgresql_where=text(f"end_at - start_at > {LONG_SECONDS}"),
            )
            for who in ("user", "company")
        ),
        # what runs or is to come, in order of start; the completion job
        Index(
            "ix_reservation_live_start", "start_at", "id",
            sqlite_where=text("status IN ('approved','in_use')"),
            postgresql_where=text("status IN ('approved','in_use')"),
        ),
        # inbox and expiry: undecided requests only
        Index(
            "ix_reservation_pending", "decide_by", "pool_id",
            sqlite_where=text("status = 'pending'"),
            postgresql_where=text("status = 'pending'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    reference: Mapped[str] = mapped_column(Text)
    pool_id: Mapped[int] = mapped_column(BigInt, ForeignKey("pool.id"))
    quantity: Mapped[int] = mapped_column(BigInt)
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(BigInt, default=1)
    named_unit: Mapped[int] = mapped_column(BigInt, default=0)
    user_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    person_text: Mapped[str | None] = mapped_column(Text)  # who, when no account is known
    company_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("company.id"))
    institution_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("institution.id"))
    purpose: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(Text, default="booked")  # booked, import:<file>, demo
    source_key: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    decide_by: Mapped[datetime | None] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(Text, default="")  # of the rejection or cancellation
    override_reason: Mapped[str] = mapped_column(Text, default="")
    # Codes of the rules overridden for it, space-separated.
    overridden: Mapped[str | None] = mapped_column(Text)
    group_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("reservation_group.id"))
    group_position: Mapped[int | None] = mapped_column(BigInt)  # from 0; a step of a chain
    # The local day a series means, also when the reservation was moved: 2026-11-24.
    occurrence_day: Mapped[str | None] = mapped_column(Text)
    checked_in_at: Mapped[datetime | None] = mapped_column(Instant)
    checked_out_at: Mapped[datetime | None] = mapped_column(Instant)
    booked_end_at: Mapped[datetime | None] = mapped_column(Instant)  # before it was ended early
    ended_at: Mapped[datetime | None] = mapped_column(Instant)  # when it was cancelled
    # No foreign key: SQLite would copy the whole table to add one.
    ended_by_id: Mapped[int | None] = mapped_column(BigInt)
    was_status: Mapped[str | None] = mapped_column(Text)  # before it was cancelled: for undo


class ReservationGroup(Base):
    """Reservations made, moved and cancelled together: a series, a bundle or a chain.

    Of a series: its rule in RFC 5545's words, and the local time it keeps in its zone.
    """

    __tablename__ = "reservation_group"
    __table_args__ = (
        CheckConstraint("kind IN ('series','bundle','chain')", name="kind"),
        CheckConstraint("kind <> 'series' OR (rule <> '' AND starts_local <> '')", name="rule"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, default="")
    rule: Mapped[str] = mapped_column(Text, default="")  # FREQ=WEEKLY;BYDAY=TU;COUNT=8
    exceptions: Mapped[str] = mapped_column(Text, default="")  # local days, space-separated
    zone: Mapped[str] = mapped_column(Text)
    starts_local: Mapped[str] = mapped_column(Text, default="")  # first day and time there
    length_minutes: Mapped[int] = mapped_column(BigInt, default=0)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    company_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("company.id"))
    institution_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("institution.id"))
    version: Mapped[int] = mapped_column(BigInt, default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    split_from_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("reservation_group.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)  # its last live part has ended


class Closure(Base):
    """A time in which a unit is not to be booked: maintenance, calibration, fault, own use."""

    __tablename__ = "closure"
    __table_args__ = (CheckConstraint("end_at > start_at", name="not_empty"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    pool_id: Mapped[int] = mapped_column(BigInt, ForeignKey("pool.id"), index=True)
    unit_id: Mapped[int] = mapped_column(BigInt, ForeignKey("unit.id"))
    # maintenance, calibration, fault, own_use; calibration_due, dependency: made by the system
    kind: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    planned: Mapped[int] = mapped_column(BigInt, default=1, server_default="1")
    series_key: Mapped[str | None] = mapped_column(Text, index=True)  # of one that repeats
    rule: Mapped[str | None] = mapped_column(Text)  # RFC 5545
    # why a unit that depends on another is closed: the other's closure, or the other being down
    cause_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    cause_unit_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    cancelled_at: Mapped[datetime | None] = mapped_column(Instant)


class Hold(Base):
    """A short hold of units until `expires_at`.

    `pending_move` covers what a change request adds until it is decided, `offer` what is offered
    to who waits, `form` a slot chosen in an open form.
    """

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("end_at > start_at AND quantity > 0", name="not_empty"),
        CheckConstraint("(kind = 'pending_move') = (reservation_id IS NOT NULL)", name="kind"),
        # the live holds of a person are few: counted at each new one
        Index(
            "ix_hold_user", "user_id",
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
        # one undecided change request a reservation
        Index(
            "uq_hold_pending_move", "reservation_id", unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
        Index(
            "ix_hold_expiry", "expires_at",
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)  # pending_move, offer, form
    pool_id: Mapped[int] = mapped_column(BigInt, ForeignKey("pool.id"))
    # Of a pending_move only; an offer to move up keeps it in its waitlist entry.
    reservation_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("reservation.id"))
    user_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    start_at: Mapped[datetime] = mapped_column(Instant)  # the whole period asked for
    end_at: Mapped[datetime] = mapped_column(Instant)
    quantity: Mapped[int] = mapped_column(BigInt)
    unit_ids: Mapped[str] = mapped_column(Text, default="")  # space-separated: units it will use
    override_reason: Mapped[str] = mapped_column(Text, default="")
    overridden: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    released_at: Mapped[datetime | None] = mapped_column(Instant)


class Allocation(Base):
    """One unit held for one blocked interval [block_start, block_end), buffers included."""

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN reservation_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN closure_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN hold_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_owner",
        ),
        CheckConstraint("block_end > block_start", name="not_empty"),
        CheckConstraint("active IN (0, 1)", name="active"),
        # free units, gaps and the neighbour of the guard; 75–150 times faster than GiST (DESIGN §3)
        Index(
            "ix_allocation_live", "unit_id", "block_start", "block_end",
            sqlite_where=text("active = 1"), postgresql_where=text("active = 1"),
        ),
        # retiring rows a day after their end; all that is held about a time, and what of it is long
        Index(
            "ix_allocation_live_end", "block_end", "block_start", "unit_id",
            sqlite_where=text("active = 1"), postgresql_where=text("active = 1"),
        ),
        Index(
            "ix_allocation_live_long", "block_end", "block_start", "unit_id",
            sqlite_where=text(LONG_BLOCK), postgresql_where=text(LONG_BLOCK),
        ),
        Index("ix_allocation_reservation", "reservation_id"),
        Index("ix_allocation_hold", "hold_id"),
        Index("ix_allocation_closure", "closure_id"),
        {"sqlite_strict": True},
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    reservation_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("reservation.id"))
    closure_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("closure.id"))
    hold_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("hold.id"))
    unit_id: Mapped[int] = mapped_column(BigInt, ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(Text)  # reservation, closure, hold
    block_start: Mapped[datetime] = mapped_column(Instant)
    block_end: Mapped[datetime] = mapped_column(Instant)
    active: Mapped[int] = mapped_column(BigInt, default=1)
    pinned: Mapped[int] = mapped_column(BigInt, default=0)


class Idempotency(Base):
    """A request already answered: the same key and body again gives the same answer."""

    __tablename__ = "idempotency"

    user_id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    body_hash: Mapped[str] = mapped_column(Text)
    reservation_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("reservation.id"))
    group_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("reservation_group.id"))
    draw_entry_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("draw_entry.id"))
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)


class PoolNextFree(Base):
    """About when the next slot of a pool is free: advice for lists, re-checked where shown."""

    __tablename__ = "pool_next_free"

    pool_id: Mapped[int] = mapped_column(BigInt, ForeignKey("pool.id"), primary_key=True)
    free_at: Mapped[datetime | None] = mapped_column(Instant)  # NULL: none within the horizon
    computed_at: Mapped[datetime] = mapped_column(Instant)
