"""What a company tells the owners of instruments."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.audit.services import change
from booking.companies.queries.company import visible_company
from booking.core.actor import Actor


def hide_purposes(
    session: Session, actor: Actor, company_id: int, now: datetime, *, hides: bool
) -> int:
    """Return `company_id` after writing whether owners read its purposes. Raises NotFound."""
    row = visible_company(session, actor, company_id, "company.hide_purposes")
    change(session, actor, row, {"hides_purposes": int(hides)}, now)
    return company_id
