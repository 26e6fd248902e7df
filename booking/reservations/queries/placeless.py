"""Why somebody belongs to no party now, and who can give them a place."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Company, Institution, Membership
from booking.reservations.queries.people import PersonName

MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A place somebody had, or will have; names are (zh, en)."""

    names: tuple[str, str]
    from_at: datetime | None
    until_at: datetime | None


def other_places(session: Session, user_id: int, now: datetime) -> list[Place]:
    """Return the places that have ended or not begun, the latest first, at most 3. One query."""
    rows = session.execute(
        select(
            func.coalesce(Company.name_zh, Institution.name_zh),
            func.coalesce(Company.name_en, Institution.name_en),
            Membership.from_at, Membership.until_at,
        )
        .outerjoin(Company, Company.id == Membership.company_id)
        .outerjoin(Institution, Institution.id == Membership.institution_id)
        .where(Membership.user_id == user_id)
        .where(or_(Membership.from_at > now, Membership.until_at <= now))
        .order_by(Membership.id.desc())
        .limit(MOST_SHOWN)
    )  # fmt: skip
    return [Place((zh, en or ""), since, until) for zh, en, since, until in rows]


def operators(session: Session) -> list[PersonName]:
    """Return who runs the park and can give places, at most 3. One query."""
    rows = session.execute(
        select(User.id, User.name, User.email)
        .where(User.park_role == "operator", User.retired_at.is_(None))
        .order_by(User.id)
        .limit(MOST_SHOWN)
    )
    return [PersonName(*row) for row in rows]
