"""Rows loaded in bulk: which go in, which are there already, which are in each other's way."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime

# "No end": the convention of the data in use (GeoNet); fits every calendar computation.
OPEN_END = datetime(9999, 1, 1, tzinfo=UTC)
# Statuses whose units are, or were, really held.
HOLDING = frozenset({"pending", "approved", "in_use", "completed"})


@dataclass(frozen=True, slots=True)
class LoadRow:
    """A reservation as a file or the demo states it; rules are skipped, the constraint is not.

    `status` None: completed if it has ended, else approved. Buffers widen what is blocked.
    """

    line: int
    pool_id: int
    unit_ids: tuple[int, ...]
    start: datetime
    end: datetime
    user_id: int | None
    person_text: str | None
    company_id: int | None
    institution_id: int | None
    purpose: str
    status: str | None
    source_key: str
    created_at: datetime | None = None
    note: str = ""
    decide_by: datetime | None = None
    named_unit: bool = True
    block_start: datetime | None = None
    block_end: datetime | None = None

    @property
    def block(self) -> tuple[datetime, datetime]:
        """Return what is held: the shown times unless wider ones are given."""
        return self.block_start or self.start, self.block_end or self.end

    def status_at(self, now: datetime) -> str:
        """Return the status the row goes in with."""
        return self.status or ("completed" if self.end <= now else "approved")


@dataclass(frozen=True, order=True, slots=True)
class Held:
    """A span in which a unit is held; `line` says by which row of the file, if by one."""

    start: datetime
    end: datetime
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class LoadConflict:
    """A row whose unit is taken; `with_line` is None when what holds it came from elsewhere."""

    line: int
    with_line: int | None
    unit_id: int


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of the rows; `imported` + `unchanged` + conflicts make them all."""

    imported: int
    unchanged: int
    conflicts: tuple[LoadConflict, ...]


@dataclass(frozen=True, slots=True)
class LoadDecision:
    """The rows that may go in, in file order, how many are there already, and the clashes."""

    accepted: tuple[LoadRow, ...]
    unchanged: int
    conflicts: tuple[LoadConflict, ...]


class Timeline:
    """The spans of one unit, none of which overlap."""

    def __init__(self, spans: Iterable[Held] = ()) -> None:
        self._spans: list[Held] = []
        for span in sorted(spans):
            last = self._spans[-1] if self._spans else None
            if last and span.start < last.end:  # history may overlap itself: keep the union
                self._spans[-1] = Held(last.start, max(last.end, span.end), last.line)
            else:
                self._spans.append(span)

    def clash(self, start: datetime, end: datetime) -> Held | None:
        """Return a span that shares an instant with [start, end), else None."""
        # Only the last span that starts before `end` can: they do not overlap each other.
        index = bisect_left(self._spans, end, key=lambda span: span.start) - 1
        if index >= 0 and self._spans[index].end > start:
            return self._spans[index]
        return None

    def add(self, span: Held) -> None:
        """Hold the span, which must not clash."""
        insort(self._spans, span)


def decide(
    rows: Sequence[LoadRow],
    known: Set[str],
    held: Mapping[int, Sequence[Held]],
    now: datetime,
) -> LoadDecision:
    """Return which rows go in: in file order, the first of two that overlap wins.

    `known` has the source keys that are in the database; a key seen twice in the file is the
    same row said twice. `held` has each unit's spans, active and retired.
    """
    timelines = {unit_id: Timeline(spans) for unit_id, spans in held.items()}
    seen = set(known)
    accepted: list[LoadRow] = []
    conflicts: list[LoadConflict] = []
    unchanged = 0
    for row in rows:
        if row.source_key in seen:
            unchanged += 1
            continue
        clash = _clash(row, timelines, now)
        if clash:
            conflicts.append(clash)
            continue
        seen.add(row.source_key)
        accepted.append(row)
    return LoadDecision(tuple(accepted), unchanged, tuple(conflicts))


def _clash(row: LoadRow, timelines: dict[int, Timeline], now: datetime) -> LoadConflict | None:
    """Return what is in the row's way; when nothing is, its units are held from here on."""
    if row.status_at(now) not in HOLDING:
        return None
    start, end = row.block
    for unit_id in row.unit_ids:
        span = timelines.setdefault(unit_id, Timeline()).clash(start, end)
        if span:
            return LoadConflict(row.line, span.line, unit_id)
    for unit_id in row.unit_ids:
        timelines[unit_id].add(Held(start, end, row.line))
    return None
