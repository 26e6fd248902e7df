"""Lists of people and of what they are where."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Company, Institution, Lab, LabMember, Membership
from booking.companies.queries.lists import found_in

# active: can sign in; invited: has not set a password yet
STATES = ("active", "invited", "retired")


@dataclass(frozen=True, slots=True)
class Place:
    """What a person is somewhere; `kind` ∈ company, institution, lab; `id` of the row saying so.

    A lab place has the lab's institution in `above_zh`, `above_en`; others have nothing there.
    """

    kind: str
    id: int
    where_id: int
    name_zh: str
    name_en: str
    roles: tuple[str, ...]
    above_zh: str = ""
    above_en: str = ""


def people(q: str, state: str) -> Select[Any]:
    """Return a query for (User,) by name; `state` of STATES, else all who are not retired."""
    return (
        select(User)
        .where(_in_state(state), found_in(q, User.name, User.email, User.phone))
        .order_by(User.name, User.id)
    )


def members(
    company_id: int | None, institution_id: int | None, now: datetime
) -> Select[Membership, User]:
    """Return a query for (Membership, User) of a company or institution now, by name."""
    where = (
        Membership.company_id == company_id
        if company_id is not None
        else Membership.institution_id == institution_id
    )
    return (
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(where, or_(Membership.until_at.is_(None), Membership.until_at > now))
        .order_by(User.name, User.id)
    )


def places_of(session: Session, user_ids: Collection[int], now: datetime) -> dict[int, list[Place]]:
    """Return what each person is where now: parties, then labs, by name. Two queries."""
    found: dict[int, list[Place]] = defaultdict(list)
    parties = session.execute(
        select(Membership, Company, Institution)
        .outerjoin(Company, Company.id == Membership.company_id)
        .outerjoin(Institution, Institution.id == Membership.institution_id)
        .where(
            Membership.user_id.in_(user_ids),
            or_(Membership.until_at.is_(None), Membership.until_at > now),
        )
        .order_by(Membership.id)
    )
    for membership, company, institution in parties:
        kind, party = ("company", company) if company else ("institution", institution)
        found[membership.user_id].append(
            Place(
                kind, membership.id, party.id, party.name_zh, party.name_en,
                tuple(membership.roles.split()),
            )
        )  # fmt: skip
    labs = session.execute(
        select(LabMember, Lab, Institution)
        .join(Lab, Lab.id == LabMember.lab_id)
        .join(Institution, Institution.id == Lab.institution_id)
        .where(LabMember.user_id.in_(user_ids))
        .order_by(Lab.name_zh, LabMember.id)
    )
    for member, lab, institution in labs:
        found[member.user_id].append(
            Place(
                "lab", member.id, lab.id, lab.name_zh, lab.name_en, (member.role,),
                institution.name_zh, institution.name_en,
            )
        )  # fmt: skip
    return dict(found)


def _in_state(state: str) -> ColumnElement[bool]:
    if state == "retired":
        return User.retired_at.is_not(None)
    live = User.retired_at.is_(None)
    if state == "active":
        return live & User.password_hash.is_not(None)
    return live & User.password_hash.is_(None) if state == "invited" else live
