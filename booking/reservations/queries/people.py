"""Who decides on a pool, whom one may book for, and under which name."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Company, Institution, LabMember, Membership
from booking.companies.queries.memberships import standing_of
from booking.core.actor import Actor, Party
from booking.core.errors import Invalid
from booking.infra.db import run
from booking.inventory.models import Pool
from booking.reservations.models import Reservation
from booking.reservations.queries.facts import PoolFacts

LONGEST_NAME = 254
MOST_FOUND = 8
# The party of a booking while neither it nor the person is retired, which then waits. KEY SHARE:
# bookings do not wait for one another.
BOOKER = {
    field: select(table.id)
    .join(User, User.id == bindparam("person"))
    .where(table.id == bindparam("party"), table.retired_at.is_(None), User.retired_at.is_(None))
    .with_for_update(read=True, key_share=True)
    for field, table in (("company_id", Company), ("institution_id", Institution))
}
MOST_COLLEAGUES = 200


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person as a manager finds them."""

    user_id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class PartyName:
    """A party one may book for, and its names (zh, en)."""

    company_id: int | None
    institution_id: int | None
    names: tuple[str, str]


def approver_names(session: Session, pool: PoolFacts) -> list[str]:
    """Return who may decide on the pool's requests: managers first. One query."""
    roles = ("manager", "deputy", "staff") if pool.staff_may_approve else ("manager", "deputy")
    rows = session.execute(
        select(User.name, LabMember.role)
        .join(LabMember, LabMember.user_id == User.id)
        .where(LabMember.lab_id == pool.lab_id, LabMember.role.in_(roles))
        .where(User.retired_at.is_(None))
        .order_by(LabMember.id)
    ).all()
    return [name for name, _role in sorted(rows, key=lambda row: roles.index(row.role))]


def manager_addresses(session: Session, pool: PoolFacts) -> list[str]:
    """Return the e-mail addresses of the lab's managers and deputies. One query."""
    query = (
        select(User.email)
        .join(LabMember, LabMember.user_id == User.id)
        .where(LabMember.lab_id == pool.lab_id, LabMember.role.in_(("manager", "deputy")))
        .where(User.retired_at.is_(None))
        .order_by(LabMember.id)
    )
    return list(session.scalars(query))


def people_found(
    session: Session,
    text: str,
    company_ids: Collection[int] | None = None,
    known_to: PoolFacts | None = None,
) -> list[PersonName]:
    """Return the active people with this e-mail address, else those whose name holds `text`.

    At most 8, by name; only members of `company_ids` where these are given, by a part of the name
    only whom the lab of `known_to` knows. For those only who may book for them: it shows addresses.
    """
    active = select(User.id, User.name, User.email).where(User.retired_at.is_(None))
    if company_ids is not None:
        ended = Membership.until_at.is_not(None)
        members = select(Membership.user_id).where(Membership.company_id.in_(company_ids), ~ended)
        active = active.where(User.id.in_(members))
    typed = text.strip()
    rows = session.execute(active.where(User.email == typed.lower())).all()
    # No name is longer, and SQLite refuses to search for much longer text.
    if not rows and 0 < len(typed) <= LONGEST_NAME:
        like = or_(
            User.name.icontains(typed, autoescape=True),
            User.email.istartswith(typed, autoescape=True),
        )
        some = active.where(like)
        if known_to is not None:
            some = some.where(_known_to(known_to))
        rows = session.execute(some.order_by(User.name, User.id).limit(MOST_FOUND)).all()
    return [PersonName(*row) for row in rows]


def _known_to(pool: PoolFacts) -> ColumnElement[bool]:
    """Return who belongs to the pool's lab or institution, or has booked of the lab's.

    Otherwise a lab could spell its way through everybody of every company.
    """
    of_lab = select(LabMember.id).where(LabMember.user_id == User.id)
    of_institution = select(Membership.id).where(Membership.user_id == User.id)
    pools = select(Pool.id).where(Pool.lab_id == pool.lab_id)
    booked = select(Reservation.id).where(Reservation.user_id == User.id)
    return or_(
        of_lab.where(LabMember.lab_id == pool.lab_id).exists(),
        of_institution.where(Membership.institution_id == pool.institution_id).exists(),
        booked.where(Reservation.pool_id.in_(pools)).exists(),
    )


def colleagues(session: Session, row: Reservation, now: datetime) -> list[PersonName]:
    """Return to whom a reservation can be handed: active members of its party, by name.

    At most 200. One query; none for a reservation without a party.
    """
    if row.company_id is None and row.institution_id is None:
        return []
    own = Membership.company_id == row.company_id
    if row.company_id is None:
        own = Membership.institution_id == row.institution_id
    rows = session.execute(
        select(User.id, User.name, User.email)
        .join(Membership, Membership.user_id == User.id)
        .where(own, User.retired_at.is_(None), User.id.is_distinct_from(row.user_id))
        .where(or_(Membership.from_at.is_(None), Membership.from_at <= now))
        .where(or_(Membership.until_at.is_(None), Membership.until_at > now))
        .order_by(User.name, User.id)
        .limit(MOST_COLLEAGUES)
    )
    return [PersonName(*row) for row in rows]


def parties_for(
    session: Session, actor: Actor, person_id: int, pool: PoolFacts, now: datetime
) -> tuple[Party, ...]:
    """Return the parties for which `actor` may book the pool for this person."""
    parties, labs = actor.parties, actor.labs
    if person_id != actor.user_id:
        parties, labs = standing_of(session, person_id, now)
    if pool.lab_id in labs and all(p.institution_id != pool.institution_id for p in parties):
        # Lab people book their own lab's pools for its institution.
        return (*parties, Party(None, pool.institution_id, frozenset({"member"})))
    return parties


def lock_booker(session: Session, person_id: int, party: Party) -> None:
    """Keep a person and a party from being retired until the transaction is over. One query.

    What the actor was read with may have been retired since. Raises Invalid when one has.
    """
    field, wanted = booker_asked(person_id, party)
    if run(session, BOOKER[field], wanted).one_or_none() is None:
        raise Invalid("not_your_party", field=field)


def booker_asked(person_id: int, party: Party) -> tuple[str, dict[str, int | None]]:
    """Return of which of BOOKER a person and a party are asked, and with what."""
    field = "company_id" if party.company_id is not None else "institution_id"
    return field, {"person": person_id, "party": party.company_id or party.institution_id}


def party_names(session: Session, parties: tuple[Party, ...]) -> list[PartyName]:
    """Return the parties with their names, in their order. At most two queries."""
    names: dict[tuple[int | None, int | None], tuple[str, str]] = {}
    companies = [p.company_id for p in parties if p.company_id is not None]
    if companies:
        query = select(Company.id, Company.name_zh, Company.name_en)
        for key, zh, en in session.execute(query.where(Company.id.in_(companies))):
            names[key, None] = (zh, en)
    institutions = [p.institution_id for p in parties if p.institution_id is not None]
    if institutions:
        query = select(Institution.id, Institution.name_zh, Institution.name_en)
        for key, zh, en in session.execute(query.where(Institution.id.in_(institutions))):
            names[None, key] = (zh, en)
    return [
        PartyName(p.company_id, p.institution_id, names[p.company_id, p.institution_id])
        for p in parties
    ]
