"""The earliest slots of any number of pools that one actor could book as they stand.

Pools wait in order of the earliest start they could have: first by their rules alone, or by the
map of time where there are many, then by what holds their units just then. Only those in front are
looked at exactly, until nothing that waits could come sooner than what was found: so few of
thousands are, and the earliest is the earliest.
"""

import heapq
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.period import Period, from_epoch
from booking.reservations.queries.asking import Asked
from booking.reservations.queries.availability import WINDOWS, busy_blocks, units_and_holders
from booking.reservations.queries.candidates import (
    Alike,
    Candidate,
    Looked,
    Offer,
    Offers,
    Where,
    alike_pools,
    candidates,
    last_start,
)
from booking.reservations.queries.sweeping import Sweeping
from booking.reservations.queries.timemap import park_map
from booking.reservations.queries.together import NOTHING, Together
from booking.reservations.queries.waiting_pools import Waiting, ask_rules
from booking.reservations.rules.slots import UnitFacts, earliest_slots

# Pools whose units are read, and looked at exactly, at once: at first, and four times as many
# at each further turn.
FIRST_READ, FIRST_LOOK, MOST_LOOK = 64, 16, 256
# Looks at a pool for some days, and times refused by a rule, after which a search gives up.
MOST_STEPS = 4000
MAP_FROM = 200  # pools: fewer are looked at without the map of time
A_SECOND = timedelta(seconds=1)
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
K = TypeVar("K", Candidate, Waiting)


class _TooMuchError(Exception):
    """The search has taken all the steps it may."""


def soonest_slots(
    session: Session,
    actor: Actor,
    where: Where,
    looked: Looked,
    limit: int,
    now: datetime,
    *,
    together: Together = NOTHING,
    each: int | None = None,
) -> Offers:
    """Return up to `limit` offers, soonest first, then by pool, at most `each` of one pool.

    Each passes every rule if the actor books it at once, whichever party it is booked for. A few
    queries, whatever the number of pools.
    """
    search = _Search(session, actor, looked, now, together, limit, each or limit)
    search.start(alike_pools(session, actor, where, looked, now))
    return search.run()


