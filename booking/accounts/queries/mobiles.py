"""Reads of proven mobile numbers."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import Mobile, User


def mobile_behind(session: Session, account: str) -> tuple[int, str] | None:
    """Return (user id, number) of the active person with this number or address. One query.

    Both count only once the person has proven a number.
    """
    row = session.execute(
        select(Mobile.user_id, Mobile.number)
        .join(User, User.id == Mobile.user_id)
        .where(or_(Mobile.number == account, User.email == account), User.retired_at.is_(None))
    ).first()
    return (row.user_id, row.number) if row else None


def mobile_of_person(session: Session, user_id: int) -> str | None:
    """Return a person's proven number, None without one."""
    return session.scalars(select(Mobile.number).where(Mobile.user_id == user_id)).one_or_none()
