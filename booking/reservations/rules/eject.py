"""Depth-1 eject: a place for one more by giving others of the pool another unit. Pure.

Nobody's time changes, and nothing is moved twice: each moved block goes to a unit that is free for
it as things stand.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from booking.core.period import Period
from booking.reservations.rules.slots import UnitFacts, gap

# Looks at a unit for a block, then it is given up: a pool of 200 full units costs about 20 ms.
MOST_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Held:
    """What holds a unit; `shown` are the times of what may go to another one, None: it stays."""

    allocation_id: int
    unit_id: int
    block: Period
    shown: Period | None = None


@dataclass(frozen=True, slots=True)
class Relocation:
    """An allocation that goes from one unit to another, and what it blocks there."""

    allocation_id: int
    from_unit: int
    to_unit: int
    block: Period


@dataclass(frozen=True, slots=True)
class Seating:
    """The units for the new one, and which others move for it."""

    blocks: tuple[tuple[int, Period], ...]
    moves: tuple[Relocation, ...]


@dataclass(slots=True)
class Board:
    """The pool while places are tried: what stood there, and what was put there since.

    What may move goes to a unit `supervised` by customs only from another such one.
    """

    units: Mapping[int, UnitFacts]
    held: Mapping[int, Sequence[Held]]
    supervised: Collection[int]
    added: dict[int, list[Period]] = field(default_factory=dict)
    steps: int = 0

    def block(self, unit_id: int, shown: Period) -> Period:
        """Return what a reservation blocks on a unit, its buffers included."""
        unit = self.units[unit_id]
        return shown.widened(unit.warmup_minutes, unit.cleanup_minutes)

    def in_the_way(self, unit_id: int, block: Period) -> list[Held]:
        """Return what stood there and meets the block."""
        return [one for one in self.held.get(unit_id, ()) if one.block.overlaps(block)]

    def is_free(self, unit_id: int, block: Period) -> bool:
        """Return whether nothing stood or was put there."""
        return not self.in_the_way(unit_id, block) and self.takes(unit_id, block)

    def takes(self, unit_id: int, block: Period) -> bool:
        """Return whether nothing was put there since."""
        return not any(period.overlaps(block) for period in self.added.get(unit_id, ()))

    def slack(self, unit_id: int, block: Period) -> tuple[float, int]:
        """Return the measure of best fit: free seconds left around the block, then the id."""
        blocks = [one.block for one in self.held.get(unit_id, ())]
        return gap(blocks, block).total_seconds(), unit_id

    def targets(self, one: Held, shown: Period) -> list[tuple[int, Period]]:
        """Return the other units free for what is held, with what it blocks there; best first."""
        found = []
        for unit_id in self.units:
            self.steps += 1
            if self.steps > MOST_STEPS:
                return []
            if unit_id == one.unit_id:
                continue
            if unit_id in self.supervised and one.unit_id not in self.supervised:
                continue
            block = self.block(unit_id, shown)
            if self.is_free(unit_id, block):
                found.append((unit_id, block))
        return sorted(found, key=lambda target: self.slack(*target))

    def put(self, unit_id: int, block: Period) -> None:
        """Note that a block stands there now."""
        self.added.setdefault(unit_id, []).append(block)


def seating(
    units: Sequence[UnitFacts],
    held: Mapping[int, Sequence[Held]],
    period: Period,
    quantity: int,
    *,
    onto: Collection[int] | None = None,
    supervised: Collection[int] = (),
) -> Seating | None:
    """Return where `quantity` units can be had for `period`, fewest moves first; None if nowhere.

    `held` has every active block of each unit that meets a block of the period or of what may
    move. `onto` are the units that will do, None: any. Free units count as found without a move.
    """
    board = Board({unit.unit_id: unit for unit in units}, held, supervised)
    seats = []
    for unit_id in board.units if onto is None else [u for u in onto if u in board.units]:
        block = board.block(unit_id, period)
        others = board.in_the_way(unit_id, block)
        if all(one.shown is not None for one in others):
            seats.append((len(others), board.slack(unit_id, block), unit_id, block, others))
    seats.sort(key=lambda seat: seat[:3])
    found = _seated(board, [(s[2], s[3], s[4]) for s in seats], quantity)
    return next(found, None)


def reach(units: Sequence[UnitFacts], shown: Collection[Period]) -> Period:
    """Return the time in which blocks of these shown times may meet others, on any unit."""
    warmup = max((unit.warmup_minutes for unit in units), default=0)
    cleanup = max((unit.cleanup_minutes for unit in units), default=0)
    whole = Period(_first(shown), _last(shown))
    return whole.widened(warmup, cleanup)


_Seat = tuple[int, Period, list[Held]]


def _seated(board: Board, seats: Sequence[_Seat], quantity: int) -> Iterator[Seating]:
    """Yield the ways to have `quantity` of the seats, in their order."""
    if quantity == 0:
        yield Seating((), ())
        return
    for number, (unit_id, block, others) in enumerate(seats):
        if len(seats) - number < quantity or board.steps > MOST_STEPS:
            return
        if not board.takes(unit_id, block):
            continue
        board.put(unit_id, block)
        for moves in _placed(board, others):
            for rest in _seated(board, seats[number + 1 :], quantity - 1):
                yield Seating(((unit_id, block), *rest.blocks), (*moves, *rest.moves))
        board.added[unit_id].remove(block)


def _placed(board: Board, others: Sequence[Held]) -> Iterator[tuple[Relocation, ...]]:
    """Yield the ways to give each of these another unit, best fit first."""
    if not others:
        yield ()
        return
    one, rest = others[0], others[1:]
    for unit_id, block in board.targets(one, one.shown) if one.shown else ():
        board.put(unit_id, block)
        move = Relocation(one.allocation_id, one.unit_id, unit_id, block)
        for moves in _placed(board, rest):
            yield (move, *moves)
        board.added[unit_id].remove(block)


def _first(periods: Collection[Period]) -> datetime:
    return min(period.start for period in periods)


def _last(periods: Collection[Period]) -> datetime:
    return max(period.end for period in periods)
