"""Invitations to a company: sent, sent again, withdrawn."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, require
from booking.audit.services import record
from booking.companies.models import Company, CompanyInvitation
from booking.companies.queries.invitations import (
    is_member,
    open_invitations,
    unsettled,
)
from booking.companies.rules.joining import plain_address
from booking.companies.rules.register import party_roles
from booking.companies.services.people import PathOf
from booking.companies.services.register import live
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState
from booking.core.text import LINE, one_line
from booking.infra.outbox import STRANGER, Message, enqueue, void
from booking.infra.secret import new_token, token_hash

KIND, ASKED = "company_invitation", "join_asked"
MOST_OPEN = 200  # of one company


@dataclass(frozen=True, slots=True)
class InvitationWanted:
    """Whom to invite as what. Name, phone and language are what is known of them already."""

    email: str
    roles: tuple[str, ...] = ("member",)
    name: str = ""
    phone: str = ""
    locale: str | None = None


def invite(
    session: Session,
    actor: Actor,
    company_id: int,
    wanted: InvitationWanted,
    path_of: PathOf,
    now: datetime,
) -> int:
    """Return the id of a new invitation, mailed. Whether the address has an account is not told.

    Raises NotFound unless the company's admin or operator, Invalid (no address, unknown role,
    `already_member`, `already_invited`, `too_many_invitations`), WrongState when retired.
    """
    require(actor, "company.manage", Subject(company_id=company_id))
    email = plain_address(wanted.email)
    if is_member(session, company_id, email, now):
        raise Invalid("already_member", field="email", actual=email)
    row = send_new(session, actor, company_id, wanted, path_of, now)
    return row.id


def send_new(
    session: Session,
    actor: Actor | None,
    company_id: int,
    wanted: InvitationWanted,
    path_of: PathOf,
    now: datetime,
    *,
    source: str = "admin",
    needs_yes: bool = False,
) -> CompanyInvitation:
    """Return a new invitation, mailed; the caller has asked whether the actor may.

    Raises Invalid `already_invited`, `too_many_invitations`, WrongState when retired.
    """
    live(session, Company, company_id)
    email, roles = plain_address(wanted.email), party_roles(wanted.roles, company=True)
    _require_room(session, company_id, email, now)
    row = CompanyInvitation(
        company_id=company_id, email=email, roles=roles, source=source, needs_yes=int(needs_yes),
        name=one_line(wanted.name)[:LINE], phone=one_line(wanted.phone)[:40],
        locale=wanted.locale, token_hash="", created_at=now, sent_at=now, expires_at=now,
        created_by_id=actor.user_id if actor else None,
    )  # fmt: skip
    mail_link(session, row, path_of, now)
    note(session, actor, "create", row, now, reason=email)
    return row


def send_again(
    session: Session,
    actor: Actor,
    company_id: int,
    invitation_id: int,
    path_of: PathOf,
    now: datetime,
) -> None:
    """Mail a new link and begin the time anew; the earlier link stops working.

    Raises NotFound, WrongState when accepted or withdrawn.
    """
    row = own_invitation(session, actor, company_id, invitation_id)
    if row.asked_at is not None:
        raise WrongState("invitation_used")
    mail_link(session, row, path_of, now)
    note(session, actor, "send_again", row, now)


def withdraw(
    session: Session, actor: Actor, company_id: int, invitation_id: int, now: datetime
) -> None:
    """Withdraw an invitation, or say no to who asked to join; its link stops working.

    Raises NotFound, WrongState when accepted or withdrawn.
    """
    row = own_invitation(session, actor, company_id, invitation_id)
    row.withdrawn_at = now
    session.flush()
    void(session, f"invitation:{row.id}", (KIND, ASKED))
    note(session, actor, "withdraw", row, now)


def own_invitation(
    session: Session, actor: Actor, company_id: int, invitation_id: int
) -> CompanyInvitation:
    """Return an invitation of the company that is neither accepted nor withdrawn, locked."""
    require(actor, "company.manage", Subject(company_id=company_id))
    row = session.scalars(
        select(CompanyInvitation)
        .where(CompanyInvitation.id == invitation_id, CompanyInvitation.company_id == company_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("invitation")
    if row.accepted_at is not None or row.withdrawn_at is not None:
        raise WrongState("invitation_used")
    return row


def _require_room(session: Session, company_id: int, email: str, now: datetime) -> None:
    """Raise Invalid when the address is invited, or too many are; what expired makes room."""
    waiting = open_invitations(company_id, now)
    if session.scalars(waiting.where(CompanyInvitation.email == email)).first() is not None:
        raise Invalid("already_invited", field="email", actual=email)
    count = select(func.count()).select_from(waiting.limit(MOST_OPEN).subquery())
    if session.execute(count).scalar_one() >= MOST_OPEN:
        raise Invalid("too_many_invitations", field="email", limit=MOST_OPEN)
    for row in session.scalars(unsettled(company_id).where(CompanyInvitation.email == email)):
        row.withdrawn_at = now


def mail_link(session: Session, row: CompanyInvitation, path_of: PathOf, now: datetime) -> None:
    """Give the invitation a new link and time, and mail it; an earlier link stops working."""
    token = new_token()
    row.token_hash, row.sent_at = token_hash(token), now
    row.expires_at = now + timedelta(days=int(current_app.config["INVITATION_DAYS"]))
    session.add(row)
    session.flush()
    about = f"invitation:{row.id}"
    void(session, about, (KIND,))
    message = Message(
        dedupe_key=f"{about}:{KIND}:{row.token_hash[:16]}", kind=KIND, recipient_id=STRANGER,
        subject_ref=about, due_at=now, useful_until=row.expires_at,
        parameters=json.dumps({"path": path_of(token)}),
    )  # fmt: skip
    enqueue(session, [message], now)


def note(
    session: Session,
    actor: Actor | None,
    what: str,
    row: CompanyInvitation,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Write the record of the company: `invitation.<what>`; the address is personal text."""
    after = {"invitation": row.id, "roles": row.roles, "source": row.source}
    subject = ("company", row.company_id)
    record(session, actor, f"invitation.{what}", subject, now, after=after, reason=reason)
