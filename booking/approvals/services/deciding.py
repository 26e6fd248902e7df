"""Deciding requests: approve, reject, expire; new reservations and changes of approved ones."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.approvals.services.handing_on import hand_on
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Forbidden, Invalid, Stale, WrongState
from booking.core.period import Period
from booking.infra.db import lock_pools
from booking.infra.outbox import void
from booking.reservations.models import ApprovalStep, Hold, Reservation
from booking.reservations.queries.facts import pool_facts
from booking.reservations.queries.groups import group_version, locked_group, visible_group
from booking.reservations.queries.lists import PENDING
from booking.reservations.queries.reservations import locked_reservation, open_change
from booking.reservations.queries.steps import (
    decides,
    took_part,
    waiting_step,
    waiting_steps,
)
from booking.reservations.rules.life import require_live
from booking.reservations.rules.proposal import require_text
from booking.reservations.services.cancelling import end_reservation
from booking.reservations.services.grouping import group_ref
from booking.reservations.services.moving import apply_times
from booking.reservations.services.notices import (
    GROUP,
    UNDECIDED,
    About,
    drop_questions,
    folded,
    plan_reminders,
    tell_folded,
    tell_person,
)
from booking.reservations.services.stepping import drop_steps, take_step
from booking.reservations.services.withdrawing import release_change, withdraw_change

BATCH = 50  # as many pools may be locked at once (DESIGN §2)


def approve(
    session: Session,
    actor: Actor,
    reservation_id: int,
    now: datetime,
    reason: str = "",
    expected_version: int | None = None,
) -> None:
    """Approve a pending request, or apply the pending change of an approved reservation.

    Where more than the lab has to agree, it is the step whose turn it is that is decided; the last
    one approves or applies. Raises NotFound, Forbidden, Invalid (field reason),
    WrongState("already_decided", "already_expired"), Stale when it is no longer what was seen.
    """
    row, hold, step = _to_decide(session, actor, reservation_id, now, expected_version)
    require_text("reason", reason)
    if step is not None and hand_on(session, actor, row, hold, step, reason, now):
        return
    if hold is None:
        row.status, row.decided_at, row.decided_by_id = "approved", now, actor.user_id
        row.decide_by = None
        row.version += 1
        about = About.of(row)
        drop_questions(session, about)
        plan_reminders(session, about, now)
        tell_person(session, about, "approved", now, by=actor.name)
        action = "reservation.approve"
    else:
        _apply_change(session, actor, row, hold, now)
        action = "reservation.approve_change"
    session.flush()
    record(
        session, actor, action, ("reservation", row.id), now,
        after={"version": row.version}, reason=reason.strip() or None,
    )  # fmt: skip


def reject(
    session: Session,
    actor: Actor,
    reservation_id: int,
    reason: str,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Reject a pending request, or the pending change of an approved reservation.

    Raises Invalid (a reason is needed) and what `approve` does.
    """
    row, hold, step = _to_decide(session, actor, reservation_id, now, expected_version)
    if not reason.strip():
        raise Invalid("reason_needed", field="reason")
    require_text("reason", reason)
    if step is not None:
        take_step(session, actor, step, "rejected", now)
        drop_steps(session, row.id)
    if hold is None:
        lock_pools(session, [row.pool_id])
        row.decided_at, row.decided_by_id = now, actor.user_id
        end_reservation(session, row, "rejected", reason, now)
        tell_person(session, About.of(row), "rejected", now, reason=reason.strip(), by=actor.name)
        action = "reservation.reject"
    else:
        lock_pools(session, [row.pool_id])
        _drop_change(session, row, hold, "change_rejected", now, reason=reason.strip())
        action = "reservation.reject_change"
    record(
        session, actor, action, ("reservation", row.id), now, reason=reason.strip(),
        after={"version": row.version},
    )  # fmt: skip


def decide_group(
    session: Session,
    actor: Actor,
    group_id: int,
    now: datetime,
    reason: str = "",
    expected_version: int | None = None,
    *,
    rejecting: bool = False,
) -> int:
    """Return how many requests and changes of a group were decided, as one decision.

    All that wait and are the actor's to decide. Raises NotFound, Forbidden, Stale, Invalid (field
    reason), WrongState("already_decided").
    """
    visible_group(session, actor, group_id)  # nobody locks what is not theirs to see
    group = locked_group(session, actor, group_id)
    if expected_version is not None and group.version != expected_version:
        raise Stale(expected_version, group.version)
    turns = waiting_steps(session, [m.row.id for m in group.members])
    own = [m for m in group.members if decides(actor, m.subject, turns.get(m.row.id))]
    if not own:
        raise Forbidden
    waiting = [m.row.id for m in own if _waits(session, m.row, now)]
    if not waiting:
        raise WrongState("already_decided")
    with folded(session) as folds:
        for reservation_id in waiting:
            if rejecting:
                reject(session, actor, reservation_id, reason, now)
            else:
                approve(session, actor, reservation_id, now, reason)
    ref = group_ref(group_id)
    void(session, ref, tuple(f"{GROUP}{kind}" for kind in UNDECIDED))
    tell_folded(session, ref, group_version(session, group_id), folds, now)
    return len(waiting)


