"""Requests nobody decides on: their deciders are reminded, then the operators may decide too."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, insert, select, type_coerce
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.period import Period
from booking.infra.db import BigInt
from booking.reservations.models import ApprovalStep, Reservation
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
    done = _first_notes(session, now, min(remind, hand_up))
    due = session.scalars(
        select(ApprovalStep)
        .join(Reservation, Reservation.id == ApprovalStep.reservation_id)
        .where(ApprovalStep.state == "waiting", ApprovalStep.decide_by > now)
        .where(Reservation.status.in_(("pending", "approved")), Reservation.end_at > now)
        .where(
            ((ApprovalStep.level < REMINDED) & _gone(ApprovalStep.began_at, now, remind))
            | ((ApprovalStep.level < ESCALATED) & _gone(ApprovalStep.began_at, now, hand_up))
        )
        .order_by(ApprovalStep.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=ApprovalStep)
    ).all()
    for step in due:
        _raise_level(session, step, now, hand_up)
    return max(done, len(due))


def _gone(began: object, now: datetime, percent: int) -> ColumnElement[bool]:
    """Return whether so much of the time to decide has passed. Whole numbers, so exact."""
    start = type_coerce(began, BigInt)
    length = type_coerce(ApprovalStep.decide_by, BigInt) - start
    found: ColumnElement[bool] = (int(now.timestamp()) - start) * 100 >= length * percent
    return found


def _first_notes(session: Session, now: datetime, percent: int) -> int:
    """Write a step for requests that had none, as the lab alone decides; return how many."""
    start = type_coerce(Reservation.created_at, BigInt)
    length = type_coerce(Reservation.decide_by, BigInt) - start
    noted = exists().where(
        ApprovalStep.reservation_id == Reservation.id, ApprovalStep.state == "waiting"
    )
    rows = session.execute(
        select(Reservation.id, Reservation.created_at, Reservation.decide_by)
        .where(PENDING, Reservation.decide_by > now, ~noted)
        .where((int(now.timestamp()) - start) * 100 >= length * percent)
        .order_by(Reservation.decide_by, Reservation.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    values = [
        {
            "reservation_id": row.id, "position": 0, "kind": "lab", "state": "waiting",
            "began_at": row.created_at, "decide_by": row.decide_by, "level": 0,
        }
        for row in rows
    ]  # fmt: skip
    if values:
        session.execute(insert(ApprovalStep), values)
    return len(rows)


def _raise_level(session: Session, step: ApprovalStep, now: datetime, hand_up: int) -> None:
    row = session.get_one(Reservation, step.reservation_id)
    pool = pool_facts(session, [row.pool_id])[row.pool_id]
    about = About(row.id, row.version, row.user_id, Period(row.start_at, row.end_at))
    if step.level < REMINDED:
        found = decider_ids(session, pool, row.company_id, step.kind, step.group_id, now)
        tell_all(session, about, "request_waiting", found, now, step=step.kind)
    step.level = REMINDED
    if _share(step, now) >= hand_up:
        step.level = ESCALATED
        tell_all(session, about, "request_escalated", handed_to(session), now, step=step.kind)
        record(
            session, None, "reservation.escalate", ("reservation", row.id), now,
            after={"step": step.kind},
        )  # fmt: skip
    session.flush()


def _share(step: ApprovalStep, now: datetime) -> float:
    if step.began_at is None or step.decide_by is None or step.decide_by <= step.began_at:
        return 100.0
    return 100 * (now - step.began_at) / (step.decide_by - step.began_at)
