"""Reads of applications: the operator's list, one of them, and what it clashes with."""

from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from booking.companies.models import Company, CompanyApplication
from booking.companies.queries.lists import found_in
from booking.core.errors import NotFound

STATES = ("open", "approved", "rejected")


@dataclass(frozen=True, slots=True)
class Clashes:
    """What an operator should know before deciding: companies, and other open applications."""

    same_code: tuple[Company, ...]
    same_name: tuple[Company, ...]
    others: tuple[CompanyApplication, ...]


def applications(q: str, state: str) -> Select[CompanyApplication]:
    """Return a query for (CompanyApplication,) of one state; open ones first come first."""
    query = select(CompanyApplication).where(
        CompanyApplication.state == state,
        found_in(
            q, CompanyApplication.name_zh, CompanyApplication.name_en,
            CompanyApplication.credit_code, CompanyApplication.contact, CompanyApplication.email,
        ),
    )  # fmt: skip
    order = CompanyApplication.id if state == "open" else CompanyApplication.id.desc()
    return query.order_by(order)


def application_at(session: Session, application_id: int) -> CompanyApplication:
    """Return an application. Raises NotFound."""
    row = session.get(CompanyApplication, application_id)
    if row is None:
        raise NotFound("application")
    return row


def open_count(session: Session) -> int:
    """Return how many applications wait. One query."""
    query = select(func.count(CompanyApplication.id)).where(CompanyApplication.state == "open")
    return session.execute(query).scalar_one()


def clashes_of(session: Session, row: CompanyApplication) -> Clashes:
    """Return what has the same code or name, retired companies included. Two queries."""
    companies = session.scalars(
        select(Company)
        .where(or_(Company.credit_code == row.credit_code, Company.name_zh == row.name_zh))
        .order_by(Company.id)
    ).all()
    same_code = tuple(c for c in companies if c.credit_code == row.credit_code)
    others = session.scalars(
        select(CompanyApplication)
        .where(
            CompanyApplication.credit_code == row.credit_code,
            CompanyApplication.state == "open",
            CompanyApplication.id != row.id,
        )
        .order_by(CompanyApplication.id)
    ).all()
    rest = tuple(c for c in companies if c not in same_code)
    return Clashes(same_code, rest, tuple(others))
