"""Moving a reservation: at once where allowed, else as a change request with its hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Conflict, Invalid, WrongState
from booking.core.period import Period, subtract
from booking.reservations.models import Allocation, Hold, Reservation
from booking.reservations.queries.asking import Intent, asking, booker_of
from booking.reservations.queries.availability import ACTIVE, free_units, in_the_way
from booking.reservations.queries.facts import PoolFacts, pool_facts, units_of
from booking.reservations.queries.people import parties_for
from booking.reservations.queries.reservations import Found, locked_for, open_change
from booking.reservations.rules.life import (
    OF_LENGTH,
    Move,
    change_by,
    decide_by,
    how_to_move,
    is_less,
    require_live,
)
from booking.reservations.rules.proposal import require_period, require_text
from booking.reservations.rules.steps import Step
from booking.reservations.services.asking_again import named_unit, require_note
from booking.reservations.services.holding import (
    Block,
    held_blocks,
    plain,
    trim,
    try_blocks,
)
from booking.reservations.services.locking import lock_booking
from booking.reservations.services.notices import (
    About,
    drop_questions,
    plan_reminders,
    tell_person,
)
from booking.reservations.services.offering import Freed, note_freed, note_less
from booking.reservations.services.overriding import settle
from booking.reservations.services.seating import Seats, reseat
from booking.reservations.services.stepping import begin_again, begin_steps, tell_deciders
from booking.reservations.services.withdrawing import withdraw_change, withdraw_of_row


@dataclass(frozen=True, slots=True)
class Change:
    """What to change; None leaves it as it is."""

    start: datetime | None = None
    end: datetime | None = None
    quantity: int | None = None
    note: str | None = None
    override_reason: str = ""

    @property
    def of_times(self) -> bool:
        """Return whether times or quantity are given, be they the present ones."""
        return (self.start, self.end, self.quantity) != (None, None, None)


@dataclass(frozen=True, slots=True)
class _Target:
    """The times and quantity wanted, and what it takes to get there."""

    period: Period
    quantity: int
    how: Move
    overridden: tuple[str, ...]  # codes
    steps: tuple[Step, ...]  # who has to agree


def move(
    session: Session,
    actor: Actor,
    reservation_id: int,
    expected_version: int | None,
    change: Change,
    now: datetime,
) -> Move | None:
    """Return how the change was made; None when only the note (or nothing) changed.

    Raises NotFound, Forbidden, Stale, Invalid, WrongState, RuleViolated, Conflict; then nothing
    has changed and the old times stand.
    """
    found = locked_for(session, actor, "reservation.change", reservation_id, expected_version)
    row = found.row
    require_live(row.status, found.period, now, row.decide_by)
    if change.note is not None:
        require_text("note", change.note)
    # Locked before it is looked at: what the rules are asked about cannot change meanwhile.
    lock_booking(session, [row.pool_id], row.user_id, row.company_id)
    pool = pool_facts(session, [row.pool_id])[row.pool_id]
    target = _target(session, actor, found, pool, change, now)
    before = {"version": row.version, **plain(found.period), "quantity": row.quantity}
    if target is None:
        if change.note is not None and row.note and not change.note.strip():
            require_note(session, pool, row, now)
        return _keep_times(session, actor, row, change, before, now)
    withdraw_change(session, row, now)
    if change.note is not None:
        row.note = change.note.strip()
    if target.how is Move.REQUEST:
        _request_change(session, pool, found, target, change, now)
    else:
        apply_times(session, pool, row, target.period, target.quantity, now, actor=actor)
        if target.overridden:
            row.override_reason = change.override_reason.strip()
            row.overridden = " ".join(target.overridden)
    action = "reservation.ask_change" if target.how is Move.REQUEST else "reservation.move"
    after = {**plain(target.period), "quantity": target.quantity}
    if target.overridden:
        after["overridden"] = list(target.overridden)
    record(
        session, actor, action, ("reservation", row.id), now, before=before, after=after,
        reason=change.override_reason if target.overridden else None,
    )  # fmt: skip
    session.flush()
    return target.how


def _keep_times(
    session: Session,
    actor: Actor,
    row: Reservation,
    change: Change,
    before: dict[str, Any],
    now: datetime,
) -> Move | None:
    """Change the note; who asks for the times that stand, takes back any others asked for."""
    hold = open_change(session, row.id) if change.of_times else None
    if hold is not None:
        withdraw_of_row(session, actor, row, hold, now)
    if change.note is not None and change.note.strip() != row.note:
        row.note, row.version = change.note.strip(), row.version + 1
        record(session, actor, "reservation.note", ("reservation", row.id), now, before=before)
    return None if hold is None else Move.WITHDRAW


def apply_times(
    session: Session,
    pool: PoolFacts,
    row: Reservation,
    period: Period,
    quantity: int,
    now: datetime,
    units: Sequence[int] = (),
    actor: Actor | None = None,
) -> None:
    """Give a locked reservation new times and hold them, tell the person.

    What only becomes less keeps its units, and their blocks give up that much and no more. Else
    blocks are parked and new ones held: `units` are preferred, else those it has; `actor` is on
    record for whom room is made. Raises Conflict; the caller's rollback unparks.
    """
    old = Period(row.start_at, row.end_at)
    if is_less(old, period, row.quantity, quantity):
        trim(session, ("reservation", row.id), old, period, quantity)
    else:
        reseat(session, actor, row, Seats(pool, period, quantity, preferred=tuple(units)), now)
    by, had = actor.user_id if actor else None, row.quantity
    if quantity < row.quantity:
        note_freed(session, Freed(row.pool_id, old, now, by))
    else:
        note_less(session, row.pool_id, old, period, now, by)
    row.start_at, row.end_at, row.quantity = period.start, period.end, quantity
    row.version += 1
    about = About(row.id, row.version, row.user_id, period)
    if row.status == "pending":
        asked, within = row.created_at, pool.rules.decide_within_hours.value
        row.decide_by = max(row.decide_by or asked, decide_by(asked, period.start, within))
        row.decide_by = min(row.decide_by, period.start)
        drop_questions(session, about)
        if not is_less(old, period, had, quantity):
            begin_again(session, row, now)
        tell_deciders(session, about, "request_received", pool, row.company_id, now)
    else:
        plan_reminders(session, about, now)
        tell_person(session, about, "moved", now, old_start=old.start, old_end=old.end)
    session.flush()


def _target(
    session: Session, actor: Actor, found: Found, pool: PoolFacts, change: Change, now: datetime
) -> _Target | None:
    row, old = found.row, found.period
    period = old
    if change.start is not None or change.end is not None:
        # An imported reservation may have seconds; only what is given anew must be whole minutes.
        new = (change.start or old.start, change.end or old.end)
        period = Period(*new) if new == (old.start, old.end) else require_period(*new)
    quantity = row.quantity if change.quantity is None else change.quantity
    if quantity < 1:
        raise Invalid("quantity_invalid", field="quantity", actual=quantity)
    if row.named_unit and quantity != 1:
        raise Invalid("one_named_unit", field="quantity", actual=quantity)
    if (period, quantity) == (old, row.quantity):
        return None
    if old.start <= now and period.start != old.start:
        raise WrongState("already_started", actual=row.status)
    note = row.note if change.note is None else change.note.strip()
    intent = Intent(
        period, quantity, now, purpose=row.purpose, note=note, besides=row.id, was=old,
        unit_id=named_unit(session, row), keeps_start=period.start == old.start, by=actor,
        group_id=row.group_id,
    )  # fmt: skip
    asked = asking(session, pool, len(units_of(session, row.pool_id)), booker_of(row), intent)
    broken = asked.violations()
    if is_less(old, period, row.quantity, quantity):
        broken = tuple(v for v in broken if v.code in OF_LENGTH)
    else:
        _require_place(session, actor, row, pool, now)
    overridden = settle(actor, pool, broken, change.override_reason)
    how = how_to_move(
        row.status, old, period, row.quantity, quantity,
        needs_approval=asked.proposal.needs_decision,
    )  # fmt: skip
    return _Target(period, quantity, how, overridden, asked.steps)


def _require_place(
    session: Session, actor: Actor, row: Reservation, pool: PoolFacts, now: datetime
) -> None:
    """Raise WrongState unless the person still may book in the name it was booked in."""
    party = (row.company_id, row.institution_id)
    if row.user_id is None or party == (None, None):  # imported
        return
    parties = parties_for(session, actor, row.user_id, pool, now)
    if party not in {(p.company_id, p.institution_id) for p in parties}:
        raise WrongState("membership_ended", actual=row.status)


def _request_change(
    session: Session, pool: PoolFacts, found: Found, target: _Target, change: Change, now: datetime
) -> None:
    row = found.row
    within = pool.rules.decide_within_hours.value
    blocks = _wanted_blocks(session, pool, row, target)
    last = change_by(now, found.period, target.period, within)
    values = {
        "kind": "pending_move", "pool_id": row.pool_id, "reservation_id": row.id,
        "user_id": row.user_id, "start_at": target.period.start, "end_at": target.period.end,
        "quantity": target.quantity, "unit_ids": " ".join(str(b.unit_id) for b in blocks),
        "override_reason": change.override_reason if target.overridden else "",
        "overridden": " ".join(target.overridden),
        "created_at": now, "expires_at": last,
    }  # fmt: skip
    hold_id = int(session.execute(insert(Hold).values(values).returning(Hold.id)).scalar_one())
    own: dict[int, list[Period]] = {}
    for held in held_blocks(session, ("reservation", row.id)):
        own.setdefault(held.unit_id, []).append(held.period)
    new = [
        replace(block, period=part)
        for block in blocks
        for part in subtract(block.period, own.get(block.unit_id, ()))
    ]
    if new and not try_blocks(session, new, ("hold", hold_id), pinned=bool(row.named_unit)):
        raise Conflict(in_the_way(session, units_of(session, row.pool_id), target.period))
    row.version += 1
    about = About(row.id, row.version, row.user_id, found.period)
    begin_steps(session, row.id, target.steps, now, last, hold_id)
    tell_deciders(
        session, about, "change_requested", pool, row.company_id, now,
        new_start=target.period.start, new_end=target.period.end, quantity=target.quantity,
    )  # fmt: skip


def _wanted_blocks(
    session: Session, pool: PoolFacts, row: Reservation, target: _Target
) -> list[Block]:
    """Return the blocks the new times need, as if the reservation's own were not there."""
    own = [block.unit_id for block in held_blocks(session, ("reservation", row.id))]
    mine = (Allocation.reservation_id == row.id, Allocation.unit_id.in_(own))
    parked = session.scalars(
        update(Allocation).where(*mine, ACTIVE).values(active=0).returning(Allocation.id)
    ).all()
    free = free_units(session, row.pool_id, target.period)
    session.execute(update(Allocation).where(Allocation.id.in_(parked)).values(active=1))
    if row.named_unit:
        free = [unit for unit in free if unit.unit_id in own]
    chosen = sorted(free, key=lambda unit: unit.unit_id not in own)[: target.quantity]
    if len(chosen) < target.quantity:
        looked = [
            u for u in units_of(session, row.pool_id) if not row.named_unit or u.unit_id in own
        ]
        raise Conflict(in_the_way(session, looked, target.period))
    return [
        Block(u.unit_id, target.period.widened(u.warmup_minutes, u.cleanup_minutes)) for u in chosen
    ]
