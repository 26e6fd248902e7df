"""How companies and their people come in: applications, invitations, mail domains."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, BigInt, Instant


class CompanyApplication(Base):
    """A company that registered itself, and what was decided. Its licence is a kept file."""

    __tablename__ = "company_application"
    __table_args__ = (
        CheckConstraint("state IN ('open','approved','rejected')", name="state"),
        # the operator's list of one state, newest first; how many are open
        Index("ix_company_application_state", "state", "id"),
        # others of the same company
        Index("ix_company_application_code", "credit_code"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    state: Mapped[str] = mapped_column(Text, default="open")
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text, default="")
    credit_code: Mapped[str] = mapped_column(Text)
    contact: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str | None] = mapped_column(Text)
    licence_file_id: Mapped[int] = mapped_column(BigInt, ForeignKey("stored_file.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    company_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("company.id"))


class CompanyInvitation(Base):
    """A place in a company offered to an address; the mailed link proves who reads its mail.

    Open until accepted, withdrawn or expired. `source`: invited by an admin, the approval of an
    application, or the address's mail domain. With `needs_yes` an admin decides after the person
    has accepted (`asked_at`).
    """

    __tablename__ = "company_invitation"
    __table_args__ = (
        CheckConstraint("source IN ('admin','application','domain')", name="source"),
        UniqueConstraint("token_hash"),
        # a company's open ones
        Index("ix_company_invitation_company", "company_id", "email"),
        # a person's own: what they were invited to, and where they wait for a yes
        Index("ix_company_invitation_email", "email"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    company_id: Mapped[int] = mapped_column(BigInt, ForeignKey("company.id"))
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str | None] = mapped_column(Text)
    roles: Mapped[str] = mapped_column(Text, default="member")
    source: Mapped[str] = mapped_column(Text, default="admin")
    needs_yes: Mapped[int] = mapped_column(BigInt, default=0)
    token_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    sent_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    asked_at: Mapped[datetime | None] = mapped_column(Instant)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    # whoever accepted it, or asked to be let in by it
    person_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
    made_person: Mapped[int] = mapped_column(BigInt, default=0)  # their account came of it
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class CompanyDomain(Base):
    """A mail domain whose people may join the company: `mode` ask (an admin says yes) or auto."""

    __tablename__ = "company_domain"
    __table_args__ = (
        CheckConstraint("mode IN ('ask','auto')", name="mode"),
        UniqueConstraint("company_id", "domain"),
        # which companies an address may join
        Index("ix_company_domain_domain", "domain"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    company_id: Mapped[int] = mapped_column(BigInt, ForeignKey("company.id"))
    domain: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user_account.id"))
