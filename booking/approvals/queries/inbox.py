"""What waits for a decision: new requests, and changes of approved reservations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    false,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may
from booking.companies.models import Lab
from booking.core.actor import NO_DUTIES, Actor
from booking.inventory.models import BOOKABLE_STATES, Pool, Unit
from booking.reservations.models import (
    Allocation,
    ApprovalStep,
    Hold,
    Reservation,
    ReservationGroup,
)
from booking.reservations.queries.availability import ACTIVE
from booking.reservations.queries.facts import CLEANUP, WARMUP
from booking.reservations.queries.lists import PENDING
from booking.reservations.queries.steps import ESCALATED

# More are shown as 99+; the nav asks on every page.
COUNT_UP_TO = 100


@dataclass(frozen=True, slots=True)
class Free:
    """Units of a pool in service, and how many of them nobody holds in the time asked for."""

    units: int
    free: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A group, its version as it is shown, and its reservations that wait."""

    row: ReservationGroup
    version: int
    reservation_ids: tuple[int, ...]


def waiting(actor: Actor, now: datetime) -> Select[*tuple[Any, ...]]:
    """Return the query for (reservation id, deadline) of all this actor may decide, soonest first.

    Of a series, bundle or chain only its most urgent. What is past its deadline has expired,
    whether or not its job has come by.
    """
    found = _waiting(actor, now)
    together = func.coalesce(found.c.group_id, -found.c.id)
    order = (found.c.deadline, found.c.id)
    place = func.row_number().over(partition_by=together, order_by=order).label("place")
    ranked = select(found.c.id, found.c.deadline, place).subquery("ranked")
    first = select(ranked.c.id, ranked.c.deadline).where(ranked.c.place == 1)
    return first.order_by(ranked.c.deadline, ranked.c.id)


def waiting_of_groups(
    session: Session, actor: Actor, group_ids: Sequence[int], now: datetime
) -> dict[int, Waiting]:
    """Return what of each group waits for this actor, in order of start. Two queries."""
    found = _waiting(actor, now)
    rows = session.execute(
        select(Reservation.id, Reservation.group_id)
        .join(found, found.c.id == Reservation.id)
        .where(Reservation.group_id.in_(group_ids))
        .order_by(Reservation.start_at, Reservation.id)
    )
    of: dict[int, list[int]] = {}
    for reservation_id, group_id in rows:
        of.setdefault(group_id or 0, []).append(reservation_id)
    versions = select(func.sum(Reservation.version)).where(
        Reservation.group_id == ReservationGroup.id
    )
    groups = session.execute(
        select(ReservationGroup, ReservationGroup.version + versions.scalar_subquery())
        .where(ReservationGroup.id.in_(sorted(of)))
        .order_by(ReservationGroup.id)
    )
    return {row.id: Waiting(row, int(version), tuple(of[row.id])) for row, version in groups}


def waiting_count(session: Session, actor: Actor, now: datetime) -> int | None:
    """Return how many wait for this actor, counted to 100; None for who decides on nothing."""
    if not _decides(actor):
        return None
    inner = select(_waiting(actor, now).c.id).limit(COUNT_UP_TO).subquery()
    columns = [select(func.count()).select_from(inner).scalar_subquery()]
    certain = _decides_surely(actor)
    if not certain:
        labs = select(func.count()).where(Lab.id.in_(actor.lab_ids), Lab.staff_may_approve == 1)
        columns.append(labs.scalar_subquery())
    count, *allowed = session.execute(select(*columns)).one()
    return int(count) if certain or allowed[0] else None


def oldest_waiting(session: Session, actor: Actor, now: datetime) -> tuple[int, datetime | None]:
    """Return how many wait for this actor, counted to 100, and since when the oldest. One query."""
    if not _decides(actor):
        return 0, None
    asked = _waiting(actor, now).c.asked_at
    first = select(asked).order_by(asked).limit(COUNT_UP_TO).subquery()
    count, oldest = session.execute(select(func.count(), func.min(first.c.asked_at))).one()
    return int(count), oldest


