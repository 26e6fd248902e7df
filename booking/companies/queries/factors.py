"""Who is something of which a second factor can be asked, and who has one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.factors import roles_of
from booking.companies.models import LabMember, Membership
from booking.companies.queries.company import belongs
from booking.core.actor import Actor, Party


@dataclass(frozen=True, slots=True)
class Holder:
    """A person with roles of `accounts.rules.factors.ROLES`."""

    user_id: int
    name: str
    email: str
    roles: frozenset[str]
    has_factor: bool
    asked_at: datetime | None  # first signed in without one


def holders(session: Session, now: datetime) -> list[Holder]:
    """Return everybody active with any of those roles, by name. Three queries."""
    words = or_(*(Membership.roles.contains(word) for word in ("admin", "finance", "represent")))
    parties: dict[int, list[Party]] = {}
    for user_id, company, institution, words_of in session.execute(
        select(
            Membership.user_id, Membership.company_id, Membership.institution_id, Membership.roles
        )
        .where(belongs(now), words)
        .order_by(Membership.id)
    ):
        party = Party(company, institution, frozenset(words_of.split()))
        parties.setdefault(user_id, []).append(party)
    labs: dict[int, dict[int, str]] = {}
    for user_id, lab, role in session.execute(
        select(LabMember.user_id, LabMember.lab_id, LabMember.role)
        .where(LabMember.role.in_(("manager", "deputy")))
        .order_by(LabMember.user_id, LabMember.lab_id)
    ):
        labs.setdefault(user_id, {})[lab] = role
    people = session.scalars(
        select(User)
        .where(
            User.retired_at.is_(None),
            or_(
                User.park_role.is_not(None),
                User.id.in_(select(Membership.user_id).where(belongs(now), words)),
                User.id.in_(
                    select(LabMember.user_id).where(LabMember.role.in_(("manager", "deputy")))
                ),
            ),
        )
        .order_by(User.name, User.id)
    )
    found = []
    for user in people:
        own = tuple(parties.get(user.id, ()))
        roles = roles_of(Actor(user.id, user.name, user.park_role, own, labs.get(user.id, {})))
        if roles:
            since = user.factor_since is not None
            found.append(Holder(user.id, user.name, user.email, roles, since, user.factor_asked_at))
    return found
