"""Dealing with reservations before what they use goes: none is lost in silence (DESIGN §1)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import WrongState
from booking.core.period import Period
from booking.infra.db import fits, lock_pools
from booking.inventory.models import Pool
from booking.reservations.models import LIVE, Reservation
from booking.reservations.queries.affected import free_places
from booking.reservations.queries.asking import Intent, asking, booker_of
from booking.reservations.queries.availability import next_slots
from booking.reservations.queries.facts import PoolFacts, pool_facts, units_of
from booking.reservations.queries.live import InTheWay, live_reservations
from booking.reservations.rules.dealing import CANCEL, KEEP, MOVE, Dealing, require_fates
from booking.reservations.rules.life import units_final
from booking.reservations.rules.proposal import require_text
from booking.reservations.services.cancelling import end_reservation
from booking.reservations.services.notices import About, tell_person
from booking.reservations.services.priority import wait_first
from booking.reservations.services.seating import note_move, relocate
from booking.reservations.services.withdrawing import withdraw_change

MOST_NAMED = 10  # references in the text of a refusal
OFFERED = 3


@dataclass(frozen=True, slots=True)
class Dealt:
    """How many were moved, kept and cancelled."""

    moved: int = 0
    kept: int = 0
    cancelled: int = 0


@dataclass(frozen=True, slots=True)
class Gone:
    """What goes: which reservations it hits, on which units of which pool.

    `goes_along`: what is kept goes with its unit, `into` that pool where its rules allow.
    `tells_kept`: whether those who keep theirs must know, because it may fall through. `fault`:
    who is not moved may have priority for another time.
    """

    pool_id: int
    where: ColumnElement[bool]
    units: tuple[int, ...] = ()
    tells_kept: bool = False
    other_pools: tuple[int, ...] = ()  # to be locked with it
    goes_along: bool = False
    into: int | None = None
    fault: bool = False

    @property
    def pools(self) -> tuple[int, ...]:
        """Return every pool that is to be locked."""
        return (self.pool_id, *self.other_pools)


def deal(
    session: Session, actor: Actor, gones: Sequence[Gone], dealing: Dealing, now: datetime
) -> Dealt:
    """Return what became of the live reservations that are hit, as decided for each of them.

    Locks their rows and then the pools, which the caller must not have locked before. Raises
    WrongState `has_live_reservations` with the list while any is undecided, `nowhere_to_go` or
    `already_started` for one that cannot be moved; Invalid for a cancellation without a reason.
    """
    require_text("reason", dealing.reason)
    require_fates(dealing)
    rows = _locked(session, or_(*(gone.where for gone in gones)), now)
    lock_pools(session, [pool_id for gone in gones for pool_id in gone.pools])
    # Again, now that nothing can be added: what came in between nobody has decided on.
    hit = live_reservations(session, or_(*(gone.where for gone in gones)), now)
    refuse_if_any([one for one in hit if dealing.fate(one.id) is None or one.id not in rows], hit)
    done: set[int] = set()
    for gone in gones:
        here = [one.id for one in live_reservations(session, gone.where, now)]
        _deal_with(
            session, actor, gone, [rows[key] for key in here if key not in done], dealing, now
        )
        done.update(here)
    fates = [dealing.fate(one.id) for one in hit]
    return Dealt(fates.count(MOVE), fates.count(KEEP), fates.count(CANCEL))


def _deal_with(
    session: Session,
    actor: Actor,
    gone: Gone,
    rows: Sequence[Reservation],
    dealing: Dealing,
    now: datetime,
) -> None:
    if not rows:
        return
    pool = pool_facts(session, [gone.pool_id])[gone.pool_id]
    moving = [row for row in rows if dealing.fate(row.id) == MOVE]
    _move(session, actor, pool, gone, moving, dealing, now)
    for row in rows:
        if dealing.fate(row.id) == CANCEL:
            _cancel(session, actor, pool, gone, row, dealing, now)
        elif dealing.fate(row.id) == KEEP:
            _keep(session, actor, pool, gone, row, dealing, now)


def refuse_if_any(undecided: Sequence[InTheWay], hit: Sequence[InTheWay]) -> None:
    """Raise WrongState `has_live_reservations` with all that are hit while one is undecided."""
    if not undecided:
        return
    more = ", …" if len(hit) > MOST_NAMED else ""
    raise WrongState(
        "has_live_reservations", count=len(hit), reservations=tuple(hit),
        references=", ".join(one.reference for one in hit[:MOST_NAMED]) + more,
    )  # fmt: skip


def _locked(session: Session, where: ColumnElement[bool], now: datetime) -> dict[int, Reservation]:
    rows = session.scalars(
        select(Reservation)
        .join(Pool, Pool.id == Reservation.pool_id)
        .where(where, Reservation.status.in_(LIVE), Reservation.end_at > now)
        .order_by(Reservation.id)
        .with_for_update(of=Reservation)
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def _move(
    session: Session,
    actor: Actor,
    pool: PoolFacts,
    gone: Gone,
    rows: Sequence[Reservation],
    dealing: Dealing,
    now: datetime,
) -> None:
    for row in rows:
        if row.start_at <= now:
            raise WrongState("already_started", actual=row.status)
        withdraw_change(session, row, now)
    places, there = free_places(session, gone.pool_id, [row.id for row in rows], gone.units, now)
    without = [row.reference for row in rows if row.id in there and row.id not in places]
    if without or (rows and not gone.units):
        raise WrongState("nowhere_to_go", count=len(rows), references=", ".join(without) or "–")
    moves = [move for moves in places.values() for move in moves]
    if not fits(session, lambda: relocate(session, moves)):
        raise WrongState("nowhere_to_go", count=len(rows), references="–")
    fixed = pool.rules.unit_fixed_hours.value
    for row in rows:
        told = units_final(row.start_at, now, fixed, named=bool(row.named_unit))
        note_move(
            session,
            actor,
            row,
            places.get(row.id, ()),
            now,
            told=told,
            reason=dealing.reason.strip(),
        )


def _cancel(
    session: Session,
    actor: Actor,
    pool: PoolFacts,
    gone: Gone,
    row: Reservation,
    dealing: Dealing,
    now: datetime,
) -> None:
    was, reason = row.status, dealing.reason.strip()
    other = other_times(session, pool, row, gone.units, now)
    end_reservation(session, row, "cancelled", reason, now, actor.user_id)
    first = gone.fault and wait_first(session, pool, row, now)
    tell_person(
        session, About.of(row), "cancelled", now, reason=reason, by=actor.name, was=was,
        other=other, first=first,
    )  # fmt: skip
    record(
        session, actor, "reservation.cancel", ("reservation", row.id), now,
        before={"status": was}, after={"status": "cancelled"}, reason=reason,
    )  # fmt: skip


def _keep(
    session: Session,
    actor: Actor,
    pool: PoolFacts,
    gone: Gone,
    row: Reservation,
    dealing: Dealing,
    now: datetime,
) -> None:
    reason = dealing.reason.strip()
    row.version += 1
    record(
        session, actor, "reservation.keep", ("reservation", row.id), now,
        after={"units_gone": list(gone.units)}, reason=reason or None,
    )  # fmt: skip
    session.flush()
    first = gone.fault and row.start_at > now and wait_first(session, pool, row, now)
    if gone.tells_kept:
        other = other_times(session, pool, row, gone.units, now)
        tell_person(
            session, About.of(row), "unit_trouble", now, reason=reason, other=other, first=first
        )


def warn(session: Session, gone: Gone, reason: str, now: datetime) -> None:
    """Tell those whose reservations may fall through, without changing them."""
    rows = _locked(session, gone.where, now)
    for row in rows.values():
        row.version += 1
        session.flush()
        tell_person(session, About.of(row), "unit_trouble", now, reason=reason.strip())


def other_times(
    session: Session, pool: PoolFacts, row: Reservation, without: Collection[int], now: datetime
) -> list[list[int]]:
    """Return up to three other times for a reservation, as epoch seconds, without some units."""
    units = [unit for unit in units_of(session, pool.pool_id) if unit.unit_id not in without]
    if row.start_at <= now or len(units) < row.quantity or pool.retired:
        return []
    period = Period(row.start_at, row.end_at)
    intent = Intent(period, row.quantity, now, searches=True, besides=row.id, group_id=row.group_id)
    asked = asking(session, pool, len(units), booker_of(row), intent)
    slots = next_slots(session, asked, OFFERED, units=units)
    found = [slot.period for slot in slots]
    return [[int(p.start.timestamp()), int(p.end.timestamp())] for p in found]
