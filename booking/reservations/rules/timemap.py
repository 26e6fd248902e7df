"""A map of a whole park's time: for every quarter of an hour, which units are held all through it.

A unit is a bit, so one number tells of all units what holds them in a quarter, and whether any of
12,000 is free for four hours is sixteen operations on numbers of 1.5 kB. Likewise a set of
quarters is one number with a bit for each.

What the map says is advice, and it errs on one side only: a quarter counts as held when one block
covers it whole, and a start is ruled out when a quarter it surely needs is held. So what it rules
out is impossible, and what it lets through has to be looked at exactly.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import or_

QUARTER = 900  # seconds
LONG = 32  # quarters; shorter times are looked at one by one
MOST_BLOCKS = 32  # kept: of a day's length 0.3 MB each
Block = tuple[int, int, int]  # bit of the unit, start, end in epoch seconds


class TimeMap:
    """Which units are held, from `origin` (epoch seconds) on, for so many quarters."""

    def __init__(self, origin: int, quarters: int) -> None:
        self.origin, self.quarters = origin, quarters
        self.rows = [0] * quarters

    @property
    def end(self) -> int:
        """Return the first second of which the map knows nothing."""
        return self.origin + self.quarters * QUARTER

    def fill(self, blocks: Iterable[Block], units: int) -> None:
        """Lay out an empty map; no two blocks of one unit may overlap.

        A block is two marks, where it begins and ends; what lies between is added up once for all
        units: 0.6 µs a block, whatever its length.
        """
        size, origin, quarters = units // 8 + 1, self.origin, self.quarters
        marks = [bytearray()] * (quarters + 1)
        # Half a million come by: no calls in here.
        for bit, start, end in blocks:
            first, last = (start - origin + QUARTER - 1) // QUARTER, (end - origin) // QUARTER
            first, last = first if first > 0 else 0, last if last < quarters else quarters
            if first < last:
                byte, mark = bit >> 3, 1 << (bit & 7)
                (marks[first] or _new(marks, first, size))[byte] ^= mark
                (marks[last] or _new(marks, last, size))[byte] ^= mark
        held = 0
        for quarter in range(self.quarters):
            if marks[quarter]:
                held ^= int.from_bytes(marks[quarter], "little")
            self.rows[quarter] = held

    def hold(self, block: Block) -> None:
        """Note that a block holds a unit."""
        bit, start, end = block
        for quarter in range(*self._inside(start, end)):
            self.rows[quarter] |= 1 << bit

    def free(self, block: Block) -> None:
        """Note that nothing is known to hold a unit during a block."""
        bit, start, end = block
        kept = ~(1 << bit)
        for quarter in range(*self._inside(start, end)):
            self.rows[quarter] &= kept

    def held(self, first: int, last: int) -> int:
        """Return the units that are held in any of the quarters [first, last)."""
        found = 0
        for row in self.rows[max(first, 0) : max(last, 0)]:
            found |= row
        return found

    def quarter_of(self, second: int) -> int:
        """Return the number of the quarter an instant lies in; may lie off the map."""
        return (second - self.origin) // QUARTER

    def quarters_of(self, spans: Iterable[tuple[int, int]]) -> int:
        """Return the set of quarters of which any part lies in a span [start, end)."""
        found = 0
        for start, end in spans:
            first = min(max((start - self.origin) // QUARTER, 0), self.quarters)
            last = min(max(-((self.origin - end) // QUARTER), 0), self.quarters)
            if first < last:
                found |= (1 << last) - (1 << first)
        return found

    def _inside(self, start: int, end: int) -> tuple[int, int]:
        """Return the quarters that lie in a block with their whole length."""
        first = max(-((self.origin - start) // QUARTER), 0)
        last = min((end - self.origin) // QUARTER, self.quarters)
        return first, max(first, last)


def _new(marks: list[bytearray], quarter: int, size: int) -> bytearray:
    marks[quarter] = bytearray(size)
    return marks[quarter]


def runs(quarters: int, length: int) -> int:
    """Return which of a set of quarters begin `length` of them in a row."""
    have = 1
    while have < length:
        more = min(have, length - have)
        quarters &= quarters >> more
        have += more
    return quarters


def needed(seconds: int) -> int:
    """Return how many quarters so many seconds surely meet, beginning in the first of them."""
    return -(-seconds // QUARTER)


@dataclass(frozen=True)
class Fleet:
    """The units of every pool as bits, and in which of them which buffers hold.

    `buffers`: (warm-up, clean-up) in minutes → units.
    """

    bits: Mapping[int, int] = field(default_factory=dict)  # unit -> bit
    pool_of: Sequence[int] = ()  # bit -> pool
    pools: Mapping[int, int] = field(default_factory=dict)  # pool -> units
    buffers: Mapping[tuple[int, int], int] = field(default_factory=dict)


def fleet_of(units: Iterable[tuple[int, int, int, int]], known: Mapping[int, int]) -> Fleet:
    """Return the fleet of (unit, pool, warm-up, clean-up); those `known` keep their bits."""
    bits = dict(known)
    pools: dict[int, int] = {}
    buffers: dict[tuple[int, int], int] = {}
    rows = list(units)
    for unit_id, *_ in rows:
        bits.setdefault(unit_id, len(bits))
    pool_of = [0] * len(bits)
    for unit_id, pool_id, warmup, cleanup in rows:
        bit = bits[unit_id]
        pool_of[bit] = pool_id
        pools[pool_id] = pools.get(pool_id, 0) | 1 << bit
        buffers[warmup, cleanup] = buffers.get((warmup, cleanup), 0) | 1 << bit
    return Fleet(bits, pool_of, pools, buffers)


class Sweep:
    """Pools in order of the earliest quarter in which something as long could start, if at all.

    `starts`: pool → the quarters its rules let something start in; each pool comes once.
    """

    def __init__(
        self, time: TimeMap, fleet: Fleet, starts: Mapping[int, int], seconds: int, quantity: int
    ) -> None:
        self._time, self._fleet, self._starts = time, fleet, starts
        self._quantity = quantity
        self._needs: dict[tuple[int, int], int] = {}
        for (warmup, cleanup), units in fleet.buffers.items():
            key = (warmup * 60 // QUARTER, needed(seconds + cleanup * 60))
            self._needs[key] = self._needs.get(key, 0) | units
        self._held: dict[tuple[int, int], int] = {}
        self._blocks: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
        self.come: set[int] = set()
        self._left = 0  # units of pools that have not come yet
        together: dict[int, int] = {}
        for pool_id, quarters in starts.items():
            units = fleet.pools.get(pool_id, 0)
            if quarters and units:
                self._left |= units
                together[quarters] = together.get(quarters, 0) | units
        self._changes = _changes(together)
        self._open = self._last = 0
        self._quarters = _each_bit(_union(together))
        self.frontier = next(self._quarters, time.quarters)  # no pool is to come before

    def advance(self) -> list[int]:
        """Return the pools that could start in the frontier's quarter, by id; then go on."""
        quarter = self.frontier
        self._open ^= self._changed(quarter)
        self.frontier = next(self._quarters, self._time.quarters) if self._left else (
            self._time.quarters
        )  # fmt: skip
        ready = self._ready(self._open & self._left, quarter)
        if self._quantity > 1 and ready == self._last:
            return []  # too few of each pool then, too few now
        pools = [p for p in self._pools_of(ready) if self._enough(ready & self._fleet.pools[p])]
        for pool_id in pools:
            self._left &= ~self._fleet.pools[pool_id]
        self.come.update(pools)
        self._last = ready & self._left
        return sorted(pools)

    def next(self, pool_id: int, quarter: int) -> int | None:
        """Return the first quarter from this one on in which the pool could start; None: none."""
        units = self._fleet.pools.get(pool_id, 0)
        start = max(quarter, 0)
        for later in _each_bit(self._starts.get(pool_id, 0) >> start):
            if self._enough(self._ready(units, start + later)):
                return start + later
        return None

    def _changed(self, quarter: int) -> int:
        changed = 0
        while self._changes and self._changes[-1][0] <= quarter:
            changed ^= self._changes.pop()[1]
        return changed

    def _ready(self, units: int, quarter: int) -> int:
        """Return those of the units that nothing is known to hold, from a quarter on."""
        ready = 0
        for (before, after), alike in self._needs.items():
            some = units & alike
            if some:
                ready |= some & ~self._in_the_way(quarter - before, quarter + after)
        return ready

    def _in_the_way(self, first: int, last: int) -> int:
        """Return the units held in any of the quarters.

        Long times lie in two blocks as long as they are: what is left of one, what has begun of the
        next, each known for every quarter once two operations a quarter were done.
        """
        key = (first, last)
        if key not in self._held:
            length = last - first
            if length < LONG:
                self._held[key] = self._time.held(first, last)
            else:
                number, inside = divmod(first, length)
                held = self._block(length, number)[1][inside]
                if inside:
                    held |= self._block(length, number + 1)[0][inside - 1]
                self._held[key] = held
        return self._held[key]

    def _block(self, length: int, number: int) -> tuple[list[int], list[int]]:
        """Return what is held in a block up to each of its quarters, and from each of them on."""
        key = (length, number)
        if key not in self._blocks:
            if len(self._blocks) >= MOST_BLOCKS:
                del self._blocks[next(iter(self._blocks))]
            first = length * number
            rows = [self._time.held(n, n + 1) for n in range(first, first + length)]
            since = list(accumulate(reversed(rows), or_))
            self._blocks[key] = (list(accumulate(rows, or_)), since[::-1])
        return self._blocks[key]

    def _enough(self, ready: int) -> bool:
        return ready.bit_count() >= self._quantity

    def _pools_of(self, units: int) -> Iterator[int]:
        while units:
            pool_id = self._fleet.pool_of[(units & -units).bit_length() - 1]
            units &= ~self._fleet.pools[pool_id]
            yield pool_id


def _changes(together: Mapping[int, int]) -> list[tuple[int, int]]:
    """Return at which quarters which units begin or cease to be open, the last first."""
    found: dict[int, int] = {}
    for quarters, units in together.items():
        for quarter in _each_bit(quarters ^ (quarters << 1)):
            found[quarter] = found.get(quarter, 0) ^ units
    return sorted(found.items(), reverse=True)


def _union(together: Mapping[int, int]) -> int:
    found = 0
    for quarters in together:
        found |= quarters
    return found


def _each_bit(number: int) -> Iterator[int]:
    """Yield the places of the bits that are set, lowest first."""
    # As text, once: taking the lowest off a long number copies it each time.
    text = bin(number)[:1:-1]
    place = text.find("1")
    while place >= 0:
        yield place
        place = text.find("1", place + 1)
