"""Adding up one local day: what was open, what was used, by whom; from plain facts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from booking.usage.rules.formulas import Figures
from booking.usage.rules.vectors import spread

Span = tuple[int, int]  # epoch seconds, the end not included


@dataclass(frozen=True, slots=True)
class Opening:
    """The open spans of a local day, the instants its hours begin and end at, and both as hours."""

    spans: tuple[Span, ...]
    edges: tuple[int, ...]
    hours: int  # `rules.vectors`
    seconds: int


@dataclass(frozen=True, slots=True)
class PoolDay:
    """A pool on one day, with its units that could be booked."""

    pool_id: int
    unit_ids: frozenset[int]
    opening: Opening


@dataclass(frozen=True, slots=True)
class Block:
    """A unit in use: warm-up and clean-up are in it. `company_id` 0: no company's."""

    unit_id: int
    span: Span
    company_id: int
    external: bool


@dataclass(slots=True)
class Sums:
    """What is being added up: `Figures`, and used and open time by hour of the day."""

    unit_days: int = 0
    open: int = 0
    used_open: int = 0
    used: int = 0
    external: int = 0
    reservations: int = 0
    no_shows: int = 0
    used_hours: int = 0
    open_hours: int = 0

    def take(self, other: "Sums") -> None:
        """Add all of another."""
        self.unit_days += other.unit_days
        self.open += other.open
        self.open_hours += other.open_hours
        if other.used or other.reservations:
            self.used_open += other.used_open
            self.used += other.used
            self.external += other.external
            self.reservations += other.reservations
            self.no_shows += other.no_shows
            self.used_hours += other.used_hours

    @property
    def figures(self) -> Figures:
        """Return the figures."""
        return Figures(
            self.unit_days, self.open, self.used_open, self.used, self.external,
            self.reservations, self.no_shows,
        )  # fmt: skip


@dataclass(slots=True)
class PoolSums:
    """A pool's day: its sums, those of each company, and seconds of each (unit, company)."""

    whole: Sums = field(default_factory=Sums)
    companies: dict[int, Sums] = field(default_factory=dict)
    units: dict[tuple[int, int], int] = field(default_factory=dict)

    def company(self, company_id: int) -> Sums:
        """Return what a company's are added to."""
        return self.companies.setdefault(company_id, Sums())


def opening_of(spans: Sequence[Span], edges: Sequence[int]) -> Opening:
    """Return the open spans of a day, none of which overlap, as a day is added up with."""
    hours = sum(spread(start, end, edges) for start, end in spans)
    seconds = sum(end - start for start, end in spans)
    return Opening(tuple(spans), tuple(edges), hours, seconds)


def add_up(
    day: PoolDay,
    blocks: Sequence[Block],
    closed: Iterable[tuple[int, Span]],
    begun: Mapping[int, tuple[int, int]],
) -> PoolSums:
    """Return a pool's day.

    `closed`: (unit, span) of its closures, none of which overlap one another or its blocks.
    `begun`: company → (reservations that began, of these no-shows). A unit that was used could be,
    whatever it is now.
    """
    found, units = PoolSums(), day.unit_ids
    if blocks:
        units |= {block.unit_id for block in blocks}
    found.whole.unit_days = len(units)
    found.whole.open = len(units) * day.opening.seconds
    found.whole.open_hours = len(units) * day.opening.hours
    for unit, span in closed:
        if unit in units:
            seconds, hours = _within(span, day.opening)
            found.whole.open -= seconds
            found.whole.open_hours -= hours
    for block in blocks:
        _use(found, day.opening, block)
    for company_id, (count, missed) in begun.items():
        for sums in (found.whole, found.company(company_id)):
            sums.reservations += count
            sums.no_shows += missed
    return found


def _use(found: PoolSums, day: Opening, block: Block) -> None:
    start, end = max(block.span[0], day.edges[0]), min(block.span[1], day.edges[-1])
    if start >= end:
        return
    inside, hours = _within((start, end), day)
    for sums in (found.whole, found.company(block.company_id)):
        sums.used += end - start
        sums.used_open += inside
        sums.external += (end - start) * block.external
    found.whole.used_hours += hours
    key = (block.unit_id, block.company_id)
    found.units[key] = found.units.get(key, 0) + end - start


def _within(span: Span, day: Opening) -> tuple[int, int]:
    """Return how much of a span is open: seconds, and by hour."""
    seconds = hours = 0
    for first, last in day.spans:
        start, end = max(span[0], first), min(span[1], last)
        if start < end:
            seconds += end - start
            hours += spread(start, end, day.edges)
    return seconds, hours
