"""Who stands in for whom, and who is in which decider group."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    and_,
    bindparam,
    exists,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
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
from booking.companies.queries.company import belongs, is_admin
from booking.companies.queries.memberships import STANDING, standing_in
from booking.core.actor import Duties, Party
from booking.infra.db import run

LEADING = ("manager", "deputy")
PARK_STAFF = ("operator", "administrator")
_Theirs = aliased(LabMember)
_Own = aliased(Membership)


def duties_of(session: Session, user_id: int, now: datetime) -> Duties:
    """Return what a person decides on besides their own roles. One query."""
    return _duties(run(session, _DUTIES, {"user_id": user_id, "now": now}).all())


def standing_and_duties(
    session: Session, user_id: int, now: datetime
) -> tuple[tuple[Party, ...], dict[int, str], Duties]:
    """Return what `standing_of` and `duties_of` do, in one query."""
    rows = run(session, _BOTH, {"user_id": user_id, "now": now}).all()
    return *standing_in(rows), _duties(rows)


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
    # Of whatever query they stand in, however deep; SQLAlchemy looks no further than the next.
    return or_(works.correlate_except(LabMember), member.correlate_except(Membership))


def approves(role: Any) -> ColumnElement[bool]:
    """Return whether somebody of this role in Lab decides on its requests."""
    return or_(role.in_(LEADING), Lab.staff_may_approve == 1)


def stands_for_group(deputy_id: Any, member_id: Any, now: Any) -> ColumnElement[bool]:
    """Return whether one may decide in DeciderGroup in a member's stead now.

    Whoever is in the group. For a lab's group who belongs to the lab (outer-joined as Lab) or its
    institution. For the park's: its staff, and whoever belongs to a lab that the member does.
    """
    inside, staff, shared = aliased(DeciderGroupMember), aliased(User), aliased(Lab)
    of_park = or_(
        exists().where(staff.id == deputy_id, staff.park_role.in_(PARK_STAFF)),
        select(shared.id)
        .where(
            belongs_to_lab(member_id, shared.id, shared.institution_id, now),
            belongs_to_lab(deputy_id, shared.id, shared.institution_id, now),
        )
        .correlate_except(shared)
        .exists(),
    )
    return or_(
        exists().where(inside.group_id == DeciderGroup.id, inside.user_id == deputy_id),
        and_(Lab.id.is_(None), of_park),
        and_(Lab.id.is_not(None), belongs_to_lab(deputy_id, Lab.id, Lab.institution_id, now)),
    )


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


def group_members(session: Session, group_id: int, now: datetime) -> list[int]:
    """Return who decides in a group now, by id: who is away is replaced. One query."""
    rows = run(session, _GROUP_DECIDERS, {"group": group_id, "now": now})
    return sorted({deputy or own for own, deputy in rows})


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
_GROUP_DECIDERS = (
    select(DeciderGroupMember.user_id, Absence.deputy_id)
    .join(DeciderGroup, DeciderGroup.id == DeciderGroupMember.group_id)
    .join(User, User.id == DeciderGroupMember.user_id)
    .outerjoin(Lab, Lab.id == DeciderGroup.lab_id)
    .outerjoin(
        Absence,
        and_(
            Absence.user_id == DeciderGroupMember.user_id,
            away(_NOW),
            stands_for_group(Absence.deputy_id, DeciderGroupMember.user_id, _NOW),
        ),
    )
    .where(DeciderGroupMember.group_id == bindparam("group"), User.retired_at.is_(None))
)
# What each row of _DUTIES is: its kind and the id. In somebody's stead only what one belongs to
# oneself: so nothing is seen by an outsider, nor after they have left, and nothing is handed on.
_LAB_FOR, _COMPANY_FOR, _GROUP, _GROUP_FOR = 2, 3, 4, 5
_USER: Any = bindparam("user_id")
_ABSENT = select(Absence.user_id).where(Absence.deputy_id == _USER, away(_NOW))


def _row(kind: int, thing: Any) -> Any:
    return select(literal_column(str(kind)).label("kind"), thing, null(), null(), null())


_DUTY_ROWS = (
    _row(_LAB_FOR, _Theirs.lab_id)
    .join(Lab, Lab.id == _Theirs.lab_id)
    .where(_Theirs.user_id.in_(_ABSENT), approves(_Theirs.role))
    .where(belongs_to_lab(_USER, Lab.id, Lab.institution_id, _NOW)),
    _row(_COMPANY_FOR, Membership.company_id).where(
        Membership.user_id.in_(_ABSENT), Membership.company_id.is_not(None), is_admin(),
        belongs(_NOW),
        exists().where(
            _Own.user_id == _USER, _Own.company_id == Membership.company_id, belongs(_NOW, _Own)
        ),
    ),
    _row(_GROUP, DeciderGroupMember.group_id)
    .join(DeciderGroup, DeciderGroup.id == DeciderGroupMember.group_id)
    .where(DeciderGroupMember.user_id == _USER, DeciderGroup.retired_at.is_(None)),
    _row(_GROUP_FOR, DeciderGroupMember.group_id)
    .join(DeciderGroup, DeciderGroup.id == DeciderGroupMember.group_id)
    .outerjoin(Lab, Lab.id == DeciderGroup.lab_id)
    .where(DeciderGroupMember.user_id.in_(_ABSENT), DeciderGroup.retired_at.is_(None))
    .where(stands_for_group(_USER, DeciderGroupMember.user_id, _NOW)),
)  # fmt: skip
_DUTIES: CompoundSelect[*tuple[Any, ...]] = union_all(*_DUTY_ROWS)
_BOTH: CompoundSelect[*tuple[Any, ...]] = union_all(*STANDING, *_DUTY_ROWS).order_by(
    "kind", "place"
)


def _duties(rows: Iterable[Any]) -> Duties:
    found: dict[int, set[int]] = {}
    for row in rows:
        found.setdefault(row[0], set()).add(row[1])
    kinds = (_LAB_FOR, _COMPANY_FOR, _GROUP, _GROUP_FOR)
    labs, companies, own, other = (frozenset(found.get(kind, ())) for kind in kinds)
    return Duties(labs, companies, own | other, own)
