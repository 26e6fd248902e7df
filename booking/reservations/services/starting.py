"""Starting before the booked time, where the rule allows it and nobody has the units.

The parts of a bundle start early together or not at all: an instrument without its operator is of
no use. A step of a chain starts early by itself, as it is moved.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import (
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    RuleViolated,
    Violation,
    WrongState,
)
from booking.core.period import Period
from booking.reservations.models import Reservation
from booking.reservations.queries.asking import Intent, asking, booker_of, rules_for
from booking.reservations.queries.extending import before_start
from booking.reservations.queries.facts import PoolFacts, pool_facts, units_of
from booking.reservations.queries.groups import locked_group, parts_beside
from booking.reservations.queries.reservations import locked_for, visible_reservation
from booking.reservations.rules.life import require_live
from booking.reservations.rules.using import OF_LONGER, require_early_start, started_now
from booking.reservations.services.asking_again import named_unit
from booking.reservations.services.grouping import refuse_problems
from booking.reservations.services.holding import plain, stretch
from booking.reservations.services.locking import lock_booking
from booking.reservations.services.notices import About, drop_reminders
from booking.reservations.services.withdrawing import withdraw_change


def start_early(
    session: Session, actor: Actor, reservation_id: int, now: datetime, version: int | None = None
) -> Period:
    """Return the times a reservation has now that it starts at once, on the units it has.

    They are held, counted and charged from this minute on. Where people check in, this is it.
    Raises NotFound, Forbidden (`parts_of_others`: of a bundle), Stale, WrongState with its reason,
    RuleViolated (what the rules say of the longer time), Conflict with what is in the way;
    PartsViolated or PartsTaken when other parts of its bundle could not start with it.
    """
    _lock_group(session, actor, reservation_id)
    row = locked_for(session, actor, "reservation.use", reservation_id, version).row
    beside = [_part(session, actor, one.id) for one in parts_beside(session, row)]
    # Locked before it is looked at, as every booking is.
    pool_ids = sorted({row.pool_id, *(part.pool_id for part in beside)})
    lock_booking(session, pool_ids, row.user_id, row.company_id)
    pools = pool_facts(session, pool_ids)
    new = _start(session, actor, row, pools[row.pool_id], now)
    problems = [p for part in beside if (p := _tried(session, actor, part, pools, now))]
    if problems:
        refuse_problems(tuple(problems))
    return new


def _lock_group(session: Session, actor: Actor, reservation_id: int) -> None:
    """Lock all of a reservation's bundle by id, as a change of the whole does (DESIGN §2)."""
    row = visible_reservation(session, actor, reservation_id).row
    if parts_beside(session, row):
        locked_group(session, actor, row.group_id or 0)


def _part(session: Session, actor: Actor, reservation_id: int) -> Reservation:
    try:
        return locked_for(session, actor, "reservation.use", reservation_id, None).row
    except (NotFound, Forbidden) as refusal:
        raise Forbidden("parts_of_others") from refusal


def _tried(
    session: Session, actor: Actor, row: Reservation, pools: dict[int, PoolFacts], now: datetime
) -> Problem | None:
    """Start another part of the bundle too; return why it cannot."""
    position, period = row.group_position or 0, Period(row.start_at, row.end_at)
    try:
        _start(session, actor, row, pools[row.pool_id], now)
    except WrongState as refusal:
        return Problem(position, period, (Violation(refusal.code, **refusal.parameters),))
    except RuleViolated as refusal:
        return Problem(position, period, refusal.violations)
    except Conflict as refusal:
        return Problem(position, period, conflicts=refusal.conflicts)
    return None


def _start(
    session: Session, actor: Actor, row: Reservation, pool: PoolFacts, now: datetime
) -> Period:
    """Return the times a locked reservation has now that it starts at once."""
    old = Period(row.start_at, row.end_at)
    require_live(row.status, old, now, row.decide_by)
    rules = rules_for(session, pool, booker_of(row), now)
    require_early_start(row.status, old, rules, now)
    new = started_now(old, now)
    _require_rules(session, actor, row, pool, new, now)
    withdraw_change(session, row, now)
    if not stretch(session, ("reservation", row.id), old, new):
        raise Conflict(before_start(session, row.id, old, new))
    row.start_at, row.version = new.start, row.version + 1
    if rules.check_in.value and row.status == "approved":
        row.status, row.checked_in_at = "in_use", now
    session.flush()
    drop_reminders(session, About(row.id, row.version, row.user_id, new))
    record(
        session, actor, "reservation.start_early", ("reservation", row.id), now,
        before=plain(old), after={"status": row.status, **plain(new)},
    )  # fmt: skip
    return new


def _require_rules(
    session: Session,
    actor: Actor,
    row: Reservation,
    pool: PoolFacts,
    period: Period,
    now: datetime,
) -> None:
    intent = Intent(
        period, row.quantity, now, purpose=row.purpose, note=row.note, besides=row.id,
        was=Period(row.start_at, row.end_at), unit_id=named_unit(session, row), by=actor,
        group_id=row.group_id,
    )  # fmt: skip
    units = len(units_of(session, row.pool_id))
    asked = asking(session, pool, units, booker_of(row), intent)
    broken = tuple(v for v in asked.violations() if v.code.startswith(OF_LONGER))
    if broken:
        raise RuleViolated(broken)
