"""What a person is where: companies, institutions, labs."""

from datetime import datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from booking.companies.models import LabMember, Membership
from booking.core.actor import Party
from booking.infra.db import run

# Built once: they are asked in every request of a signed-in person.
_PARTIES = (
    select(Membership.company_id, Membership.institution_id, Membership.roles)
    .where(
        Membership.user_id == bindparam("user_id"),
        or_(Membership.from_at.is_(None), Membership.from_at <= bindparam("now")),
        or_(Membership.until_at.is_(None), Membership.until_at > bindparam("now")),
    )
    .order_by(Membership.id)
)
_LABS = (
    select(LabMember.lab_id, LabMember.role)
    .where(LabMember.user_id == bindparam("user_id"))
    .order_by(LabMember.lab_id)
)


def parties_of(session: Session, user_id: int, now: datetime) -> tuple[Party, ...]:
    """Return the companies and institutions a person belongs to now, by id. One query."""
    rows = run(session, _PARTIES, {"user_id": user_id, "now": now}).all()
    return tuple(Party(company, inst, frozenset(roles.split())) for company, inst, roles in rows)


def labs_of(session: Session, user_id: int) -> dict[int, str]:
    """Return the labs a person works in, lab id -> role. One query."""
    rows = run(session, _LABS, {"user_id": user_id}).all()
    return {row.lab_id: row.role for row in rows}
