"""Who stands in for whom, and who is in which decider group."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from booking.accounts.models import User
from booking.companies.models import (
    Absence,
    DeciderGroup,
    DeciderGroupMember,
    Lab,
    LabMember,
    Membership,
)
from booking.companies.queries.company import belongs
from booking.core.actor import Duties
from booking.infra.db import run

LEADING = ("manager", "deputy")
_Theirs = aliased(LabMember)
_Own = aliased(Membership)


def duties_of(session: Session, user_id: int, now: datetime) -> Duties:
    """Return what a person decides on besides their own roles. Three queries.

    In somebody's stead only what they belong to themselves: the lab or its institution, the
    company. So nothing is seen by an outsider, nor after they have left.
    """
    absent = select(Absence.user_id).where(Absence.deputy_id == user_id, away(now))
    labs = session.scalars(
        select(_Theirs.lab_id)
        .join(Lab, Lab.id == _Theirs.lab_id)
        .where(_Theirs.user_id.in_(absent), _Theirs.role.in_(LEADING))
        .where(belongs_to_lab(user_id, Lab.id, Lab.institution_id, now))
    )
    companies = session.execute(
        select(Membership.company_id, Membership.roles).where(
            Membership.user_id.in_(absent), Membership.company_id.is_not(None),
            belongs(now),
            exists().where(
                _Own.user_id == user_id, _Own.company_id == Membership.company_id,
                belongs(now, _Own),
            ),
        )
    )  # fmt: skip
    groups = session.scalars(
        select(DeciderGroupMember.group_id)
        .join(DeciderGroup, DeciderGroup.id == DeciderGroupMember.group_id)
        .where(DeciderGroupMember.user_id == user_id, DeciderGroup.retired_at.is_(None))
    )
    return Duties(
        frozenset(labs),
        frozenset(key for key, roles in companies if key and "admin" in roles.split()),
        frozenset(groups),
    )


def away(now: Any) -> ColumnElement[bool]:
    """Return the condition on Absence: it runs at `now`."""
    return and_(Absence.ended_at.is_(None), Absence.from_at <= now, Absence.until_at > now)


def belongs_to_lab(user_id: Any, lab_id: Any, institution_id: Any, now: Any) -> ColumnElement[bool]:
    """Return whether a person works in the lab or belongs to its institution now."""
    works = exists().where(LabMember.lab_id == lab_id, LabMember.user_id == user_id)
    member = exists().where(
        Membership.institution_id == institution_id, Membership.user_id == user_id,
        belongs(now),
    )  # fmt: skip
    return or_(works, member)


def lab_deciders(
    session: Session, lab_id: int, institution_id: int, roles: Collection[str], now: datetime
) -> list[int]:
    """Return who decides for a lab now, by id: who is away is replaced. One query."""
    wanted = {"lab": lab_id, "institution": institution_id, "roles": list(roles), "now": now}
    rows = run(session, _LAB_DECIDERS, wanted)
    return sorted({deputy or own for own, deputy in rows})


def company_admins(session: Session, company_id: int, now: datetime) -> list[int]:
    """Return who decides for a company now, by id: who is away is replaced. One query."""
    rows = session.execute(
        select(Membership.user_id, Membership.roles, Absence.deputy_id)
        .join(User, User.id == Membership.user_id)
        .outerjoin(Absence, and_(Absence.user_id == Membership.user_id, away(now)))
        .where(Membership.company_id == company_id, belongs(now))
        .where(User.retired_at.is_(None))
    ).all()
    members = {row.user_id for row in rows}
    admins = [row for row in rows if "admin" in row.roles.split()]
    return sorted({r.deputy_id if r.deputy_id in members else r.user_id for r in admins})


def group_members(session: Session, group_id: int) -> list[int]:
    """Return who is in a decider group, by id. One query."""
    return list(
        session.scalars(
            select(DeciderGroupMember.user_id)
            .join(User, User.id == DeciderGroupMember.user_id)
            .where(DeciderGroupMember.group_id == group_id, User.retired_at.is_(None))
            .order_by(DeciderGroupMember.user_id)
        )
    )


# Built once: asked for every request that has to be decided on.
_LAB: Any = bindparam("lab")
_INSTITUTION: Any = bindparam("institution")
_NOW: Any = bindparam("now")
_LAB_DECIDERS = (
    select(_Theirs.user_id, Absence.deputy_id)
    .outerjoin(
        Absence,
        and_(
            Absence.user_id == _Theirs.user_id,
            away(_NOW),
            belongs_to_lab(Absence.deputy_id, _LAB, _INSTITUTION, _NOW),
        ),
    )
    .where(_Theirs.lab_id == _LAB, _Theirs.role.in_(bindparam("roles", expanding=True)))
)
