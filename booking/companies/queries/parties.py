"""Lists of institutions, companies and labs, with what each of them has."""

from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Company, Institution, Lab, LabMember, Membership, Site
from booking.companies.queries.lists import Choice, count_of, found_in, shown
from booking.core.errors import NotFound
from booking.inventory.models import Contribution, Pool


def institutions(q: str, *, retired: bool) -> Select[Any]:
    """Return a query for (Institution, labs, pools, shared pools) by name, counts of live ones."""
    live_pool = (Pool.institution_id == Institution.id, Pool.retired_at.is_(None))
    return (
        select(
            Institution,
            count_of(Lab.id, Lab.institution_id == Institution.id, Lab.retired_at.is_(None)),
            count_of(Pool.id, *live_pool),
            count_of(
                Contribution.id,
                Contribution.pool_id == Pool.id, Contribution.ended_at.is_(None), *live_pool,
            ),
        )
        .where(shown(Institution.retired_at, retired=retired))
        .where(found_in(q, Institution.name_zh, Institution.name_en))
        .order_by(Institution.name_zh, Institution.id)
    )  # fmt: skip


def companies(q: str, *, retired: bool) -> Select[Any]:
    """Return a query for (Company, members, home Site or None) by name."""
    return (
        select(
            Company,
            count_of(
                Membership.id,
                Membership.company_id == Company.id, Membership.until_at.is_(None),
            ),
            Site,
        )
        .outerjoin(Site, Site.id == Company.home_site_id)
        .where(shown(Company.retired_at, retired=retired))
        .where(found_in(q, Company.name_zh, Company.name_en, Company.credit_code))
        .order_by(Company.name_zh, Company.id)
    )  # fmt: skip


def labs(q: str, *, retired: bool) -> Select[Any]:
    """Return a query for (Lab, Institution, managers, pools) by institution and name."""
    return (
        select(
            Lab,
            Institution,
            count_of(
                LabMember.id,
                LabMember.lab_id == Lab.id, LabMember.role.in_(("manager", "deputy")),
            ),
            count_of(Pool.id, Pool.lab_id == Lab.id, Pool.retired_at.is_(None)),
        )
        .join(Institution, Institution.id == Lab.institution_id)
        .where(shown(Lab.retired_at, retired=retired))
        .where(found_in(q, Lab.name_zh, Lab.name_en, Institution.name_zh, Institution.name_en))
        .order_by(Institution.name_zh, Lab.name_zh, Lab.id)
    )  # fmt: skip


def labs_of_institution(session: Session, institution_id: int) -> list[Lab]:
    """Return the institution's labs by name, retired ones last. One query."""
    return list(
        session.scalars(
            select(Lab)
            .where(Lab.institution_id == institution_id)
            .order_by(Lab.retired_at.is_not(None), Lab.name_zh, Lab.id)
        )
    )


def lab_at(session: Session, lab_id: int) -> tuple[Lab, Institution]:
    """Return a lab and its institution. Raises NotFound. One query."""
    query = select(Lab, Institution).join(Institution, Institution.id == Lab.institution_id)
    found = session.execute(query.where(Lab.id == lab_id)).one_or_none()
    if found is None:
        raise NotFound("lab")
    return found[0], found[1]


def lab_members(session: Session, lab_id: int) -> list[tuple[LabMember, User]]:
    """Return the people of a lab, managers first. One query."""
    rows = session.execute(
        select(LabMember, User)
        .join(User, User.id == LabMember.user_id)
        .where(LabMember.lab_id == lab_id)
        .order_by(LabMember.role != "manager", LabMember.role, User.name, User.id)
    )
    return [(member, user) for member, user in rows]


def site_choices(session: Session, kept: int | None = None) -> list[Choice]:
    """Return the live sites, and `kept` even if retired. One query."""
    return _choices(session, Site, kept)


def institution_choices(session: Session, kept: int | None = None) -> list[Choice]:
    """Return the live institutions, and `kept` even if retired. One query."""
    return _choices(session, Institution, kept)


def company_choices(session: Session, kept: int | None = None) -> list[Choice]:
    """Return the live companies, and `kept` even if retired. One query."""
    return _choices(session, Company, kept)


def lab_choices(
    session: Session, lab_ids: frozenset[int] | None = None, institution_id: int | None = None
) -> list[Choice]:
    """Return the live labs by institution; only of `lab_ids` and `institution_id` if given."""
    above = (Institution.name_zh.label("above_zh"), Institution.name_en.label("above_en"))
    query = select(Lab.id, Lab.name_zh, Lab.name_en, *above)
    query = query.join(Institution, Institution.id == Lab.institution_id)
    query = query.where(Lab.retired_at.is_(None), Institution.retired_at.is_(None))
    if lab_ids is not None:
        query = query.where(Lab.id.in_(lab_ids))
    if institution_id is not None:
        query = query.where(Lab.institution_id == institution_id)
    query = query.order_by(Institution.name_zh, Lab.name_zh, Lab.id)
    return [Choice(*row) for row in session.execute(query)]


def _choices(
    session: Session, table: type[Site] | type[Institution] | type[Company], kept: int | None
) -> list[Choice]:
    query = (
        select(table.id, table.name_zh, table.name_en)
        .where(or_(table.retired_at.is_(None), table.id == kept))
        .order_by(table.name_zh, table.id)
    )
    return [Choice(*row) for row in session.execute(query)]
