"""Thousands of pools in the order of the earliest start each could have: by rules and by the map.

No pool comes too late: a start is left out only when a rule of time forbids it to everybody, or
the map knows that too few units are free then.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from booking.core.period import Period, from_epoch, to_epoch
from booking.inventory.rules.sharing import Sharing
from booking.policies.rules.times import align_up, earliest_start, open_spans
from booking.policies.rules.values import Rule
from booking.reservations.queries.asking import Asked
from booking.reservations.queries.candidates import (
    Alike,
    Allowed,
    Candidate,
    Looked,
    candidates,
    last_start,
)
from booking.reservations.queries.timemap import ParkMap
from booking.reservations.rules.timemap import QUARTER, Sweep, needed, runs

MOST_ALIGNED = 8  # rounds; grids that meet later than that are left to the exact look
NO_NOTICE: Rule[int | None] = Rule(None)


class Sweeping:
    """The pools of one search as they come."""

    def __init__(
        self,
        here: ParkMap,
        sets: Sequence[Alike],
        looked: Looked,
        allowed: Allowed,
        grids: Sequence[tuple[ZoneInfo, int]] = (),
    ) -> None:
        self._map, self._looked, self._allowed = here, looked, allowed
        self._others = grids  # of pools that must be free at the same time
        self._seconds = int(looked.length.total_seconds())
        quarters = needed(self._seconds)
        self._end = here.known.end - timedelta(seconds=quarters * QUARTER)  # no start is known from
        self._wanted: dict[ZoneInfo, int] = {}
        self._spans: dict[ZoneInfo, Sequence[Period]] = {}
        self._first: dict[int, datetime] = {}  # of each pool: no start is before
        self._rows: dict[int, Row[Any]] = {}
        self._asked: dict[int, Asked] = {}
        self._grids: dict[tuple[ZoneInfo, int, datetime], datetime] = {}
        starts: dict[int, int] = {}
        far = []
        for same in sets:
            asked = same.relaxed()
            last = last_start(asked, looked)
            if last > self._end:
                far.append(same)
            quarters, first = self._starts(asked, last)
            for row in same.rows:
                self._rows[row.id], starts[row.id] = row, quarters
                self._asked[row.id], self._first[row.id] = same.asked, first
        self._sweep = Sweep(here.time, here.fleet, starts, self._seconds, looked.quantity)
        self._later = {c.row.id: c.start for c in self._beyond(far)}
        self._done = False

    @property
    def frontier(self) -> datetime | None:
        """Return the instant before which no other pool could start; None: all have come."""
        if self._done:
            return None
        return min(self._instant(self._sweep.frontier), self._end)

    def advance(self) -> list[Candidate]:
        """Return the pools that could start at the frontier, by id, and go on."""
        quarter = self._sweep.frontier
        if quarter < self._map.time.quarters:
            start = self._instant(quarter)
            pools = self._sweep.advance()
            return [Candidate(self._rows[pool], self._on_grid(pool, start)) for pool in pools]
        self._done = True
        come = self._sweep.come
        return [Candidate(self._rows[p], at) for p, at in self._later.items() if p not in come]

    def again(self, pool_id: int, start: datetime) -> datetime | None:
        """Return the first instant from `start` on at which a pool that has come could start."""
        quarter = self._map.time.quarter_of(to_epoch(start))
        found = self._sweep.next(pool_id, quarter)
        if found is not None:
            first = from_epoch(self._map.time.origin + found * QUARTER)
            return self._on_grid(pool_id, max(start, first))
        later = self._later.get(pool_id)
        return None if later is None else max(start, later)

    def _instant(self, quarter: int) -> datetime:
        start = from_epoch(self._map.time.origin + quarter * QUARTER)
        return max(start, self._looked.first)

    def _on_grid(self, pool_id: int, start: datetime) -> datetime:
        """Return the first instant from `start` on at which the pool lets anything start.

        A quarter is coarse: were pools to wait at its beginning, hundreds would be looked at for
        slots that all begin at the next one.
        """
        asked = self._asked[pool_id]
        start = max(start, self._first[pool_id])
        key = (asked.pool.zone, asked.rules.granularity_minutes.value, start)
        if key not in self._grids:
            self._grids[key] = self._allowed_on_grid(*key)
        return self._grids[key]

    def _allowed_on_grid(self, zone: ZoneInfo, step: int, start: datetime) -> datetime:
        spans = self._spans[zone]
        at = bisect_right(spans, start, key=lambda span: span.end)
        while True:
            start = self._on_grids(zone, step, start)
            while at < len(spans) and spans[at].end <= start:
                at += 1
            if at >= len(spans) or spans[at].start <= start:
                return start
            start = spans[at].start

    def _on_grids(self, zone: ZoneInfo, step: int, start: datetime) -> datetime:
        start = align_up(start, step, zone)
        for _ in range(MOST_ALIGNED if self._others else 0):
            before = start
            for other, minutes in ((zone, step), *self._others):
                start = align_up(start, minutes, other)
            if start == before:
                break
        return start

    def _starts(self, asked: Asked, last: datetime) -> tuple[int, datetime]:
        """Return the quarters in which rules of time let something start, and the first instant."""
        zone = asked.pool.zone
        first = earliest_start(asked.rules, asked.proposal)
        begin = max(first or last, self._looked.first, asked.proposal.now)
        if begin >= last:
            return 0, begin
        quarters = runs(self._open(asked), needed(self._seconds))
        quarters &= self._map.quarters([Period(begin, last)])
        if zone not in self._wanted:
            spans = self._allowed(asked.pool, self._map.known)
            self._spans[zone] = spans or ()
            self._wanted[zone] = -1 if spans is None else self._map.quarters(list(spans))
        return quarters & self._wanted[zone], begin

    def _open(self, asked: Asked) -> int:
        """Return the quarters that hours, holidays and sharing leave open."""
        rules, anybody = asked.rules, asked.proposal
        sharing, days = anybody.sharing, tuple(sorted(anybody.calendar.days.items()))
        hours = sharing.hours if sharing else None
        key = (
            rules.opening_hours.value, rules.holidays.value, rules.overnight.value,
            anybody.insider, sharing is None, hours, anybody.zone.key, days,
        )  # fmt: skip
        # Notice and the days of an agreement differ from pool to pool, hours hardly do.
        plain = replace(rules, create_latest_minutes=NO_NOTICE)
        always = sharing and Sharing(self._map.known.start, None, hours)
        somebody = replace(anybody, needs_decision=False, sharing=always)
        quarters = self._map.open(key, lambda known: open_spans(plain, somebody, known))
        if sharing is None or anybody.insider:
            return quarters
        return quarters & self._map.quarters(sharing.spans(self._map.known))

    def _beyond(self, far: Sequence[Alike]) -> list[Candidate]:
        """Return the pools that may be booked later than the map knows, by their rules alone."""
        later = replace(self._looked, first=max(self._looked.first, self._end))
        return candidates(far, later, self._allowed) if far else []
