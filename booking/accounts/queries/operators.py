"""Who runs the park, for messages to them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User


def operator_ids(session: Session) -> list[int]:
    """Return the operators who are here, by id. One query."""
    query = select(User.id).where(User.park_role == "operator", User.retired_at.is_(None))
    return list(session.scalars(query.order_by(User.id)))
