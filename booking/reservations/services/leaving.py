"""Leaving a company, and closing one down: what is still to come is dealt with first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import require
from booking.audit.services import record
from booking.companies.models import CompanyInvitation, Membership
from booking.companies.queries.company import visible_member
from booking.companies.services.members import end_place, sign_out_if_nowhere
from booking.companies.services.memberships import end_membership
from booking.core.actor import Actor
from booking.core.errors import Conflict, Invalid, RuleViolated, WrongState
from booking.reservations.models import Reservation
from booking.reservations.queries.live import InTheWay, live_reservations
from booking.reservations.queries.reservations import locked_reservation
from booking.reservations.services.cancelling import cancel_found
from booking.reservations.services.ending_wishes import end_wishes
from booking.reservations.services.handing import transfer
from booking.reservations.services.retiring import retire_company

CANCEL = 0  # instead of a colleague's id


@dataclass(frozen=True, slots=True)
class Parting:
    """What becomes of what is to come: a colleague's id or CANCEL, for each or for the rest."""

    rest: int | None = None
    each: Mapping[int, int] = field(default_factory=dict)  # reservation id -> the same
    reason: str = ""

    def fate(self, reservation_id: int) -> int | None:
        """Return what becomes of one; None while undecided."""
        return self.each.get(reservation_id, self.rest)


def to_come(session: Session, company_id: int, user_id: int, now: datetime) -> list[InTheWay]:
    """Return what the person has still to come for the company, by start. One query.

    What has begun is not among it: it runs to its end.
    """
    whose = (Reservation.company_id == company_id) & (Reservation.user_id == user_id)
    return live_reservations(session, whose & (Reservation.start_at > now), now)


def leave(
    session: Session,
    actor: Actor,
    company_id: int,
    membership_id: int,
    parting: Parting,
    now: datetime,
) -> int:
    """Return the person who no longer belongs to the company: the actor, or a member of its admin.

    What they wait for in its name ends, and they are told.
    Raises NotFound, WrongState (`last_admin`, `undecided_reservations` with those that are),
    Invalid on field reason where cancelling needs one, and `cannot_hand_on` with the reservation
    that a colleague may not have or that can no longer be cancelled.
    """
    _company, member = visible_member(session, actor, company_id, membership_id, now)
    user_id = member.person.id
    coming = to_come(session, company_id, user_id, now)
    undecided = [one for one in coming if parting.fate(one.id) is None]
    if undecided:
        raise WrongState("undecided_reservations", reservations=undecided)
    for one in sorted(coming, key=lambda one: one.id):
        _settle(session, actor, one, parting, now)
    end_wishes(session, actor, now, company_id=company_id, user_id=user_id)
    return end_place(session, actor, company_id, membership_id, now)


def end_party_place(
    session: Session, actor: Actor, user_id: int, membership_id: int, now: datetime
) -> None:
    """End a person's place in a company or institution as the park; what they booked stays.

    What they wait for in a company's name ends, and they are told. Raises NotFound.
    """
    company_id = end_membership(session, actor, user_id, membership_id, now)
    if company_id is not None:
        end_wishes(session, actor, now, company_id=company_id, user_id=user_id)


def close_company(
    session: Session, actor: Actor, company_id: int, reason: str, now: datetime
) -> int:
    """Return `company_id`, retired: what is to come is cancelled, places and invitations end.

    Its history stays. People without another place lose sessions and tokens.
    Raises NotFound unless operator, Invalid on field reason where something is cancelled,
    WrongState `has_live_reservations` while one is running.
    """
    require(actor, "park.edit")
    whose = (Reservation.company_id == company_id) & (Reservation.start_at > now)
    for one in live_reservations(session, whose, now):
        if not reason.strip():
            raise Invalid("reason_needed", field="reason")
        cancel_found(session, actor, locked_reservation(session, actor, one.id), reason, now)
    people = list(session.scalars(
        select(Membership.user_id).where(Membership.company_id == company_id)
    ))  # fmt: skip
    end_wishes(session, actor, now, company_id=company_id)
    retire_company(session, actor, company_id, now)
    ended = session.scalars(
        update(CompanyInvitation)
        .where(CompanyInvitation.company_id == company_id)
        .where(CompanyInvitation.accepted_at.is_(None), CompanyInvitation.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .returning(CompanyInvitation.id)
    ).all()
    if ended:
        subject, after = ("company", company_id), {"invitations": sorted(ended)}
        record(session, actor, "invitation.end_all", subject, now, after=after)
    sign_out_if_nowhere(session, people, now)
    return company_id


def _settle(session: Session, actor: Actor, one: InTheWay, parting: Parting, now: datetime) -> None:
    heir = parting.fate(one.id)
    try:
        if heir:
            transfer(session, actor, one.id, heir, now)
            return
        found = locked_reservation(session, actor, one.id)
        cancel_found(session, actor, found, parting.reason, now)
    except (RuleViolated, Conflict) as refusal:
        code = "cannot_hand_on" if heir else "cannot_cancel"
        raise Invalid(code, field="rest", actual=one.reference) from refusal
