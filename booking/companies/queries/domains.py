"""Reads of the mail domains by which people join."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import CompanyDomain


def domains_of(session: Session, company_id: int) -> list[CompanyDomain]:
    """Return a company's domains by name. One query."""
    query = select(CompanyDomain).where(CompanyDomain.company_id == company_id)
    return list(session.scalars(query.order_by(CompanyDomain.domain)))
