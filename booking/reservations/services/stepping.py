"""The steps of a request or change: begun, taken one by one, begun anew, dropped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, func, insert, select, update
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.errors import WrongState
from booking.reservations.models import ApprovalStep, Reservation
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.steps import ESCALATED, decider_ids, handed_to, waiting_step
from booking.reservations.rules.steps import ONLY_LAB, Step
from booking.reservations.services.notices import About, tell_all, tell_approvers

OPEN = ("waiting", "queued")


def begin_steps(
    session: Session,
    reservation_id: int,
    steps: Sequence[Step],
    now: datetime,
    decide_by: datetime | None,
    hold_id: int | None = None,
) -> None:
    """Write the steps, the first of which waits; nothing where the lab alone decides."""
    if not steps or tuple(steps) == ONLY_LAB:
        return
    drop_steps(session, reservation_id)
    last = func.coalesce(func.max(ApprovalStep.position), -1)
    query = select(last).where(ApprovalStep.reservation_id == reservation_id)
    first = session.execute(query).scalar_one() + 1
    rows = [
        {
            "reservation_id": reservation_id, "hold_id": hold_id, "position": first + number,
            "kind": step.kind, "group_id": step.group_id, "level": 0,
            "state": "queued" if number else "waiting",
            "began_at": None if number else now, "decide_by": None if number else decide_by,
        }
        for number, step in enumerate(steps)
    ]  # fmt: skip
    session.execute(insert(ApprovalStep), rows)


def take_step(
    session: Session, actor: Actor, step: ApprovalStep, outcome: str, now: datetime
) -> None:
    """Decide a step, once: `outcome` is approved or rejected.

    Raises WrongState `already_decided` when somebody was quicker.
    """
    done: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(ApprovalStep)
        .where(ApprovalStep.id == step.id, ApprovalStep.state == "waiting")
        .values(state=outcome, decided_at=now, decided_by_id=actor.user_id)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:
        raise WrongState("already_decided", actual=outcome)
    session.expire(step)


def next_step(
    session: Session, taken: ApprovalStep, now: datetime, decide_by: datetime
) -> ApprovalStep | None:
    """Return the step whose turn it is after `taken`, begun now; None: that was the last."""
    following = session.scalars(
        select(ApprovalStep)
        .where(ApprovalStep.reservation_id == taken.reservation_id, ApprovalStep.state == "queued")
        .order_by(ApprovalStep.position)
        .limit(1)
    ).one_or_none()
    if following is not None:
        following.state, following.began_at, following.decide_by = "waiting", now, decide_by
        session.flush()
    return following


def drop_steps(session: Session, reservation_id: int) -> None:
    """Take away what still waits: the change it was about is no more."""
    session.execute(
        update(ApprovalStep)
        .where(ApprovalStep.reservation_id == reservation_id, ApprovalStep.state.in_(OPEN))
        .values(state="dropped")
    )


def begin_again(session: Session, row: Reservation, now: datetime) -> None:
    """Have a request that asks for more than before go through all its steps once more."""
    known = session.scalars(
        select(ApprovalStep)
        .where(ApprovalStep.reservation_id == row.id, ApprovalStep.state != "dropped")
        .order_by(ApprovalStep.position)
    ).all()
    if not known:
        return
    steps = [Step(step.kind, step.group_id) for step in known]
    for step in known:
        step.state = "dropped"
    session.flush()
    begin_steps(session, row.id, steps, now, row.decide_by)


def tell_deciders(
    session: Session,
    about: About,
    kind: str,
    pool: PoolFacts,
    company_id: int | None,
    now: datetime,
    **parameters: Any,
) -> None:
    """Tell those whose turn it is to decide: of the step that waits, else of the lab."""
    step = waiting_step(session, about.reservation_id)
    if step is None:
        tell_approvers(session, about, kind, pool, now, **parameters)
        return
    found = decider_ids(session, pool, company_id, step.kind, step.group_id, now)
    tell_all(session, about, kind, found, now, step=step.kind, **parameters)
    if not found:  # nobody could: the operators need not wait to be asked
        step.level = ESCALATED
        told = handed_to(session)
        tell_all(session, about, "request_escalated", told, now, step=step.kind)
