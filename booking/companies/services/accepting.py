"""Invitations accepted by who reads the mail, and the yes of an admin where one is needed.

An account that is there already is never touched by a link alone: its person accepts signed in.
"""

from datetime import datetime

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.services.links import create_link
from booking.accounts.services.people import create_user
from booking.audit.services import add, change
from booking.companies.models import Company, CompanyInvitation, Membership
from booking.companies.queries.company import admins_of
from booking.companies.queries.invitations import usable_invitation
from booking.companies.rules.register import party_roles
from booking.companies.services.invitations import ASKED, note, own_invitation
from booking.companies.services.register import live
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState
from booking.core.text import LINE, one_line
from booking.infra.outbox import Message, enqueue

ACCEPTED = "join_accepted"


def accept(session: Session, actor: Actor, token: str, now: datetime) -> bool:
    """Join the company as the signed-in person; return False when an admin has still to say yes.

    Raises NotFound for a link that does not work or is another address's, WrongState when the
    company is retired.
    """
    row = _usable(session, token, now)
    person = session.get_one(User, actor.user_id)
    if person.email != row.email or row.asked_at is not None:
        raise NotFound("invitation")
    return _accepted(session, actor, row, person.id, now)


def accept_as_new(
    session: Session, token: str, name: str, phone: str, now: datetime
) -> tuple[str, bool]:
    """Return the token of a link to set the first password, and whether the person is a member.

    The person is created, unless this same link did so before and no password was set yet.
    Raises NotFound for a link that does not work, Invalid (`address_taken`, when meanwhile there
    is an account; `required`, without a name), WrongState when the company is retired.
    """
    row = _usable(session, token, now)
    hours = int(current_app.config["LINK_HOURS"])
    if row.person_id is not None:
        person = session.get_one(User, row.person_id)
        if person.password_hash is not None or person.retired_at is not None:
            raise NotFound("invitation")
        return create_link(session, person.id, hours, now), row.accepted_at is not None
    if not one_line(name):
        raise Invalid("required", field="name")
    person = create_user(session, None, row.email, one_line(name)[:LINE], now, one_line(phone)[:40])
    person.locale = row.locale
    row.made_person = 1
    joined = _accepted(session, Actor(person.id), row, person.id, now)
    return create_link(session, person.id, hours, now), joined


def say_yes(
    session: Session, actor: Actor, company_id: int, invitation_id: int, now: datetime
) -> int:
    """Return the id of the person who asked to join and now belongs to the company.

    Raises NotFound, WrongState when nobody asks by it (any more) or the company is retired.
    """
    row = own_invitation(session, actor, company_id, invitation_id)
    if row.asked_at is None or row.person_id is None:
        raise WrongState("nobody_asks")
    live(session, Company, company_id)
    _join(session, actor, row, row.person_id, now)
    about = f"invitation:{row.id}"
    told = Message(f"{about}:{ACCEPTED}", ACCEPTED, row.person_id, about, now)
    enqueue(session, [told], now)
    return row.person_id


def _usable(session: Session, token: str, now: datetime) -> CompanyInvitation:
    row = session.scalars(
        usable_invitation(token, now)
        .with_for_update(of=CompanyInvitation)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("invitation")
    live(session, Company, row.company_id)
    return row


def _accepted(
    session: Session, actor: Actor, row: CompanyInvitation, person_id: int, now: datetime
) -> bool:
    if not row.needs_yes:
        _join(session, actor, row, person_id, now)
        return True
    row.asked_at, row.person_id = now, person_id
    session.flush()
    about = f"invitation:{row.id}"
    admins = session.scalars(admins_of(row.company_id, now)).all()
    enqueue(
        session,
        [Message(f"{about}:{ASKED}:{admin}", ASKED, admin, about, now) for admin in admins],
        now,
    )
    note(session, actor, "ask", row, now)
    return False


def _join(
    session: Session, actor: Actor, row: CompanyInvitation, person_id: int, now: datetime
) -> None:
    """Make the person a member with the roles of the invitation, beside those they have."""
    row.accepted_at, row.person_id = now, person_id
    present = session.scalars(
        select(Membership)
        .where(Membership.user_id == person_id, Membership.company_id == row.company_id)
        .with_for_update()
    ).one_or_none()
    roles = set(row.roles.split())
    if present is None:
        place = Membership(
            user_id=person_id, company_id=row.company_id, roles=row.roles, from_at=now
        )
        add(session, actor, place, now, taken=Invalid("already_member", field="email"))
        return
    still = present.until_at is None or present.until_at > now
    kept = roles | set(present.roles.split()) if still else roles
    values = {"roles": party_roles(tuple(kept), company=True), "until_at": None}
    change(session, actor, present, values, now, action="join")
