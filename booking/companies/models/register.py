"""Places (site, building, room), parties (institution, company), labs, and who belongs where."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class Site(Base):
    """A park or campus; days and opening hours are in its time zone."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("name_zh"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text, default="")
    time_zone: Mapped[str] = mapped_column(Text, default="Asia/Shanghai")
    address: Mapped[str] = mapped_column(Text, default="")
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class Building(Base):
    """A building of a site."""

    __tablename__ = "building"
    __table_args__ = (UniqueConstraint("site_id", "name_zh"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    site_id: Mapped[int] = mapped_column(BigInt, ForeignKey("site.id"))
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text, default="")
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class Room(Base):
    """A room of a building."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("building_id", "name"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    building_id: Mapped[int] = mapped_column(BigInt, ForeignKey("building.id"))
    name: Mapped[str] = mapped_column(Text)
    floor: Mapped[str] = mapped_column(Text, default="")
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class Institution(Base):
    """A hospital, university or company that contributes units; kind says which."""

    __tablename__ = "institution"
    __table_args__ = (UniqueConstraint("name_zh"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(Text, default="other")  # hospital university company other
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class Company(Base):
    """A resident company: the tenant whose members book."""

    __tablename__ = "company"
    __table_args__ = (UniqueConstraint("name_zh"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text, default="")
    credit_code: Mapped[str] = mapped_column(Text, default="")
    price_tier: Mapped[str] = mapped_column(Text, default="resident")
    home_site_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("site.id"))
    # owners of instruments are not told what the company books for
    hides_purposes: Mapped[int] = mapped_column(BigInt, default=0, server_default="0")
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class Membership(Base):
    """A person in a company or an institution; `roles` is a space-separated set.

    Company roles: member, booker, finance, admin. Institution roles: member, representative.
    """

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("(company_id IS NULL) <> (institution_id IS NULL)", name="one_party"),
        UniqueConstraint("user_id", "company_id"),
        UniqueConstraint("user_id", "institution_id"),
        # a company's members; an institution's members
        Index("ix_membership_company", "company_id"),
        Index("ix_membership_institution", "institution_id"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    company_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("company.id"))
    institution_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("institution.id"))
    roles: Mapped[str] = mapped_column(Text, default="member")
    from_at: Mapped[datetime | None] = mapped_column(Instant)
    until_at: Mapped[datetime | None] = mapped_column(Instant)
    # what the company lets this person book in a month, all units together; None: any amount
    month_minutes: Mapped[int | None] = mapped_column(BigInt)


class Lab(Base):
    """The team that runs units of an institution."""

    __tablename__ = "lab"
    __table_args__ = (UniqueConstraint("institution_id", "name_zh"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    institution_id: Mapped[int] = mapped_column(BigInt, ForeignKey("institution.id"))
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text, default="")
    staff_may_approve: Mapped[int] = mapped_column(BigInt, default=0)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class LabMember(Base):
    """A person in a lab; role: manager, deputy, staff."""

    __tablename__ = "lab_member"
    __table_args__ = (UniqueConstraint("lab_id", "user_id"), Index("ix_lab_member_user", "user_id"))

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    lab_id: Mapped[int] = mapped_column(BigInt, ForeignKey("lab.id"))
    user_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user_account.id"))
    role: Mapped[str] = mapped_column(Text, default="staff")
