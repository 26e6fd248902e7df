"""What people are in a company, changed by its admins; a company keeps an admin."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.permissions import Subject, may, require
from booking.accounts.services.sessions import end_sessions
from booking.accounts.services.tokens import end_all_tokens
from booking.audit.services import change
from booking.companies.models import LabMember, Membership
from booking.companies.queries.company import belongs, is_admin
from booking.companies.rules.register import party_roles
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState
from booking.infra.outbox import Message, enqueue

PLACE_ENDED = "place_ended"
MOST_HOURS = 10_000


def set_roles(
    session: Session,
    actor: Actor,
    company_id: int,
    membership_id: int,
    roles: tuple[str, ...],
    now: datetime,
) -> int:
    """Return `membership_id` after giving a member these roles, and no others.

    Raises NotFound, Invalid on an unknown role, WrongState `last_admin`.
    """
    require(actor, "company.manage", Subject(company_id=company_id))
    wanted = party_roles(roles, company=True)
    row = locked_place(session, company_id, membership_id, now)
    if "admin" in row.roles.split() and "admin" not in wanted.split():
        keep_an_admin(session, company_id, row.id, now)
    change(session, actor, row, {"roles": wanted}, now, action="roles")
    return membership_id


def set_cap(
    session: Session,
    actor: Actor,
    company_id: int,
    membership_id: int,
    hours: int | None,
    now: datetime,
) -> bool:
    """Return whether what a member may book for the company in a month is another one now.

    `hours` counts all units together; None: any amount. What is booked already stays. The caller
    (`policies.services.caps`) has the booking rules read anew. Raises NotFound, Invalid.
    """
    require(actor, "company.manage", Subject(company_id=company_id))
    if hours is not None and not 0 <= hours <= MOST_HOURS:
        raise Invalid("out_of_range", field="month_hours", least=0, most=MOST_HOURS, actual=hours)
    row = locked_place(session, company_id, membership_id, now)
    values = {"month_minutes": None if hours is None else hours * 60}
    return change(session, actor, row, values, now, action="limit")


def end_place(
    session: Session, actor: Actor, company_id: int, membership_id: int, now: datetime
) -> int:
    """Return the person whose place in the company has ended; what they booked stays.

    Who is left without any place loses sessions and tokens, unless they leave by themselves.
    What they still hold is looked at by `reservations.services.leaving`, which calls this.
    Raises NotFound unless it is the actor's own place or they are its admin, WrongState
    `last_admin`.
    """
    row = locked_place(session, company_id, membership_id, now)
    if row.user_id != actor.user_id:
        require(actor, "company.manage", Subject(company_id=company_id))
    if "admin" in row.roles.split() and not may(actor, "park.edit"):
        keep_an_admin(session, company_id, row.id, now)
    change(session, actor, row, {"until_at": now}, now, action="end")
    if row.user_id != actor.user_id:
        sign_out_if_nowhere(session, [row.user_id], now)
        about = f"company:{company_id}"
        key = f"{about}:{PLACE_ENDED}:{row.user_id}:{int(now.timestamp())}"
        enqueue(session, [Message(key, PLACE_ENDED, row.user_id, about, now)], now)
    return row.user_id


def locked_place(
    session: Session, company_id: int, membership_id: int, now: datetime
) -> Membership:
    """Return a place that holds now, fresh and locked. Raises NotFound."""
    row = session.scalars(
        select(Membership)
        .where(Membership.id == membership_id, Membership.company_id == company_id, belongs(now))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("member")
    return row


def keep_an_admin(session: Session, company_id: int, without: int, now: datetime) -> None:
    """Raise WrongState `last_admin` unless somebody else is admin who can sign in.

    The admins' places are locked by id, so that two of them cannot leave at once.
    """
    admins = session.execute(
        select(Membership, User.password_hash)
        .join(User, User.id == Membership.user_id)
        .where(Membership.company_id == company_id, is_admin(), User.retired_at.is_(None))
        .order_by(Membership.id)
        .with_for_update(of=Membership)
        .execution_options(populate_existing=True)
    ).all()
    others = (row for row, password in admins if password and row.id != without)
    if not any(row.until_at is None or row.until_at > now for row in others):
        raise WrongState("last_admin")


def sign_out_if_nowhere(session: Session, user_ids: list[int], now: datetime) -> None:
    """End the sessions and tokens of those who have no place and no role left anywhere."""
    placed = set(session.scalars(
        select(Membership.user_id).where(Membership.user_id.in_(user_ids), belongs(now))
    ))  # fmt: skip
    placed |= set(session.scalars(
        select(LabMember.user_id).where(LabMember.user_id.in_(user_ids))
    ))  # fmt: skip
    placed |= set(session.scalars(
        select(User.id).where(User.id.in_(user_ids), User.park_role.is_not(None))
    ))  # fmt: skip
    for user_id in sorted(set(user_ids) - placed):
        end_sessions(session, user_id, now)
        end_all_tokens(session, user_id, now)
