"""Reads of one company as its own people see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.permissions import Subject, require
from booking.companies.models import Company, Membership
from booking.core.actor import Actor
from booking.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a company now."""

    membership: Membership
    person: User

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the roles, member first."""
        return tuple(self.membership.roles.split())


def visible_company(
    session: Session, actor: Actor, company_id: int, action: str = "company.read"
) -> Company:
    """Return a live company for which the actor may do `action`. Raises NotFound. One query."""
    require(actor, action, Subject(company_id=company_id))
    row = session.get(Company, company_id)
    if row is None or row.retired_at is not None:
        raise NotFound("company")
    return row


def own_companies(session: Session, actor: Actor) -> list[Company]:
    """Return the live companies the actor belongs to, by id. One query."""
    query = select(Company).where(Company.id.in_(actor.company_ids), Company.retired_at.is_(None))
    return list(session.scalars(query.order_by(Company.id)))


def visible_member(
    session: Session, actor: Actor, company_id: int, membership_id: int, now: datetime
) -> tuple[Company, Member]:
    """Return a company and one of its members: the actor, or anybody for who looks after it.

    Raises NotFound.
    """
    company = visible_company(session, actor, company_id)
    found = session.execute(
        _members(company_id, now).where(Membership.id == membership_id)
    ).one_or_none()
    if found is None:
        raise NotFound("member")
    if found[1].id != actor.user_id:
        require(actor, "company.look", Subject(company_id=company_id))
    return company, Member(found[0], found[1])


def own_place(session: Session, actor: Actor, company_id: int, now: datetime) -> Membership | None:
    """Return the actor's own place in a company, None without one. One query."""
    query = _members(company_id, now).where(User.id == actor.user_id)
    found = session.execute(query).one_or_none()
    return found[0] if found else None


def colleague_names(
    session: Session, company_id: int, besides: int, now: datetime
) -> list[tuple[int, str]]:
    """Return id and name of the company's people but one, by name, at most 500. One query."""
    query = _members(company_id, now).where(User.id != besides).limit(500)
    return [(user.id, user.name) for _membership, user in session.execute(query)]


def admin_members(session: Session, company_id: int, now: datetime) -> list[User]:
    """Return the company's admins by name. One query."""
    query = _members(company_id, now).where(is_admin())
    return [user for _membership, user in session.execute(query)]


def admins_of(company_id: int, now: datetime) -> Select[int]:
    """Return a query for the ids of the company's admins who are here."""
    return _members(company_id, now).where(is_admin()).with_only_columns(User.id)


def is_admin() -> ColumnElement[bool]:
    """Return the condition that a membership's roles hold admin."""
    return (" " + Membership.roles + " ").contains(" admin ")


def belongs(now: Any, place: Any = Membership) -> ColumnElement[bool]:
    """Return the condition that a membership holds now; `place` is another name of the table."""
    begun: ColumnElement[bool] = or_(place.from_at.is_(None), place.from_at <= now)
    return begun & or_(place.until_at.is_(None), place.until_at > now)


def _members(company_id: int, now: datetime) -> Select[Membership, User]:
    return (
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(Membership.company_id == company_id, belongs(now), User.retired_at.is_(None))
        .order_by(User.name, User.id)
    )
