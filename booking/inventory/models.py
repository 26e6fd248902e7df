"""Platforms, categories, pools, units, contributions; favourites, search words, imports."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant

UNIT_STATES = ("in_service", "limited", "down", "retired")
BOOKABLE_STATES = ("in_service", "limited")
UNIT_KINDS = ("instrument", "room", "place", "person")


class Platform(Base):
    """A catalogue grouping shown to users."""

    __tablename__ = "platform"
    __table_args__ = (UniqueConstraint("name_zh"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text, default="")
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class Category(Base):
    """A node of the national classification tree, by its 6-digit code; top nodes have no parent."""

    __tablename__ = "category"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    parent_code: Mapped[str | None] = mapped_column(Text, ForeignKey("category.code"))
    level: Mapped[int] = mapped_column(BigInt)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text, default="")


class Pool(Base):
    """Units that may stand in for one another: one institution, lab, site and model.

    A rule left NULL is inherited from its lab, class, site or park (`rule_value`), else it is the
    default. Nearly all reads join the names, so `search_text` and counts are kept here, written by
    `inventory.services`.
    """

    __tablename__ = "pool"
    __table_args__ = (
        # facets and scoped lists
        Index("ix_pool_institution", "institution_id"),
        Index("ix_pool_lab", "lab_id"),
        Index("ix_pool_site", "site_id"),
        Index("ix_pool_category", "category_code"),
        Index("ix_pool_platform", "platform_id"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    institution_id: Mapped[int] = mapped_column(BigInt, ForeignKey("institution.id"))
    lab_id: Mapped[int] = mapped_column(BigInt, ForeignKey("lab.id"))
    site_id: Mapped[int] = mapped_column(BigInt, ForeignKey("site.id"))
    platform_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("platform.id"))
    category_code: Mapped[str | None] = mapped_column(Text, ForeignKey("category.code"))
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text, default="")
    manufacturer: Mapped[str] = mapped_column(Text, default="")
    model: Mapped[str] = mapped_column(Text, default="")
    description: Mapped[str] = mapped_column(Text, default="")
    # Lines of `name: value`, shown as a table.
    specifications: Mapped[str] = mapped_column(Text, default="")
    photo_file_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("stored_file.id"))
    approval: Mapped[str] = mapped_column(Text, default="manual")  # manual, auto
    # --- rules of this pool; NULL: the park's default -------------------------
    opening_hours: Mapped[str | None] = mapped_column(Text)  # core.hours.WeeklyHours.text
    granularity_minutes: Mapped[int | None] = mapped_column(BigInt)
    min_minutes: Mapped[int | None] = mapped_column(BigInt)
    max_minutes: Mapped[int | None] = mapped_column(BigInt)
    horizon_days: Mapped[int | None] = mapped_column(BigInt)
    warmup_minutes: Mapped[int | None] = mapped_column(BigInt)
    cleanup_minutes: Mapped[int | None] = mapped_column(BigInt)
    max_units: Mapped[int | None] = mapped_column(BigInt)
    decide_within_hours: Mapped[int | None] = mapped_column(BigInt)
    # Buffers that its lab, class, site or the park set, where queries over all units read them.
    inherited_warmup_minutes: Mapped[int] = mapped_column(BigInt, default=0, server_default="0")
    inherited_cleanup_minutes: Mapped[int] = mapped_column(BigInt, default=0, server_default="0")
    # ---------------------------------------------------------------------------
    search_text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class Unit(Base):
    """One thing that can be held for a time; overrides only state, buffers and customs flag."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint("state IN ('in_service','limited','down','retired')", name="state"),
        CheckConstraint("kind IN ('instrument','room','place','person')", name="kind"),
        Index("ix_unit_pool", "pool_id"),
        # an institution's own number names one unit
        Index(
            "uq_unit_asset_no",
            "institution_id",
            "asset_no",
            unique=True,
            sqlite_where=text("asset_no IS NOT NULL"),
            postgresql_where=text("asset_no IS NOT NULL"),
        ),
        # import finds a row again
        UniqueConstraint("institution_id", "import_key"),
        # reservations name their resource by model and serial
        Index("ix_unit_serial", "serial"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    pool_id: Mapped[int] = mapped_column(BigInt, ForeignKey("pool.id"))
    institution_id: Mapped[int] = mapped_column(BigInt, ForeignKey("institution.id"))
    kind: Mapped[str] = mapped_column(Text, default="instrument")
    state: Mapped[str] = mapped_column(Text, default="in_service")
    state_note: Mapped[str] = mapped_column(Text, default="")
    asset_no: Mapped[str | None] = mapped_column(Text)
    serial: Mapped[str] = mapped_column(Text, default="")
    name: Mapped[str] = mapped_column(Text, default="")
    room_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("room.id"))
    place: Mapped[str] = mapped_column(Text, default="")
    warmup_minutes: Mapped[int | None] = mapped_column(BigInt)
    cleanup_minutes: Mapped[int | None] = mapped_column(BigInt)
    customs_supervised: Mapped[int] = mapped_column(BigInt, default=0)
    original_value_fen: Mapped[int | None] = mapped_column(BigInt)
    commissioned_on: Mapped[str | None] = mapped_column(Text)  # ISO date
    calibration_due_on: Mapped[str | None] = mapped_column(Text)  # ISO date, the last usable day
    calibration_every_days: Mapped[int | None] = mapped_column(BigInt)
    calibration_warn_days: Mapped[int] = mapped_column(BigInt, default=30, server_default="30")
    import_key: Mapped[str | None] = mapped_column(Text)
    import_hash: Mapped[str | None] = mapped_column(Text)  # of the row as last imported
    created_at: Mapped[datetime] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class UnitDependency(Base):
    """A unit that needs another, such as gas or vacuum: closed or warned while that one is."""

    __tablename__ = "unit_dependency"
    __table_args__ = (
        CheckConstraint("effect IN ('close','warn')", name="effect"),
        CheckConstraint("unit_id <> needs_unit_id", name="not_itself"),
        Index("ix_unit_dependency_needs", "needs_unit_id"),  # who depends on what goes down
    )

    unit_id: Mapped[int] = mapped_column(BigInt, ForeignKey("unit.id"), primary_key=True)
    needs_unit_id: Mapped[int] = mapped_column(BigInt, ForeignKey("unit.id"), primary_key=True)
    effect: Mapped[str] = mapped_column(Text, default="close")


