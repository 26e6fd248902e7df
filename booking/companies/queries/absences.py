"""Absences: one's own, in whose stead one decides, and who could stand in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Absence, Lab, Membership
from booking.companies.queries.company import belongs
from booking.companies.queries.duties import belongs_to_lab
from booking.core.actor import Actor


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


def may_stand_in(session: Session, actor: Actor, user_id: int, now: datetime) -> bool:
    """Return whether a person belongs to every lab and company the actor decides for.

    Two queries at most. Retired people stand in for nobody.
    """
    live = select(User.id).where(User.id == user_id, User.retired_at.is_(None))
    if session.execute(live).scalar() is None:
        return False
    labs = actor.managed_lab_ids
    theirs = select(Lab.id).where(
        Lab.id.in_(sorted(labs)), belongs_to_lab(user_id, Lab.id, Lab.institution_id, now)
    )
    if labs - set(session.scalars(theirs)):
        return False
    companies = actor.administered_company_ids
    members = select(Membership.company_id).where(
        Membership.company_id.in_(sorted(companies)), Membership.user_id == user_id,
        belongs(now),
    )  # fmt: skip
    return not companies - set(session.scalars(members))
