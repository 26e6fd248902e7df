"""Requests and changes nobody decides on: deciders are reminded, then operators may decide too."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, insert, null, select, type_coerce
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.infra.db import BigInt
from booking.reservations.models import ApprovalStep, Hold, Reservation
from booking.reservations.queries.facts import pool_facts
from booking.reservations.queries.lists import PENDING
from booking.reservations.queries.steps import ESCALATED, decider_ids, handed_to
from booking.reservations.services.notices import About, tell_all

BATCH = 50
REMINDED = 1


def escalate(session: Session, now: datetime, remind: int, hand_up: int) -> int:
    """Return how many waiting requests were brought to mind or handed up, at most 50.

    `remind` and `hand_up` are the percent of the time to decide after which each happens. Each
    happens once: a step notes its level. Rows another process works on are left to it.
    """
    first = min(remind, hand_up)
    done = max(_first_requests(session, now, first), _first_changes(session, now, first))
    waits = (ApprovalStep.began_at, ApprovalStep.decide_by)
    due = session.scalars(
        select(ApprovalStep)
        .join(Reservation, Reservation.id == ApprovalStep.reservation_id)
        .where(ApprovalStep.state == "waiting", ApprovalStep.decide_by > now)
        .where(Reservation.status.in_(("pending", "approved")), Reservation.end_at > now)
        .where(
            ((ApprovalStep.level < REMINDED) & _gone(*waits, now, remind))
            | ((ApprovalStep.level < ESCALATED) & _gone(*waits, now, hand_up))
        )
        .order_by(ApprovalStep.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=ApprovalStep)
    ).all()
    for step in due:
        _raise_level(session, step, now, hand_up)
    return max(done, len(due))


def _gone(began: object, decide_by: object, now: datetime, percent: int) -> ColumnElement[bool]:
    """Return whether so much of the time to decide has passed. Whole numbers, so exact."""
    start = type_coerce(began, BigInt)
    length = type_coerce(decide_by, BigInt) - start
    found: ColumnElement[bool] = (int(now.timestamp()) - start) * 100 >= length * percent
    return found


def _noted() -> ColumnElement[bool]:
    return exists().where(
        ApprovalStep.reservation_id == Reservation.id, ApprovalStep.state == "waiting"
    )


def _first_requests(session: Session, now: datetime, percent: int) -> int:
    """Write a step for requests that had none, as the lab alone decides; return how many."""
    rows = session.execute(
        select(Reservation.id, null(), Reservation.created_at, Reservation.decide_by)
        .where(PENDING, Reservation.decide_by > now, ~_noted())
        .where(_gone(Reservation.created_at, Reservation.decide_by, now, percent))
        .order_by(Reservation.decide_by, Reservation.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    return _note(session, rows)


def _first_changes(session: Session, now: datetime, percent: int) -> int:
    """Do the same for changes of approved reservations, behind the steps taken before."""
    rows = session.execute(
        select(Reservation.id, Hold.id, Hold.created_at, Hold.expires_at)
        .join(Hold, Hold.reservation_id == Reservation.id)
        .where(Hold.released_at.is_(None), Hold.expires_at > now, ~_noted())
        .where(Reservation.status == "approved", Reservation.end_at > now)
        .where(_gone(Hold.created_at, Hold.expires_at, now, percent))
        .order_by(Reservation.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    return _note(session, rows)


def _note(session: Session, rows: Sequence[Row[*tuple[Any, ...]]]) -> int:
    """Write the lab's step of each (reservation, change, since, until); return how many."""
    if not rows:
        return 0
    last = (
        select(ApprovalStep.reservation_id, func.max(ApprovalStep.position))
        .where(ApprovalStep.reservation_id.in_([row[0] for row in rows]))
        .group_by(ApprovalStep.reservation_id)
    )
    behind = {key: position + 1 for key, position in session.execute(last)}
    values = [
        {
            "reservation_id": reservation_id, "hold_id": hold_id,
            "position": behind.get(reservation_id, 0), "kind": "lab", "state": "waiting",
            "began_at": since, "decide_by": until, "level": 0,
        }
        for reservation_id, hold_id, since, until in rows
    ]  # fmt: skip
    session.execute(insert(ApprovalStep), values)
    return len(rows)


def _raise_level(session: Session, step: ApprovalStep, now: datetime, hand_up: int) -> None:
    row = session.get_one(Reservation, step.reservation_id)
    pool = pool_facts(session, [row.pool_id])[row.pool_id]
    about = About.of(row)
    told = {"step": step.kind, **_asked(session, step)}
    if step.level < REMINDED:
        found = decider_ids(session, pool, row.company_id, step.kind, step.group_id, now)
        tell_all(session, about, "request_waiting", found, now, **told)
    step.level = REMINDED
    if _share(step, now) >= hand_up:
        step.level = ESCALATED
        tell_all(session, about, "request_escalated", handed_to(session), now, **told)
        record(
            session, None, "reservation.escalate", ("reservation", row.id), now,
            after={"step": step.kind},
        )  # fmt: skip
    session.flush()


def _asked(session: Session, step: ApprovalStep) -> dict[str, Any]:
    """Return what a change asks for, as the first question told it; nothing of a request."""
    if step.hold_id is None:
        return {}
    hold = session.get_one(Hold, step.hold_id)
    return {"new_start": hold.start_at, "new_end": hold.end_at, "quantity": hold.quantity}


def _share(step: ApprovalStep, now: datetime) -> float:
    if step.began_at is None or step.decide_by is None or step.decide_by <= step.began_at:
        return 100.0
    return 100 * (now - step.began_at) / (step.decide_by - step.began_at)
