"""Reservations an actor may see, and the locked row a change starts from."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, or_, select, true
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, may
from booking.companies.models import Lab
from booking.core.actor import Actor
from booking.core.errors import Forbidden, NotFound, Stale
from booking.core.period import Period
from booking.infra.db import run
from booking.inventory.models import Pool
from booking.reservations.models import Allocation, ApprovalStep, Hold, Reservation

# What a program is shown of a reservation, beside its units.
SHOWN = (
    Reservation.id, Reservation.reference, Reservation.pool_id, Reservation.quantity,
    Reservation.start_at, Reservation.end_at, Reservation.status, Reservation.version,
    Reservation.named_unit, Reservation.company_id, Reservation.institution_id,
    Reservation.user_id, Reservation.purpose, Reservation.created_at,
    Reservation.decide_by,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A reservation the actor may see, with what permission needs to know of its pool."""

    row: Reservation
    subject: Subject

    @property
    def period(self) -> Period:
        """Return the shown times."""
        return Period(self.row.start_at, self.row.end_at)


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Return DESIGN §6's "seen by" as a condition on Reservation.

    Each part is on a column with an index, and only parts that can hold are written: else the
    database would read every reservation there is.
    """
    if may(actor, "reservation.read"):
        return true()
    parts: list[ColumnElement[bool]] = [Reservation.user_id == actor.user_id]
    duties = actor.duties
    companies = actor.overseen_company_ids | duties.company_ids
    if companies:
        parts.append(Reservation.company_id.in_(sorted(companies)))
    represented = sorted(actor.represented_institution_ids)
    if represented:
        parts.append(Reservation.institution_id.in_(represented))
    labs = actor.lab_ids | duties.lab_ids
    if represented or labs:
        own = or_(Pool.lab_id.in_(sorted(labs)), Pool.institution_id.in_(represented))
        parts.append(Reservation.pool_id.in_(select(Pool.id).where(own)))
    if duties.group_ids:
        asked = ApprovalStep.group_id.in_(sorted(duties.group_ids))
        parts.append(Reservation.id.in_(select(ApprovalStep.reservation_id).where(asked)))
    return or_(*parts)


def visible_reservations(actor: Actor) -> Select[Reservation]:
    """Return a query for the reservations `actor` may see, order start, id."""
    found = select(Reservation).where(seen_by(actor))
    return found.order_by(Reservation.start_at, Reservation.id)


def visible_reservation(session: Session, actor: Actor, reservation_id: int) -> Found:
    """Return one reservation. Raises NotFound when missing or not the actor's to see. One query."""
    return _one(session, actor, _WITH_SUBJECT.where(seen_by(actor)), reservation_id)


def visible_columns(
    session: Session, actor: Actor, reservation_id: int, columns: Select[*tuple[Any, ...]]
) -> Row[*tuple[Any, ...]]:
    """Return one row of `columns`, a query of Reservation. Raises NotFound. One query."""
    query = columns.where(Reservation.id == bindparam("id"), seen_by(actor))
    row = run(session, query, {"id": reservation_id}).one_or_none()
    if row is None:
        raise NotFound("reservation")
    return row


def locked_reservation(session: Session, actor: Actor, reservation_id: int) -> Found:
    """Return one visible reservation, its row locked and fresh. Raises NotFound."""
    query = _WITH_SUBJECT.where(seen_by(actor))
    query = query.with_for_update(of=Reservation).execution_options(populate_existing=True)
    return _one(session, actor, query, reservation_id)


def locked_for(
    session: Session, actor: Actor, what: str, reservation_id: int, version: int | None
) -> Found:
    """Return a visible reservation to which the actor may do `what`, its row locked and fresh.

    `version` is the one the actor has seen, None: any. Raises NotFound, Forbidden, Stale.
    """
    found = locked_reservation(session, actor, reservation_id)
    if not may(actor, what, found.subject):
        raise Forbidden
    if version is not None and found.row.version != version:
        raise Stale(version, found.row.version)
    return found


def unit_ids_of(session: Session, reservation_ids: list[int]) -> dict[int, list[int]]:
    """Return the units of each reservation: those held now, else those last held. One query."""
    rows = run(session, _UNITS, {"ids": reservation_ids})
    held: dict[int, list[int]] = {}
    before: dict[int, list[int]] = {}
    for row in rows:
        if row.active:
            held.setdefault(row.reservation_id, []).append(row.unit_id)
        before.setdefault(row.reservation_id, []).append(row.unit_id)
        del before[row.reservation_id][: -row.quantity]  # what a move gave up
    return before | held


def open_change(session: Session, reservation_id: int) -> Hold | None:
    """Return the undecided change request of a reservation, else None."""
    return session.scalars(
        select(Hold).where(
            Hold.reservation_id == reservation_id,
            Hold.kind == "pending_move",
            Hold.released_at.is_(None),
        )
    ).one_or_none()


# Built once: they answer every booking.
_WITH_SUBJECT = (
    select(Reservation, Pool.lab_id, Pool.institution_id, Lab.staff_may_approve)
    .join(Pool, Pool.id == Reservation.pool_id)
    .join(Lab, Lab.id == Pool.lab_id)
    .where(Reservation.id == bindparam("id"))
)
_UNITS = (
    select(Allocation.reservation_id, Allocation.unit_id, Allocation.active, Reservation.quantity)
    .join(Reservation, Reservation.id == Allocation.reservation_id)
    .where(Allocation.reservation_id.in_(bindparam("ids", expanding=True)))
    .order_by(Allocation.reservation_id, Allocation.id)
)


def with_groups(session: Session, actor: Actor, reservation_id: int, subject: Subject) -> Subject:
    """Return the subject with the decider groups that have to agree to the reservation.

    One query for members of any, else none.
    """
    if not actor.duties.group_ids:
        return subject
    query = select(ApprovalStep.group_id).where(
        ApprovalStep.reservation_id == reservation_id, ApprovalStep.group_id.is_not(None)
    )
    return replace(subject, group_ids=frozenset(session.scalars(query)))


def _one(
    session: Session, actor: Actor, query: Select[*tuple[Any, ...]], reservation_id: int
) -> Found:
    found = session.execute(query, {"id": reservation_id}).one_or_none()
    if found is None:
        raise NotFound("reservation")
    row, lab_id, institution_id, staff = found
    subject = Subject(
        row.user_id, row.company_id, row.institution_id, lab_id, institution_id, bool(staff)
    )
    return Found(row, with_groups(session, actor, reservation_id, subject))
