"""The steps of a request: whose turn it is, and who that is now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.permissions import PERMISSIONS, Subject, may
from booking.companies.models import DeciderGroup
from booking.companies.queries.duties import company_admins, group_members, lab_deciders
from booking.core.actor import Actor
from booking.reservations.models import ApprovalStep
from booking.reservations.queries.facts import PoolFacts

ESCALATED = 2  # the level from which operators may decide as well


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step, who decided it, and its group's names (zh, en); empty where there is none."""

    row: ApprovalStep
    by: str
    group: tuple[str, str]


# Built once: asked at every decision.
_WAITING = select(ApprovalStep).where(
    ApprovalStep.reservation_id == bindparam("id"), ApprovalStep.state == "waiting"
)


def waiting_step(session: Session, reservation_id: int) -> ApprovalStep | None:
    """Return the step whose turn it is; None where the lab alone decides. One query."""
    return session.scalars(_WAITING, {"id": reservation_id}).one_or_none()


def waiting_steps(session: Session, reservation_ids: Sequence[int]) -> dict[int, ApprovalStep]:
    """Return the step whose turn it is of each of these that has steps. One query."""
    rows = session.scalars(
        select(ApprovalStep).where(
            ApprovalStep.reservation_id.in_(reservation_ids), ApprovalStep.state == "waiting"
        )
    )
    return {row.reservation_id: row for row in rows}


def steps_of(session: Session, reservation_id: int) -> list[ApprovalStep]:
    """Return the steps of a reservation that still mean something, in order. One query."""
    return list(
        session.scalars(
            select(ApprovalStep)
            .where(ApprovalStep.reservation_id == reservation_id, ApprovalStep.state != "dropped")
            .order_by(ApprovalStep.position)
        )
    )


def steps_shown(session: Session, reservation_id: int) -> list[StepShown]:
    """Return the same with the names beside them. One query."""
    rows = session.execute(
        select(ApprovalStep, User.name, DeciderGroup.name_zh, DeciderGroup.name_en)
        .outerjoin(User, User.id == ApprovalStep.decided_by_id)
        .outerjoin(DeciderGroup, DeciderGroup.id == ApprovalStep.group_id)
        .where(ApprovalStep.reservation_id == reservation_id, ApprovalStep.state != "dropped")
        .order_by(ApprovalStep.position)
    )
    return [StepShown(row, by or "", (zh or "", en or "")) for row, by, zh, en in rows]


def turns_shown(session: Session, reservation_ids: Sequence[int]) -> dict[int, StepShown]:
    """Return the step whose turn it is of each of these that has steps. One query."""
    rows = session.execute(
        select(ApprovalStep, DeciderGroup.name_zh, DeciderGroup.name_en)
        .outerjoin(DeciderGroup, DeciderGroup.id == ApprovalStep.group_id)
        .where(ApprovalStep.reservation_id.in_(reservation_ids), ApprovalStep.state == "waiting")
    )
    return {row.reservation_id: StepShown(row, "", (zh or "", en or "")) for row, zh, en in rows}


def decides(actor: Actor, subject: Subject, step: ApprovalStep | None) -> bool:
    """Return whether the actor may decide the step whose turn it is; None: the lab's."""
    if step is None:
        return may(actor, "step.lab", subject)
    if step.level >= ESCALATED and may(actor, "step.escalated", subject):
        return True
    groups = frozenset() if step.group_id is None else frozenset({step.group_id})
    return may(actor, f"step.{step.kind}", replace(subject, group_ids=groups))


def took_part(session: Session, actor: Actor, subject: Subject, reservation_id: int) -> bool:
    """Return whether a step that was the actor's to decide has been decided. One query."""
    return any(
        step.decided_at is not None and decides(actor, subject, step)
        for step in steps_of(session, reservation_id)
    )


def approver_ids(session: Session, pool: PoolFacts, now: datetime) -> list[int]:
    """Return who decides for the pool's lab now, by id. One query."""
    roles = ("manager", "deputy", "staff") if pool.staff_may_approve else ("manager", "deputy")
    return lab_deciders(session, pool.lab_id, pool.institution_id, roles, now)


def decider_ids(
    session: Session,
    pool: PoolFacts,
    company_id: int | None,
    kind: str,
    group_id: int | None,
    now: datetime,
) -> list[int]:
    """Return who may decide a step now, by id. One query."""
    if kind == "company" and company_id is not None:
        return company_admins(session, company_id, now)
    if kind == "group" and group_id is not None:
        return group_members(session, group_id, now)
    return approver_ids(session, pool, now)


def handed_to(session: Session) -> Sequence[int]:
    """Return who may decide what was handed up, by id. One query."""
    roles = sorted(PERMISSIONS["step.escalated"])
    query = select(User.id).where(User.park_role.in_(roles), User.retired_at.is_(None))
    return session.scalars(query.order_by(User.id)).all()