def expire_requests(session: Session, now: datetime) -> int:
    """Return how many undecided requests past their deadline were expired, at most 50."""
    rows = session.scalars(
        select(Reservation)
        .where(PENDING, Reservation.decide_by <= now)
        .order_by(Reservation.decide_by, Reservation.id)  # as the index of pending ones has them
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    lock_pools(session, [row.pool_id for row in rows])
    groups: dict[int | None, list[Reservation]] = {}
    for row in rows:
        groups.setdefault(row.group_id, []).append(row)
    for group_id, found in groups.items():
        if group_id is None:
            _expire(session, found, now)
            continue
        with folded(session) as folds:
            _expire(session, found, now)
        version = group_version(session, group_id)
        tell_folded(session, group_ref(group_id), version, folds, now)
    return len(rows)


def _expire(session: Session, rows: list[Reservation], now: datetime) -> None:
    for row in rows:
        end_reservation(session, row, "expired", "", now)
        tell_person(session, About.of(row), "expired", now)
        record(session, None, "reservation.expire", ("reservation", row.id), now)


def expire_changes(session: Session, now: datetime) -> int:
    """Return how many undecided changes past their deadline were dropped, at most 50."""
    due = session.execute(
        select(Reservation, Hold)
        .join(Hold, Hold.reservation_id == Reservation.id)
        .where(Hold.released_at.is_(None), Hold.expires_at <= now)
        .order_by(Reservation.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    lock_pools(session, [row.pool_id for row, _hold in due])
    for row, hold in due:
        _drop_change(session, row, hold, "change_expired", now)
        record(session, None, "reservation.expire_change", ("reservation", row.id), now)
    return len(due)


def _to_decide(
    session: Session,
    actor: Actor,
    reservation_id: int,
    now: datetime,
    expected_version: int | None,
) -> tuple[Reservation, Hold | None, ApprovalStep | None]:
    """Return the locked row, its undecided change, and the step whose turn it is.

    No change: the request itself is undecided; no step: the lab alone decides.
    """
    found = locked_reservation(session, actor, reservation_id)
    row, step = found.row, waiting_step(session, reservation_id)
    if not decides(actor, found.subject, step):
        if took_part(session, actor, found.subject, reservation_id):
            raise WrongState("already_decided", actual=row.status)
        raise Forbidden
    if row.status in {"rejected", "expired"}:
        raise WrongState("already_decided", actual=row.status)
    require_live(row.status, found.period, now)
    hold = open_change(session, row.id) if row.status == "approved" else None
    if row.status != "pending" and hold is None:
        raise WrongState("already_decided", actual=row.status)
    # The deadline holds even while the job that writes it down has not come by.
    deadline = hold.expires_at if hold else row.decide_by
    if deadline is not None and deadline <= now:
        raise WrongState("already_expired", actual=row.status)
    if expected_version is not None and row.version != expected_version:
        raise Stale(expected_version, row.version)
    return row, hold, step


def _waits(session: Session, row: Reservation, now: datetime) -> bool:
    """Return whether the request or a change of it can still be decided."""
    if row.status == "pending":
        return row.end_at > now and (row.decide_by is None or row.decide_by > now)
    hold = open_change(session, row.id) if row.status == "approved" else None
    return hold is not None and hold.expires_at > now


def _apply_change(
    session: Session, actor: Actor, row: Reservation, hold: Hold, now: datetime
) -> None:
    lock_pools(session, [row.pool_id])
    pool = pool_facts(session, [row.pool_id])[row.pool_id]
    units = [int(unit) for unit in hold.unit_ids.split()]
    wanted, quantity = Period(hold.start_at, hold.end_at), hold.quantity
    if hold.override_reason:
        row.override_reason, row.overridden = hold.override_reason, hold.overridden
    withdraw_change(session, row, now)
    apply_times(session, pool, row, wanted, quantity, now, units, actor)


def _drop_change(
    session: Session, row: Reservation, hold: Hold, kind: str, now: datetime, **told: str
) -> None:
    asked = Period(hold.start_at, hold.end_at)
    release_change(session, row, hold, now)
    row.version += 1
    session.flush()
    tell_person(session, About.of(row), kind, now, new_start=asked.start, new_end=asked.end, **told)
