"""How much a park takes in: accepted hours of four ways to choose a unit, for the same demand.

A simulation without a database: the rules are those of the program (`rules/eject.py`, `gap`), the
demand is drawn from a fixed seed. The bound is what unlimited repacking could accept: never more
than the pool has units, and no two named requests at once on one unit; it may be out of reach.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.report import Figure
from booking.core.period import Period
from booking.reservations.rules.eject import Held, seating
from booking.reservations.rules.slots import UnitFacts, gap

FIRST = datetime(2030, 1, 7, tzinfo=UTC)
DAYS = 14
NAMED_SHARE = 0.3
LOAD = 1.1  # hours asked for to hours there are, within opening hours
OPEN = (8, 20)
LENGTHS = (1, 1, 2, 2, 3, 4, 6, 8)
SIZES = (2, 3, 4, 6, 8, 12)


@dataclass(frozen=True)
class Asked:
    """One request, in the order in which they come: when, and which unit if one is named."""

    period: Period
    unit: int | None

    @property
    def hours(self) -> float:
        """Return its length."""
        return self.period.length.total_seconds() / 3600


class Board:
    """The units of a pool and what was accepted on them."""

    def __init__(self, units: int) -> None:
        self.units = [UnitFacts(n, "in_service", 0, 0) for n in range(1, units + 1)]
        self.held: dict[int, list[Held]] = defaultdict(list)
        self.moves = 0
        self.rescues = 0
        self._number = 0

    def free(self, asked: Asked) -> list[int]:
        """Return the units that will do and are free, by id."""
        return [
            unit.unit_id
            for unit in self.units
            if asked.unit in (None, unit.unit_id)
            and not any(h.block.overlaps(asked.period) for h in self.held[unit.unit_id])
        ]

    def hold(self, unit_id: int, asked: Asked) -> None:
        """Accept a request on a unit."""
        self._number += 1
        shown = asked.period if asked.unit is None else None
        self.held[unit_id].append(Held(self._number, unit_id, asked.period, shown))

    def slack(self, unit_id: int, period: Period) -> float:
        """Return the measure of best fit."""
        return gap([h.block for h in self.held[unit_id]], period).total_seconds()


def first_fit(board: Board, asked: Asked) -> bool:
    """Return whether the request was accepted on the first free unit."""
    free = board.free(asked)
    if free:
        board.hold(free[0], asked)
    return bool(free)


def best_fit(board: Board, asked: Asked) -> bool:
    """Return whether the request was accepted where the least time is left around it."""
    free = board.free(asked)
    if free:
        board.hold(min(free, key=lambda u: (board.slack(u, asked.period), u)), asked)
    return bool(free)


def best_fit_and_eject(board: Board, asked: Asked) -> bool:
    """Return whether the request was accepted, others moved for it where nothing was free."""
    if best_fit(board, asked):
        return True
    onto = None if asked.unit is None else [asked.unit]
    found = seating(board.units, board.held, asked.period, 1, onto=onto)
    if found is None:
        return False
    for move in found.moves:
        one = next(h for h in board.held[move.from_unit] if h.allocation_id == move.allocation_id)
        board.held[move.from_unit].remove(one)
        moved = Held(one.allocation_id, move.to_unit, move.block, one.shown)
        board.held[move.to_unit].append(moved)
    board.moves += len(found.moves)
    board.rescues += 1
    board.hold(found.blocks[0][0], asked)
    return True


def repacking_bound(board: Board, asked: Asked) -> bool:
    """Return whether no more would be accepted at once than there are units."""
    rows = [h for held in board.held.values() for h in held if h.block.overlaps(asked.period)]
    points = [asked.period.start, *(max(h.block.start, asked.period.start) for h in rows)]
    most = max(sum(h.block.start <= p < h.block.end for h in rows) for p in points)
    named = any(h.shown is None and h.unit_id == asked.unit for h in rows)
    if most >= len(board.units) or (asked.unit is not None and named):
        return False
    board.hold(asked.unit or 0, asked)
    return True


WAYS: dict[str, Callable[[Board, Asked], bool]] = {
    "first fit": first_fit,
    "best fit": best_fit,
    "best fit + eject": best_fit_and_eject,
    "repacking bound": repacking_bound,
}


def demand(units: int, named: float, chance: random.Random) -> list[Asked]:
    """Return the requests to one pool in the order they come."""
    hours = units * DAYS * (OPEN[1] - OPEN[0]) * LOAD
    found = []
    while hours > 0:
        length = chance.choice(LENGTHS)
        day, start = chance.randrange(DAYS), chance.randint(2 * OPEN[0], 2 * (OPEN[1] - length))
        begins = FIRST + timedelta(days=day, minutes=30 * start)
        unit = chance.randint(1, units) if chance.random() < named else None
        found.append(Asked(Period(begins, begins + timedelta(hours=length)), unit))
        hours -= length
    return found


def measure(pools: int) -> Iterator[Figure]:
    """Yield what share of the hours asked for each way accepts, all any-unit and partly named."""
    for named in (0.0, NAMED_SHARE):
        chance = random.Random(7)  # noqa: S311 - the same demand in every run
        asked = [demand(SIZES[n % len(SIZES)], named, chance) for n in range(pools)]
        offered = sum(one.hours for requests in asked for one in requests)
        shares, rescues, moves = {}, 0, 0
        for name, way in WAYS.items():
            hours, boards = _accepted(asked, way)
            shares[name] = 100 * hours / offered
            rescues += sum(board.rescues for board in boards)
            moves += sum(board.moves for board in boards)
        yield from _figures(f"{named:.0%} named", shares)
        if rescues:
            yield Figure(f"{named:.0%} named: moves a rescue", moves / rescues, "")


def _accepted(
    asked: Sequence[Sequence[Asked]], way: Callable[[Board, Asked], bool]
) -> tuple[float, list[Board]]:
    boards, hours = [], 0.0
    for number, requests in enumerate(asked):
        board = Board(SIZES[number % len(SIZES)])
        boards.append(board)
        hours += sum(one.hours for one in requests if way(board, one))
    return hours, boards


def _figures(what: str, shares: dict[str, float]) -> Iterator[Figure]:
    ours = shares["best fit + eject"]
    worse = "" if ours >= shares["best fit"] else "eject accepts less than best fit alone"
    for name, share in shares.items():
        if name == "best fit + eject":
            yield Figure(f"{what}: accepted hours, {name}", ours, "%", failed=worse)
        else:
            yield Figure(f"{what}: eject to {name}", ours, "%", name, share)
