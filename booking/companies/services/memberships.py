"""Giving people places in companies, institutions and labs, and ending them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.queries.signing_in import user_by_email
from booking.accounts.rules.permissions import require
from booking.audit.services import add, change, record
from booking.companies.models import Company, Institution, Lab, LabMember, Membership
from booking.companies.rules.register import checked_lab_role, party_roles
from booking.companies.services.register import live
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState


@dataclass(frozen=True, slots=True)
class PartyPlace:
    """A place in a company or an institution: exactly one id, and the roles there."""

    company_id: int | None
    institution_id: int | None
    roles: tuple[str, ...] = ("member",)


@dataclass(frozen=True, slots=True)
class LabPlace:
    """A place in a lab."""

    lab_id: int
    role: str


def place_in_party(
    session: Session, actor: Actor, user_id: int, place: PartyPlace, now: datetime
) -> int:
    """Return `user_id` after making the person a member, or giving them other roles there.

    A place ended before is opened again. Raises Invalid, NotFound, WrongState when retired.
    """
    require(actor, "park.edit")
    live_person(session, user_id)
    if place.company_id is not None:
        live(session, Company, place.company_id)
    elif place.institution_id is not None:
        live(session, Institution, place.institution_id)
    else:
        raise Invalid("required", field="party")
    values = {
        "roles": party_roles(place.roles, company=place.company_id is not None),
        "until_at": None,
    }
    present = session.scalars(
        select(Membership).where(
            Membership.user_id == user_id,
            Membership.company_id.is_not_distinct_from(place.company_id),
            Membership.institution_id.is_not_distinct_from(place.institution_id),
        )
    ).one_or_none()
    if present is not None:
        change(session, actor, present, values, now)
        return user_id
    row = Membership(
        user_id=user_id, company_id=place.company_id, institution_id=place.institution_id,
        from_at=now, **values,
    )  # fmt: skip
    add(session, actor, row, now)
    return user_id


def end_membership(
    session: Session, actor: Actor, user_id: int, membership_id: int, now: datetime
) -> int | None:
    """Return the company a person's place in which has ended, None for an institution.

    What they still hold and wait for is looked at by `reservations.services.leaving`, which calls
    this. Raises NotFound.
    """
    require(actor, "park.edit")
    row = session.scalars(
        select(Membership).where(
            Membership.id == membership_id,
            Membership.user_id == user_id,
            or_(Membership.until_at.is_(None), Membership.until_at > now),
        )
    ).one_or_none()
    if row is None:
        raise NotFound("membership")
    change(session, actor, row, {"until_at": now}, now, action="end")
    return row.company_id


def place_in_lab(
    session: Session, actor: Actor, user_id: int, place: LabPlace, now: datetime
) -> None:
    """Make a person manager, deputy or staff of a lab, or give them another role there.

    Raises Invalid on an unknown role, NotFound, WrongState when the lab or person is retired.
    """
    require(actor, "park.edit")
    live_person(session, user_id)
    role = checked_lab_role(place.role)
    live(session, Lab, place.lab_id)
    present = session.scalars(
        select(LabMember).where(LabMember.user_id == user_id, LabMember.lab_id == place.lab_id)
    ).one_or_none()
    if present is not None:
        change(session, actor, present, {"role": role}, now)
        return
    add(session, actor, LabMember(lab_id=place.lab_id, user_id=user_id, role=role), now)


def place_in_lab_by_email(
    session: Session, actor: Actor, email: str, place: LabPlace, now: datetime
) -> int:
    """Return the id of the person with this address, now in the lab. Raises as `place_in_lab`."""
    require(actor, "park.edit")
    user = person_called(session, email)
    place_in_lab(session, actor, user.id, place, now)
    return user.id


def leave_lab(session: Session, actor: Actor, lab_id: int, user_id: int, now: datetime) -> None:
    """Take a person out of a lab; the audit keeps that they were there. Raises NotFound."""
    require(actor, "park.edit")
    role = session.execute(
        delete(LabMember)
        .where(LabMember.lab_id == lab_id, LabMember.user_id == user_id)
        .returning(LabMember.role)
    ).scalar_one_or_none()
    if role is None:
        raise NotFound("lab member")
    before = {"user_id": user_id, "role": role}
    record(session, actor, "lab.leave", ("lab", lab_id), now, before=before)


def person_called(session: Session, email: str) -> User:
    """Return the person with this address. Raises Invalid on field email."""
    user = user_by_email(session, email)
    if user is None or user.retired_at is not None:
        raise Invalid("address_unknown", field="email", actual=email.strip())
    return user


def live_person(session: Session, user_id: int) -> User:
    """Return the person, fresh. Raises NotFound when missing, WrongState when retired."""
    user = session.get(User, user_id, populate_existing=True)
    if user is None:
        raise NotFound("person")
    if user.retired_at is not None:
        raise WrongState("retired")
    return user
