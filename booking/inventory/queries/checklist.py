"""How far a park is from being bookable."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Company, Institution, Lab, LabMember, Membership, Site
from booking.inventory.models import BOOKABLE_STATES, Contribution, Pool, Unit


@dataclass(frozen=True, slots=True)
class ParkCounts:
    """How much of each there is, retired ones left out.

    `managers`: people who run labs; `shared`: pools under an agreement now; `members`: people of
    companies; `bookable`: pools shared now with a unit in service.
    """

    sites: int
    institutions: int
    labs: int
    managers: int
    pools: int
    units: int
    shared: int
    companies: int
    members: int
    bookable: int


def park_counts(session: Session, now: datetime) -> ParkCounts:
    """Return what the park has now. One query, whatever its size."""
    running = (
        Contribution.ended_at.is_(None),
        Contribution.from_at <= now,
        or_(Contribution.until_at.is_(None), Contribution.until_at > now),
    )
    shared = select(Contribution.pool_id).where(*running)
    in_service = select(Unit.pool_id).where(Unit.state.in_(BOOKABLE_STATES))
    live_pool = Pool.retired_at.is_(None)
    counts: list[Any] = [
        _count(Site.id, Site.retired_at.is_(None)),
        _count(Institution.id, Institution.retired_at.is_(None)),
        _count(Lab.id, Lab.retired_at.is_(None)),
        _count(
            LabMember.user_id.distinct(), LabMember.role.in_(("manager", "deputy")),
            LabMember.user_id.in_(_people()),
        ),
        _count(Pool.id, live_pool),
        _count(Unit.id, Unit.retired_at.is_(None)),
        _count(Pool.id, live_pool, Pool.id.in_(shared)),
        _count(Company.id, Company.retired_at.is_(None)),
        _count(
            Membership.user_id.distinct(), Membership.company_id.is_not(None),
            or_(Membership.until_at.is_(None), Membership.until_at > now),
            Membership.user_id.in_(_people()),
        ),
        _count(Pool.id, live_pool, Pool.id.in_(shared), Pool.id.in_(in_service)),
    ]  # fmt: skip
    return ParkCounts(*session.execute(select(*counts)).one())


def _people() -> Any:
    return select(User.id).where(User.retired_at.is_(None))


def _count(column: Any, *conditions: Any) -> Any:
    return select(func.count(column)).where(*conditions).scalar_subquery()
