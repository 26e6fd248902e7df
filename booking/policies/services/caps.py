"""What a company lets one of its people book in a month."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.companies.services.members import set_cap
from booking.core.actor import Actor
from booking.policies.services.settings import lock_edition, renew_edition


def limit_member(
    session: Session,
    actor: Actor,
    company_id: int,
    membership_id: int,
    hours: int | None,
    now: datetime,
) -> int:
    """Return `membership_id`, limited from the next booking on; see `set_cap`."""
    lock_edition(session)
    if set_cap(session, actor, company_id, membership_id, hours, now):
        renew_edition(session)
    return membership_id
