"""Reads of invitations: those that can still be accepted, those waiting for a yes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Company, CompanyInvitation, Membership
from booking.core.errors import NotFound
from booking.infra.secret import token_hash


def open_invitations(company_id: int, now: datetime) -> Select[CompanyInvitation]:
    """Return a query for a company's invitations that can be accepted, or wait for a yes."""
    return unsettled(company_id).where(
        or_(CompanyInvitation.expires_at > now, CompanyInvitation.asked_at.is_not(None))
    )


def unsettled_invitations(session: Session, company_id: int) -> list[CompanyInvitation]:
    """Return a company's invitations neither accepted nor withdrawn, expired ones too. One query.

    Who waits for a yes comes first, then the newest.
    """
    query = unsettled(company_id).order_by(
        CompanyInvitation.asked_at.is_(None), CompanyInvitation.id.desc()
    )
    return list(session.scalars(query.limit(500)))


def usable_invitation(token: str, now: datetime) -> Select[CompanyInvitation]:
    """Return a query for the invitation of a link that works.

    One that was accepted works until the person it created has set a password.
    """
    unset = select(User.id).where(
        CompanyInvitation.made_person == 1,
        User.id == CompanyInvitation.person_id,
        User.password_hash.is_(None),
        User.retired_at.is_(None),
    )
    return select(CompanyInvitation).where(
        CompanyInvitation.token_hash == token_hash(token),
        CompanyInvitation.withdrawn_at.is_(None),
        CompanyInvitation.expires_at > now,
        or_(CompanyInvitation.person_id.is_(None), unset.exists()),
    )


def offered(session: Session, token: str, now: datetime) -> tuple[CompanyInvitation, Company]:
    """Return the invitation of a link and its company. Raises NotFound. Two queries."""
    row = session.scalars(usable_invitation(token, now)).one_or_none()
    company = session.get(Company, row.company_id) if row is not None else None
    if row is None or company is None or company.retired_at is not None:
        raise NotFound("invitation")
    return row, company


def is_member(session: Session, company_id: int, email: str, now: datetime) -> bool:
    """Return whether the person with this address belongs to the company now. One query."""
    query = select(Membership.id).join(User, User.id == Membership.user_id)
    query = query.where(
        Membership.company_id == company_id,
        User.email == email,
        or_(Membership.until_at.is_(None), Membership.until_at > now),
    )
    return session.execute(query).first() is not None


def unsettled(company_id: int) -> Select[CompanyInvitation]:
    """Return a query for a company's invitations neither accepted nor withdrawn."""
    return select(CompanyInvitation).where(
        CompanyInvitation.company_id == company_id,
        CompanyInvitation.accepted_at.is_(None),
        CompanyInvitation.withdrawn_at.is_(None),
    )


def asking_count(session: Session, company_ids: Sequence[int]) -> int:
    """Return how many people wait for a yes of these companies, counted to 100. One query."""
    some = select(CompanyInvitation.id).where(
        CompanyInvitation.company_id.in_(company_ids),
        CompanyInvitation.asked_at.is_not(None),
        CompanyInvitation.accepted_at.is_(None),
        CompanyInvitation.withdrawn_at.is_(None),
    )
    counted = select(func.count()).select_from(some.limit(100).subquery())
    return session.execute(counted).scalar_one()