def free_beside(session: Session, reservation_ids: Sequence[int]) -> dict[int, Free]:
    """Return for each of these how many units of its pool stay free in the time asked for.

    What it holds itself counts as taken. One query, one index step a unit.
    """
    hold = and_(Hold.reservation_id == Reservation.id, Hold.released_at.is_(None))
    start = func.coalesce(Hold.start_at, Reservation.start_at) - WARMUP * 60
    end = func.coalesce(Hold.end_at, Reservation.end_at) + CLEANUP * 60
    # Active rows of a unit never overlap: the last that starts before the end decides.
    last_end = (
        select(Allocation.block_end)
        .where(Allocation.unit_id == Unit.id, ACTIVE, Allocation.block_start < end)
        .order_by(Allocation.block_start.desc())
        .limit(1)
        .correlate(Unit, Reservation, Hold, Pool)
        .scalar_subquery()
    )
    is_free = or_(last_end.is_(None), last_end <= start)
    rows = session.execute(
        select(
            Reservation.id, func.count(Unit.id).label("units"),
            func.sum(case((is_free, 1), else_=0)).label("free"),
        )
        .join(Pool, Pool.id == Reservation.pool_id)
        .join(Unit, Unit.pool_id == Pool.id)
        .outerjoin(Hold, hold)
        .where(Reservation.id.in_(reservation_ids), Unit.state.in_(BOOKABLE_STATES))
        .group_by(Reservation.id)
    )  # fmt: skip
    return {row.id: Free(row.units, int(row.free)) for row in rows}


def _waiting(actor: Actor, now: datetime) -> Any:
    turn = (ApprovalStep.reservation_id == Reservation.id) & (ApprovalStep.state == "waiting")
    mine = _decided_by(actor)
    requests = (
        select(
            Reservation.id, Reservation.decide_by.label("deadline"), Reservation.group_id,
            Reservation.created_at.label("asked_at"),
        )
        .join(Pool, Pool.id == Reservation.pool_id)
        .outerjoin(ApprovalStep, turn)
        .where(PENDING, Reservation.decide_by > now, mine)
    )  # fmt: skip
    changes = (
        select(Hold.reservation_id, Hold.expires_at, Reservation.group_id, Hold.created_at)
        .join(Reservation, Reservation.id == Hold.reservation_id)
        .join(Pool, Pool.id == Hold.pool_id)
        .outerjoin(ApprovalStep, turn)
        .where(Hold.released_at.is_(None), Hold.expires_at > now)
        .where(Reservation.status == "approved", Reservation.end_at > now, mine)
    )
    return union_all(requests, changes).subquery("waiting")


def _decides(actor: Actor) -> bool:
    return _decides_surely(actor) or bool(actor.lab_ids)


def _decides_surely(actor: Actor) -> bool:
    """Return whether something may be the actor's to decide; their staff role aside."""
    if actor.reads_only:
        return False
    leads = bool(actor.managed_lab_ids) or bool(actor.administered_company_ids)
    return leads or actor.duties != NO_DUTIES or may(actor, "step.lab")


def _decided_by(actor: Actor) -> ColumnElement[bool]:
    """Return `reservations.queries.steps.decides` as a condition on Pool and the waiting step."""
    if actor.reads_only:
        return false()
    duties = actor.duties
    of_lab = or_(ApprovalStep.id.is_(None), ApprovalStep.kind == "lab")
    parts: list[ColumnElement[bool]] = [of_lab & _lab_decided_by(actor)]
    companies = actor.administered_company_ids | duties.company_ids
    if companies:
        theirs = Reservation.company_id.in_(sorted(companies))
        parts.append((ApprovalStep.kind == "company") & theirs)
    if duties.group_ids:
        parts.append(ApprovalStep.group_id.in_(sorted(duties.group_ids)))
    if may(actor, "step.escalated"):
        parts.append(ApprovalStep.level >= ESCALATED)
    return or_(*parts)


def _lab_decided_by(actor: Actor) -> ColumnElement[bool]:
    """Return `step.lab` of the permission table as a condition on Pool."""
    if may(actor, "step.lab"):
        return true()
    deciding = actor.managed_lab_ids | actor.duties.lab_ids
    if not actor.lab_ids and not deciding:
        return false()
    # An expression: what waits is found by its own index, not by leafing through the labs' pools.
    lab = Pool.lab_id + 0
    managed = lab.in_(sorted(deciding))
    if actor.lab_ids <= deciding:
        return managed
    allowing = select(Lab.id).where(Lab.id.in_(actor.lab_ids), Lab.staff_may_approve == 1)
    return or_(managed, lab.in_(allowing))
