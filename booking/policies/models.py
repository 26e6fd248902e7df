"""Rules as they are set along the tree, and the number that tells when any of them changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant

SCOPES = ("park", "site", "category", "lab", "pool")  # widest first; the nearest value wins


class RuleValue(Base):
    """One rule set at one place of the tree, for everyone or for one group of people.

    `scope_key`: the id as text, a category's code, empty for the park. `value`: JSON. A pool's own
    values of the oldest rules are columns of `pool` instead, where its queries read them.
    """

    __tablename__ = "rule_value"
    __table_args__ = (
        CheckConstraint("scope_kind IN ('park','site','category','lab','pool')", name="scope"),
        CheckConstraint(
            "group_kind IN ('','company','institution','tier','level','tag')", name="group_kind"
        ),
        UniqueConstraint("scope_kind", "scope_key", "rule", "group_kind", "group_key"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    scope_kind: Mapped[str] = mapped_column(Text)
    scope_key: Mapped[str] = mapped_column(Text, default="")
    rule: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    group_kind: Mapped[str] = mapped_column(Text, default="")
    group_key: Mapped[str] = mapped_column(Text, default="")
    grants: Mapped[int] = mapped_column(BigInt, default=0)  # wins over a stricter group
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))


class RuleEdition(Base):
    """One row: a random number, new whenever `rule_value` or `calendar_day` changes.

    `buffers_number` is the edition whose buffers all pools hold in their inherited columns.
    """

    __tablename__ = "rule_edition"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    number: Mapped[int] = mapped_column(BigInt)
    buffers_number: Mapped[int | None] = mapped_column(BigInt)


class CalendarDay(Base):
    """A day that is not what its weekday says: a holiday or a make-up workday.

    Without a site it holds for all; a site's own row wins. `kind` `normal` there undoes the park's.
    """

    __tablename__ = "calendar_day"
    __table_args__ = (
        CheckConstraint("kind IN ('holiday','workday','normal')", name="kind"),
        UniqueConstraint("site_key", "day"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    site_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("site.id"))
    site_key: Mapped[int] = mapped_column(BigInt, default=0)  # site_id, 0 for all: for UNIQUE
    day: Mapped[str] = mapped_column(Text)  # ISO date, local
    kind: Mapped[str] = mapped_column(Text)
    name_zh: Mapped[str] = mapped_column(Text, default="")
    name_en: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(Text, default="")  # holidays <version>, typed, file name


class Qualification(Base):
    """A person may operate a pool, or every pool of a class, at a level until an instant."""

    __tablename__ = "qualification"
    __table_args__ = (
        CheckConstraint("(pool_id IS NULL) <> (category_code IS NULL)", name="one_scope"),
        CheckConstraint("level BETWEEN 1 AND 9", name="level"),
        # a person's own: asked for by each booking of a pool that needs a level
        Index("ix_qualification_user", "user_id"),
        Index("ix_qualification_pool", "pool_id"),
        # what ends soon: the reminders
        Index("ix_qualification_until", "valid_until"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    pool_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("pool.id"))
    category_code: Mapped[str | None] = mapped_column(Text, ForeignKey("category.code"))
    level: Mapped[int] = mapped_column(BigInt)
    valid_until: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(Text, default="")
    granted_at: Mapped[datetime] = mapped_column(Instant)
    granted_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    # While it is suspended, nothing counts at its pool or class. No foreign keys: SQLite would
    # copy the whole table to add one.
    suspended_at: Mapped[datetime | None] = mapped_column(Instant)
    suspended_by_id: Mapped[int | None] = mapped_column(BigInt)
    suspension_reason: Mapped[str | None] = mapped_column(Text)
    course_id: Mapped[int | None] = mapped_column(BigInt)  # the training that gave it


class Equivalence(Base):
    """A lab accepts elsewhere's qualification, for a pool or a class, up to a level."""

    __tablename__ = "qualification_equivalence"
    __table_args__ = (
        CheckConstraint("(pool_id IS NULL) <> (category_code IS NULL)", name="one_scope"),
        CheckConstraint("most_level BETWEEN 1 AND 9", name="level"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    lab_id: Mapped[int] = mapped_column(BigInt, ForeignKey("lab.id"))
    for_pool_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("pool.id"))
    pool_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("pool.id"))
    category_code: Mapped[str | None] = mapped_column(Text, ForeignKey("category.code"))
    most_level: Mapped[int] = mapped_column(BigInt)
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class QuotaRow(Base):
    """A quota as it is set; see policies.rules.quotas.Quota. Retired, never deleted."""

    __tablename__ = "quota"
    __table_args__ = (
        CheckConstraint("scope_kind IN ('park','site','category','lab','pool')", name="scope"),
        CheckConstraint("subject IN ('person','company')", name="subject"),
        CheckConstraint("measure IN ('minutes','count')", name="measure"),
        CheckConstraint("period IN ('day','week','month','rolling','future')", name="period"),
        CheckConstraint("amount >= 0 AND week_start BETWEEN 1 AND 7", name="amount"),
        CheckConstraint("(period = 'rolling') = (rolling_days > 0)", name="rolling"),
        # which of them a change of a reservation is counted for
        Index(
            "ix_quota_live", "scope_kind", "scope_key",
            sqlite_where=text("retired_at IS NULL"), postgresql_where=text("retired_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    scope_kind: Mapped[str] = mapped_column(Text)
    scope_key: Mapped[str] = mapped_column(Text, default="")
    subject: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    rolling_days: Mapped[int] = mapped_column(BigInt, default=0)
    amount: Mapped[int] = mapped_column(BigInt)
    hours: Mapped[str | None] = mapped_column(Text)  # core.hours.WeeklyHours.text
    week_start: Mapped[int] = mapped_column(BigInt, default=1)
    group_kind: Mapped[str] = mapped_column(Text, default="")
    group_key: Mapped[str] = mapped_column(Text, default="")
    grants: Mapped[int] = mapped_column(BigInt, default=0)
    counts_no_show: Mapped[int] = mapped_column(BigInt, default=0)
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
    # From when on `quota_use` has all that it counts; NULL: not yet. Of a class: it and those below
    # it, each between spaces.
    counted_from: Mapped[datetime | None] = mapped_column(Instant)
    codes: Mapped[str | None] = mapped_column(Text)


class Questionnaire(Base):
    """What a pool asks at booking: one version of it. Answers keep the version they answer."""

    __tablename__ = "questionnaire"
    __table_args__ = (UniqueConstraint("pool_id", "version"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    pool_id: Mapped[int] = mapped_column(BigInt, ForeignKey("pool.id"))
    version: Mapped[int] = mapped_column(BigInt)
    questions: Mapped[str] = mapped_column(Text)  # JSON; see policies.rules.questions
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class Agreement(Base):
    """What people accept before they book at a place: one version of its text."""

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint("scope_kind IN ('park','lab','pool')", name="scope"),
        UniqueConstraint("scope_kind", "scope_key", "version"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    scope_kind: Mapped[str] = mapped_column(Text)
    scope_key: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(BigInt)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class Acceptance(Base):
    """Who accepted which version of an agreement, and when."""

    __tablename__ = "agreement_acceptance"

    agreement_id: Mapped[int] = mapped_column(BigInt, ForeignKey("agreement.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"), primary_key=True)
    accepted_at: Mapped[datetime] = mapped_column(Instant)


class PersonTag(Base):
    """A word that puts a person in the group `tag:<word>`: in one lab's pools, or in all.

    `lab_key` is 0 for the whole park: only an operator gives those, so that no lab's manager can
    loosen what another lab asks for.
    """

    __tablename__ = "person_tag"
    __table_args__ = (
        UniqueConstraint("user_id", "lab_key", "tag"),
        Index("ix_person_tag_lab", "lab_key", "tag"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    lab_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("lab.id"))
    lab_key: Mapped[int] = mapped_column(BigInt, default=0)  # lab_id, 0 for the park: for UNIQUE
    tag: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(Instant)
    given_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
