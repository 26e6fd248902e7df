"""What the ledger of a quota tells of local days: entries added up in quarters of an hour.

How entries are made is said in `infra.quota_use`. What is used up to an instant of a day of UTC
is the sum of `rate * instant - moment` over the entries before it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from booking.core.local import midnight
from booking.core.period import CELL_SECONDS, CELLS_A_DAY, to_epoch
from booking.policies.rules.quotas import AHEAD, DAY, Quota

SECONDS_A_DAY = 86_400
FOR_EVER = 2**40  # a cell after all others


class Piece(NamedTuple):
    """Entries of a stretch of time within one day of UTC, added up; `cell` is the first."""

    cell: int
    n: int
    seconds: int
    rate: int
    moment: int


@dataclass(frozen=True, slots=True)
class Cells:
    """Where to cut: the cells that tell of some local days of a zone, `midnights` in epoch seconds.

    `edges` of hours, in order, open and closed by turns. `remainders` of a day of UTC at which
    local days begin; None: each cell is needed by itself.
    """

    first: int
    last: int
    first_day: date
    last_day: date
    midnights: tuple[int, ...]
    edges: tuple[int, ...] | None
    remainders: tuple[int, int] | None

    def day(self, second: int) -> date:
        """Return the local day of an instant within the days."""
        return self.first_day + DAY * (bisect_right(self.midnights, second) - 1)


def cells_of(quota: Quota, zone: ZoneInfo, first: date, last: date, now: datetime) -> Cells | None:
    """Return the cells that tell what is used from the day `first` to `last`, both included.

    Of a quota of coming reservations: those after the one that `now` is in. None where the ledger
    does not tell it: hours that begin within a quarter, or of which it is asked how many.
    """
    if quota.period == "future":
        after = to_epoch(now) // CELL_SECONDS + 1
        if quota.hours is not None:
            return None
        return Cells(after, FOR_EVER, first, last, (), None, (0, 0))
    if quota.hours is not None and quota.measure == "count":
        return None
    midnights = _midnights(zone, first, last)
    edges = None
    if quota.hours is not None:
        start, end = (datetime.fromtimestamp(at, UTC) for at in (midnights[0], midnights[-1]))
        spans = quota.hours.spans(start, end, zone)
        edges = tuple(to_epoch(edge) for span in spans for edge in (span.start, span.end))
    if any(cut % CELL_SECONDS for cut in (*midnights, *(edges or ()))):
        return None
    found = sorted({cut % SECONDS_A_DAY for cut in midnights})
    merged = edges is None and len(found) <= 2
    remainders = (found[0], found[-1]) if merged else None
    begin = midnights[0] // SECONDS_A_DAY * CELLS_A_DAY
    return Cells(begin, midnights[-1] // CELL_SECONDS, first, last, midnights, edges, remainders)


def days_of(quota: Quota, cells: Cells, pieces: Iterable[Piece]) -> dict[date, int]:
    """Return what pieces tell by local day, in seconds or reservations: of these days alone."""
    days: dict[date, int] = {}
    for day, amount in _amounts(quota, cells, pieces):
        if amount:
            days[day] = days.get(day, 0) + amount
    return {day: amount for day, amount in days.items() if amount}


def _amounts(quota: Quota, cells: Cells, pieces: Iterable[Piece]) -> Iterator[tuple[date, int]]:
    minutes = quota.measure == "minutes"
    if quota.period == "future":
        for piece in pieces:
            yield AHEAD, piece.seconds if minutes else piece.n
    elif minutes:
        by_day = groupby(sorted(pieces), key=lambda piece: piece.cell // CELLS_A_DAY)
        for utc_day, of_day in by_day:
            yield from _uses(cells, utc_day * SECONDS_A_DAY, list(of_day))
    else:
        for piece in pieces:
            if piece.cell * CELL_SECONDS >= cells.midnights[0]:
                yield cells.day(piece.cell * CELL_SECONDS), piece.n


def _uses(cells: Cells, start: int, pieces: Sequence[Piece]) -> Iterator[tuple[date, int]]:
    """Yield what is used between two cuts of a day of UTC, those that count."""
    running, at = 0, 0
    for begin, end in pairwise(_cuts(cells, start, start + SECONDS_A_DAY)):
        used = running * (end - begin)
        while at < len(pieces) and pieces[at].cell * CELL_SECONDS < end:
            running += pieces[at].rate
            used += pieces[at].rate * end - pieces[at].moment
            at += 1
        if cells.midnights[0] <= begin < cells.midnights[-1] and _counts(cells, begin):
            yield cells.day(begin), used


def _cuts(cells: Cells, start: int, end: int) -> list[int]:
    cuts = {start, end}
    for among in (cells.midnights, cells.edges or ()):
        cuts.update(among[bisect_left(among, start) : bisect_right(among, end)])
    return sorted(cuts)


def _counts(cells: Cells, second: int) -> bool:
    return cells.edges is None or bisect_right(cells.edges, second) % 2 == 1


@lru_cache(maxsize=256)
def _midnights(zone: ZoneInfo, first: date, last: date) -> tuple[int, ...]:
    """Return when each local day begins, and when the last ends, in epoch seconds."""
    days = (last - first) // timedelta(days=1) + 2
    return tuple(to_epoch(midnight(first + DAY * n, zone)) for n in range(days))