class _Search:
    """One search: what waits, and what was found."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        looked: Looked,
        now: datetime,
        together: Together,
        limit: int,
        each: int,
    ) -> None:
        self._session, self._actor, self._now = session, actor, now
        self._looked, self._together = looked, together
        self._limit, self._each = limit, min(each, limit)
        self._ahead: list[tuple[datetime, int, Candidate | Waiting]] = []
        self._found: list[Offer] = []
        self._steps, self._read, self._look = 0, FIRST_READ, FIRST_LOOK
        self._sweeping: Sweeping | None = None

    def start(self, sets: Sequence[Alike]) -> None:
        """Let all pools wait."""
        looked, allowed, now = self._looked, self._together.starts, self._now
        # What a transaction has not committed yet is no news for the map.
        if sum(len(same.rows) for same in sets) >= MAP_FROM and "writing" not in self._session.info:
            here = park_map(self._session, now)
            self._sweeping = Sweeping(here, sets, looked, allowed, self._together.grids)
            return
        self._ahead = [(c.start, c.row.id, c) for c in candidates(sets, looked, allowed)]
        heapq.heapify(self._ahead)

    def run(self) -> Offers:
        """Return what is found."""
        self._let_come()
        while self._ahead and not self._settled():
            front = self._ahead[0][:2]
            try:
                self._go_on()
            except _TooMuchError:
                certain = [offer for offer in self._found if offer.key < front]
                return Offers(tuple(certain[: self._limit]), complete=False)
            self._let_come()
        return Offers(tuple(self._found[: self._limit]))

    def _let_come(self) -> None:
        """Let all pools wait that could start within an hour of what is in front, or before."""
        if self._sweeping is None:
            return
        while (frontier := self._sweeping.frontier) is not None:
            if self._ahead and self._ahead[0][0] + AN_HOUR < frontier:
                return
            if len(self._found) >= self._limit and self._found[self._limit - 1].key[0] < frontier:
                return
            for candidate in self._sweeping.advance():
                self._wait(candidate.start, candidate)

    def _settled(self) -> bool:
        """Return whether nothing that waits could come before what was found."""
        full = len(self._found) >= self._limit
        return full and self._found[self._limit - 1].key < self._ahead[0][:2]

    def _go_on(self) -> None:
        start, _pool_id, first = self._ahead[0]
        if isinstance(first, Candidate):
            self._read_units(self._take(Candidate, self._read, start + AN_HOUR), start)
            self._read *= 4
        else:
            self._look_at(self._take(Waiting, self._look, start + A_DAY))
            self._look = min(self._look * 4, MOST_LOOK)

    def _take(self, kind: type[K], most: int, until: datetime) -> list[tuple[datetime, K]]:
        """Return up to `most` of those in front, all of one kind."""
        taken: list[tuple[datetime, K]] = []
        last = self._found[self._limit - 1].key if len(self._found) >= self._limit else None
        while self._ahead and len(taken) < most:
            start, pool_id, waiting = self._ahead[0]
            if start > until or (last is not None and last < (start, pool_id)):
                break
            if not isinstance(waiting, kind):
                break
            heapq.heappop(self._ahead)
            taken.append((start, waiting))
        return taken

    def _wait(self, start: datetime, waiting: Candidate | Waiting) -> None:
        heapq.heappush(self._ahead, (start, waiting.pool_id, waiting))

    def _read_units(self, pools: Sequence[tuple[datetime, Candidate]], start: datetime) -> None:
        """Let pools wait until enough units are free of what holds them at `start`. One query."""
        period, quantity = Period(start, start + self._looked.length), self._looked.quantity
        read = units_and_holders(self._session, [c.row.id for _start, c in pools], period)
        for own_start, candidate in pools:
            holders = read.get(candidate.row.id, [])
            if len(holders) >= quantity:
                ready = sorted(_ready(unit, until, own_start) for unit, until in holders)
                waiting = Waiting(candidate, [unit for unit, _until in holders])
                self._wait(ready[quantity - 1], waiting)

    def _look_at(self, batch: Sequence[tuple[datetime, Waiting]]) -> None:
        """Look for offers in each pool's next days; each waits again for more of it."""
        new = [waiting for _start, waiting in batch if not waiting.asked]
        ask_rules(self._session, self._actor, new, self._looked, self._now)
        windows = [found for start, waiting in batch if (found := self._window(start, waiting))]
        if not windows:
            return
        busy = self._busy(windows)
        share = max(1, self._limit // len(windows))
        for waiting, window, last in windows:
            self._step()
            most = min(share, self._each - waiting.offered)
            full = self._offers_of(waiting, window, busy, most) == most
            waiting.turn += not full
            ahead = window.start if full else window.end
            if waiting.after is not None:
                ahead = max(ahead, waiting.after)
            if waiting.offered < self._each:
                self._wait_again(ahead, last, waiting)
        self._found.sort(key=lambda offer: (offer.key, offer.slot.unit_ids))

    def _wait_again(self, ahead: datetime, last: datetime, waiting: Waiting) -> None:
        """Let a pool wait for more of it, from an instant on; unless there is none by `last`."""
        start: datetime | None = ahead
        if self._sweeping is not None:
            start = self._sweeping.again(waiting.pool_id, ahead)
        if start is not None and start < last:
            self._wait(start, waiting)

    def _window(self, start: datetime, waiting: Waiting) -> tuple[Waiting, Period, datetime] | None:
        """Return the days to look at next, and when nothing can start any more."""
        if not waiting.asked:
            return None
        last = min(self._last(asked) for asked in waiting.asked)
        days = (*WINDOWS, None)[min(waiting.turn, len(WINDOWS))]
        end = last if days is None else min(last, start + timedelta(days=days))
        return (waiting, Period(start, end), last) if start < end else None

    def _last(self, asked: Asked) -> datetime:
        last, level = last_start(asked, self._looked), asked.rules.level.value
        ends = asked.proposal.person.qualified_until(level) if level else None
        # After their qualification ends, every time would be refused, one by one.
        return last if ends is None else min(last, ends - self._looked.length + A_SECOND)

    def _offers_of(
        self, waiting: Waiting, window: Period, busy: dict[int, list[Period]], most: int
    ) -> int:
        """Keep up to `most` offers of a pool; return how many there were."""
        asked = waiting.asked[0]
        slots = earliest_slots(
            asked.rules, asked.proposal, waiting.units, busy, window, most,
            passes=lambda period: self._passes(waiting, period),
            starts_in=self._together.starts(asked.pool, window),
        )  # fmt: skip
        waiting.offered += len(slots)
        if slots:
            waiting.after = slots[-1].period.end
        for slot in slots:
            others = self._together.units(slot.period)
            self._found.append(Offer(asked.pool, slot, others))
        return len(slots)

    def _passes(self, waiting: Waiting, period: Period) -> bool:
        """Return whether a period breaks no rule, whichever party it is booked for."""
        refused = any(one.at(period).codes() for one in waiting.asked)
        if refused or not self._together.passes(period):
            self._step()
            return False
        return True

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise _TooMuchError

    def _busy(self, windows: Sequence[tuple[Waiting, Period, datetime]]) -> dict[int, list[Period]]:
        units = [unit for waiting, _window, _last in windows for unit in waiting.units]
        margin = max(timedelta(minutes=u.warmup_minutes + u.cleanup_minutes) for u in units)
        margin += self._looked.length + self._looked.around
        first = min(window.start for _waiting, window, _last in windows)
        last = max(window.end for _waiting, window, _last in windows)
        around = Period(first - margin, last + margin)
        return busy_blocks(self._session, [unit.unit_id for unit in units], around)


def _ready(unit: UnitFacts, until: int | None, start: datetime) -> datetime:
    if until is None:
        return start
    return max(start, from_epoch(until) + timedelta(minutes=unit.warmup_minutes))
