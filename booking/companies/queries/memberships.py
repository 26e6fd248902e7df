"""What a person is where: companies, institutions, labs."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.companies.models import LabMember, Membership
from booking.core.actor import Party


def parties_of(session: Session, user_id: int, now: datetime) -> tuple[Party, ...]:
    """Return the companies and institutions a person belongs to now, by id. One query."""
    rows = session.execute(
        select(Membership.company_id, Membership.institution_id, Membership.roles)
        .where(
            Membership.user_id == user_id,
            or_(Membership.from_at.is_(None), Membership.from_at <= now),
            or_(Membership.until_at.is_(None), Membership.until_at > now),
        )
        .order_by(Membership.id)
    )
    return tuple(Party(company, inst, frozenset(roles.split())) for company, inst, roles in rows)


def labs_of(session: Session, user_id: int) -> dict[int, str]:
    """Return the labs a person works in, lab id -> role. One query."""
    rows = session.execute(
        select(LabMember.lab_id, LabMember.role)
        .where(LabMember.user_id == user_id)
        .order_by(LabMember.lab_id)
    )
    return {row.lab_id: row.role for row in rows}
