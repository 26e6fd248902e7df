"""Absences: one's own, in whose stead one decides, and who could stand in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, literal_column, select, union_all
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import (
    Absence,
    Company,
    DeciderGroup,
    DeciderGroupMember,
    Lab,
    LabMember,
    Membership,
)
from booking.companies.queries.company import belongs
from booking.companies.queries.duties import (
    approves,
    belongs_to_lab,
    stands_for_group,
)
from booking.core.actor import Actor, Duties


@dataclass(frozen=True, slots=True)
class Away:
    """An absence, with the name of the other: who stands in, or who is away."""

    row: Absence
    name: str


def own_absence(session: Session, actor: Actor, now: datetime) -> Away | None:
    """Return the actor's absence that runs or is to come. One query."""
    found = session.execute(
        select(Absence, User.name)
        .join(User, User.id == Absence.deputy_id)
        .where(Absence.user_id == actor.user_id, Absence.ended_at.is_(None))
        .where(Absence.until_at > now)
    ).one_or_none()
    return Away(found[0], found[1]) if found else None


def stood_in_for(session: Session, actor: Actor, now: datetime) -> list[Away]:
    """Return the absences in which the actor decides, now or to come, soonest first. One query."""
    rows = session.execute(
        select(Absence, User.name)
        .join(User, User.id == Absence.user_id)
        .where(Absence.deputy_id == actor.user_id, Absence.ended_at.is_(None))
        .where(Absence.until_at > now)
        .order_by(Absence.from_at, Absence.id)
    )
    return [Away(row, name) for row, name in rows]


def own_duties(session: Session, actor: Actor) -> Duties:
    """Return what the actor decides on by themselves, and somebody could meanwhile. Two queries.

    Labs of which they are manager or deputy, or staff where the lab's staff approve; companies
    they administer; approval groups they are in. Not what they do in another's stead.
    """
    labs = session.scalars(
        select(LabMember.lab_id)
        .join(Lab, Lab.id == LabMember.lab_id)
        .where(LabMember.user_id == actor.user_id, approves(LabMember.role))
    )
    groups = session.scalars(
        select(DeciderGroup.id)
        .join(DeciderGroupMember, DeciderGroupMember.group_id == DeciderGroup.id)
        .where(DeciderGroupMember.user_id == actor.user_id, DeciderGroup.retired_at.is_(None))
    )
    own = frozenset(groups)
    return Duties(frozenset(labs), actor.administered_company_ids, own, own)


def may_stand_in(
    session: Session, actor: Actor, duties: Duties, user_id: int, now: datetime
) -> bool:
    """Return whether a person could decide all of the actor's duties now.

    They belong to every lab and company, and are fit for every group. Four queries at most.
    Retired people stand in for nobody.
    """
    live = select(User.id).where(User.id == user_id, User.retired_at.is_(None))
    if session.execute(live).scalar() is None:
        return False
    labs = select(Lab.id).where(
        Lab.id.in_(sorted(duties.lab_ids)),
        belongs_to_lab(user_id, Lab.id, Lab.institution_id, now),
    )
    companies = select(Membership.company_id).where(
        Membership.company_id.in_(sorted(duties.company_ids)), Membership.user_id == user_id,
        belongs(now),
    )  # fmt: skip
    groups = (
        select(DeciderGroup.id)
        .outerjoin(Lab, Lab.id == DeciderGroup.lab_id)
        .where(DeciderGroup.id.in_(sorted(duties.group_ids)))
        .where(stands_for_group(user_id, actor.user_id, now))
    )
    asked = ((duties.lab_ids, labs), (duties.company_ids, companies), (duties.group_ids, groups))
    return not any(wanted and wanted - set(session.scalars(query)) for wanted, query in asked)


def duty_names(session: Session, duties: Duties) -> list[tuple[str, str]]:
    """Return the names (zh, en) of labs, companies and groups decided on, in order. One query."""
    rows = session.execute(
        union_all(
            _names(0, Lab, duties.lab_ids),
            _names(1, Company, duties.company_ids),
            _names(2, DeciderGroup, duties.group_ids),
        ).order_by("kind", "id")
    )
    return [(zh, en) for _kind, _id, zh, en in rows]


def _names(
    kind: int, table: type[Lab | Company | DeciderGroup], ids: frozenset[int]
) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = select(
        literal_column(str(kind)).label("kind"), table.id, table.name_zh, table.name_en
    )
    return query.where(table.id.in_(sorted(ids)))
