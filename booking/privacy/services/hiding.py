"""What a company tells the owners of instruments."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, may_look, require
from booking.audit.services import change
from booking.companies.models import Company
from booking.core.actor import Actor
from booking.core.errors import NotFound


def company_to_look_at(session: Session, actor: Actor, company_id: int) -> Company:
    """Return a company whose wishes the actor may set, or read. Raises NotFound."""
    row = session.get(Company, company_id)
    if not may_look(actor, "company.hide_purposes", Subject(company_id=company_id)):
        raise NotFound("company")
    if row is None or row.retired_at is not None:
        raise NotFound("company")
    return row


def hide_purposes(
    session: Session, actor: Actor, company_id: int, now: datetime, *, hides: bool
) -> int:
    """Return `company_id` after writing whether owners read its purposes. Raises NotFound."""
    require(actor, "company.hide_purposes", Subject(company_id=company_id))
    row = company_to_look_at(session, actor, company_id)
    change(session, actor, row, {"hides_purposes": int(hides)}, now)
    return company_id
