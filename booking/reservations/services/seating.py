"""Finding units for a reservation: best fit; when nothing fits, others get another unit."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Conflict, Invalid, WrongState
from booking.core.period import Period
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.availability import FreeUnit, free_units, in_the_way
from booking.reservations.queries.facts import PoolFacts, units_in, units_of
from booking.reservations.queries.movable import (
    displaceable,
    owner_priority_hours,
    provisional,
    standing,
)
from booking.reservations.rules.eject import Relocation, Seating, seating
from booking.reservations.rules.slots import UnitFacts
from booking.reservations.services.holding import (
    Block,
    held_blocks,
    hold_any,
    hold_unit,
    release,
    try_blocks,
)
from booking.reservations.services.notices import About, tell_person
from booking.reservations.services.squeezing import (
    Fit,
    Leave,
    fits_squeezed,
    give_back,
    hold_squeezed,
    leave_of,
)


@dataclass(frozen=True, slots=True)
class Seats:
    """Units to be held: of which pool, when and how many; `unit` is the named one, if any.

    `owner`: the booking is one of the institution whose pool it is. `leave`: whose buffers may
    give way for it.
    """

    pool: PoolFacts
    period: Period
    quantity: int
    unit: UnitFacts | None = None
    preferred: tuple[int, ...] = ()
    owner: bool = False
    leave: Leave = Leave()

    @property
    def onto(self) -> tuple[int, ...] | None:
        """Return the only unit that will do, None for any."""
        return None if self.unit is None else (self.unit.unit_id,)


def seat(
    session: Session,
    actor: Actor | None,
    wanted: Seats,
    owner: tuple[str, int],
    now: datetime,
    looked: Sequence[FreeUnit] = (),
) -> list[int]:
    """Return the units now held for `owner`: free ones, else room is made for it.

    The caller holds the pool's lock; `looked` is what it found free just now. Raises Conflict,
    with what is in the way, when no room can be made.
    """
    free = looked or free_units(session, wanted.pool.pool_id, wanted.period)
    if wanted.unit is not None:
        if any(unit.unit_id == wanted.unit.unit_id for unit in free):
            return hold_unit(session, wanted.unit, wanted.period, owner)
    elif len(free) >= wanted.quantity:
        return hold_any(
            session, wanted.pool, wanted.period, wanted.quantity, owner, wanted.preferred, free
        )
    units = units_of(session, wanted.pool.pool_id)
    fits = _sharing(session, wanted, units)
    if fits and hold_squeezed(
        session, actor, fits, owner, wanted.leave, now, pinned=wanted.unit is not None
    ):
        return [fit.unit_id for fit in fits]
    found, whose = _room(session, wanted, units, now, lock=True)
    if found is None or not _take(session, found, owner, pinned=wanted.unit is not None):
        looked_at = units if wanted.unit is None else [wanted.unit]
        raise Conflict(in_the_way(session, looked_at, wanted.period))
    _note(session, actor, found.moves, whose, now)
    return [unit_id for unit_id, _ in found.blocks]


def reseat(
    session: Session, actor: Actor | None, row: Reservation, wanted: Seats, now: datetime
) -> None:
    """Let a reservation hold other times: the preferred units, else those it has, else as `seat`.

    Raises Conflict, WrongState `unit_down` when its named unit cannot be had any more; the caller's
    rollback gives back what it had.
    """
    owner = ("reservation", row.id)
    had = held_blocks(session, owner)
    preferred = wanted.preferred or tuple(block.unit_id for block in had)
    release(session, owner)
    give_back(session, had, now)
    unit = None
    if row.named_unit:
        unit = next((u for u in units_of(session, row.pool_id) if u.unit_id in preferred), None)
        if unit is None:
            raise WrongState("unit_down")
    insider = row.institution_id == wanted.pool.institution_id
    leave = leave_of(wanted.pool, row.user_id)
    seats = replace(wanted, unit=unit, preferred=preferred, owner=insider, leave=leave)
    seat(session, actor, seats, owner, now)


def has_room(session: Session, wanted: Seats, units: Sequence[UnitFacts], now: datetime) -> bool:
    """Return whether `seat` would make room, from a plain read."""
    if _sharing(session, wanted, units):
        return True
    return _room(session, wanted, units, now, lock=False)[0] is not None


def _sharing(session: Session, wanted: Seats, units: Sequence[UnitFacts]) -> list[Fit]:
    """Return the units on which enough fits when buffers give way; none if it is not enough."""
    if not wanted.leave:
        return []
    onto = [unit for unit in units if wanted.onto is None or unit.unit_id in wanted.onto]
    fits = fits_squeezed(session, onto, wanted.period, wanted.leave)
    # Those that need nobody's buffer first.
    fits.sort(key=lambda fit: (len(fit.how.others), fit.unit_id))
    return fits[: wanted.quantity] if len(fits) >= wanted.quantity else []


def require_units_of(session: Session, pool: PoolFacts, unit_ids: Sequence[int]) -> None:
    """Raise Invalid when a preferred unit is not one of the pool; one that is down is no harm."""
    strangers = set(unit_ids) - units_in(session, pool.pool_id, unit_ids)
    if strangers:
        raise Invalid("not_of_pool", field="preferred_unit_ids", actual=min(strangers))


def _room(
    session: Session, wanted: Seats, units: Sequence[UnitFacts], now: datetime, *, lock: bool
) -> tuple[Seating | None, dict[int, int]]:
    """Return where it can sit, and the reservations of the allocations that may move."""
    if len(units) < 2:  # nobody has another unit to go to
        return None, {}
    movable = provisional(wanted.pool, now)
    hours = owner_priority_hours(session, wanted.pool.pool_id) if wanted.owner else 0
    if hours:
        movable |= displaceable(wanted.pool, now, hours)
    found = standing(session, units, wanted.period, movable, lock=lock)
    way = seating(
        found.units, found.held, wanted.period, wanted.quantity, onto=wanted.onto,
        supervised=found.supervised,
    )  # fmt: skip
    return way, found.reservations


def relocate(session: Session, moves: Sequence[Relocation]) -> None:
    """Give each allocation its new unit: park all, move, unpark. The guard may refuse."""
    ids = [move.allocation_id for move in moves]
    session.execute(update(Allocation).where(Allocation.id.in_(ids)).values(active=0))
    for move in moves:
        session.execute(
            update(Allocation)
            .where(Allocation.id == move.allocation_id)
            .values(
                unit_id=move.to_unit, pinned=0, active=1,
                block_start=move.block.start, block_end=move.block.end,
            )
        )  # fmt: skip


def _take(session: Session, found: Seating, owner: tuple[str, int], *, pinned: bool) -> bool:
    """Return whether all moved and the new one sits; else all stands as before."""
    blocks = [Block(unit_id, period) for unit_id, period in found.blocks]
    return try_blocks(
        session, blocks, owner, pinned=pinned, after=lambda: relocate(session, found.moves)
    )


def _note(
    session: Session,
    actor: Actor | None,
    moves: Sequence[Relocation],
    whose: dict[int, int],
    now: datetime,
) -> None:
    """Write down who moved; tell those who had named their unit. Provisional ones expect it."""
    by_reservation: dict[int, list[Relocation]] = defaultdict(list)
    for move in moves:
        by_reservation[whose[move.allocation_id]].append(move)
    rows = session.scalars(
        select(Reservation)
        .where(Reservation.id.in_(by_reservation))
        .order_by(Reservation.id)
        .execution_options(populate_existing=True)
    )
    for row in rows:
        note_move(session, actor, row, by_reservation[row.id], now, told=bool(row.named_unit))


def note_move(
    session: Session,
    actor: Actor | None,
    row: Reservation,
    moves: Sequence[Relocation],
    now: datetime,
    *,
    told: bool,
    reason: str = "",
) -> None:
    """Write down that a locked reservation has other units now, and tell its person if `told`."""
    row.version, row.named_unit = row.version + 1, 0
    record(
        session, actor, "reservation.reseat", ("reservation", row.id), now,
        before={"units": [move.from_unit for move in moves]},
        after={"units": [move.to_unit for move in moves]}, reason=reason or None,
    )  # fmt: skip
    session.flush()
    if told:
        about = About.of(row)
        tell_person(session, about, "unit_changed", now, reason=reason)