class Contribution(Base):
    """An institution's agreement to share a pool; live while not ended and in its dates."""

    __tablename__ = "contribution"
    __table_args__ = (
        # at most one live agreement a pool
        Index(
            "uq_contribution_live",
            "pool_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    pool_id: Mapped[int] = mapped_column(BigInt, ForeignKey("pool.id"))
    from_at: Mapped[datetime] = mapped_column(Instant)
    until_at: Mapped[datetime | None] = mapped_column(Instant)
    shared_hours: Mapped[str | None] = mapped_column(Text)  # WeeklyHours.text; NULL: always
    revenue_share_percent: Mapped[int] = mapped_column(BigInt, default=0)
    owner_priority_hours: Mapped[int] = mapped_column(BigInt, default=0)
    # Others do not book what meets this; without an end: until its institution goes on.
    paused_from: Mapped[datetime | None] = mapped_column(Instant)
    paused_until: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Favourite(Base):
    """A pool somebody keeps at hand; nobody else is told."""

    __tablename__ = "favourite"

    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"), primary_key=True)
    pool_id: Mapped[int] = mapped_column(BigInt, ForeignKey("pool.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class BundleItem(Base):
    """A pool somebody puts together with others, to be booked as one."""

    __tablename__ = "bundle_item"

    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"), primary_key=True)
    pool_id: Mapped[int] = mapped_column(BigInt, ForeignKey("pool.id"), primary_key=True)
    added_at: Mapped[datetime] = mapped_column(Instant)


class SearchWord(Base):
    """A Latin word of the catalogue, for correcting one wrong letter when nothing is found."""

    __tablename__ = "search_word"

    word: Mapped[str] = mapped_column(Text, primary_key=True)
    uses: Mapped[int] = mapped_column(BigInt, default=1)


class ImportBatch(Base):
    """An uploaded inventory file, what was read from it, and how far its import got.

    state: uploaded → parsing → previewed → applying → applied | failed | expired.
    """

    __tablename__ = "import_batch"
    __table_args__ = (Index("ix_import_batch_state", "state"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    filename: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    options: Mapped[str] = mapped_column(Text, default="{}")
    rows: Mapped[str | None] = mapped_column(Text, deferred=True)  # JSON of parsed rows
    preview: Mapped[str | None] = mapped_column(Text, deferred=True)  # JSON of the plan's figures
    state: Mapped[str] = mapped_column(Text, default="uploaded")
    error: Mapped[str | None] = mapped_column(Text)
    progress_percent: Mapped[int] = mapped_column(BigInt, default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(Instant)
    claim_token: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
