"""The map of the park's time as this process keeps it: read once a day, then kept fresh by the log.

Whatever holds or frees a unit writes its span down in the same transaction (`infra.ddl`), so a
search first reads what has changed since the last one: one query, and nothing to read mostly. A
process that knows nothing yet, or too little, reads all that is held from now on.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select, text, type_coerce
from sqlalchemy.orm import Session

from booking.core.period import Period, from_epoch, to_epoch
from booking.infra.db import BigInt, is_postgresql, run
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Allocation
from booking.reservations.models.changes import FLEET, FORGOTTEN
from booking.reservations.queries.availability import ACTIVE
from booking.reservations.queries.facts import CLEANUP, WARMUP
from booking.reservations.rules.timemap import Fleet, TimeMap, fleet_of

DAYS = 92  # looked ahead; later days are searched without a map
DAY, QUARTERS_A_DAY = 86_400, 96
MOST_CHANGES = 5000  # more are read faster from the allocations themselves
AT_ONCE = 20_000
MOST_HOURS = 5000  # sets of open quarters kept

_START, _END = (type_coerce(column, BigInt) for column in (
    Allocation.block_start, Allocation.block_end,
))  # fmt: skip
_BLOCKS = select(Allocation.unit_id, _START, _END).where(ACTIVE)
_UNITS = select(Unit.id, Unit.pool_id, WARMUP, CLEANUP).join(Pool, Pool.id == Unit.pool_id)
_UNITS = _UNITS.order_by(Unit.id)
# What has changed since a mark, with what holds those spans by now; and the mark to ask from next.
# One statement, so both are of one moment.
_CHANGES = """
SELECT m.mark, c.unit_id, c.block_start, c.block_end, a.block_start, a.block_end
FROM ({mark}) AS m
LEFT JOIN allocation_change AS c ON c.{column} >= :known
LEFT JOIN allocation AS a ON a.unit_id = c.unit_id AND a.active = 1
  AND a.block_start < c.block_end AND a.block_end > c.block_start
LIMIT :most
"""
# Of PostgreSQL: all that began before has ended, so who asks from here on misses nothing.
_MARK_POSTGRESQL = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS mark"
_MARK_SQLITE = "SELECT coalesce(max(id), 0) + 1 AS mark FROM allocation_change"
_SINCE = {
    True: text(_CHANGES.format(mark=_MARK_POSTGRESQL, column="mark")),
    False: text(_CHANGES.format(mark=_MARK_SQLITE, column="id")),
}
_MARK = {True: text(_MARK_POSTGRESQL), False: text(_MARK_SQLITE)}


@dataclass
class ParkMap:
    """What is held, the units as bits, and the quarters that hours leave open, by those hours."""

    time: TimeMap
    fleet: Fleet
    mark: int
    opens: dict[object, int] = field(default_factory=dict)

    @property
    def known(self) -> Period:
        """Return the time of which the map knows."""
        return Period(from_epoch(self.time.origin), from_epoch(self.time.end))

    def quarters(self, spans: list[Period]) -> int:
        """Return the set of quarters that some of these spans meet."""
        return self.time.quarters_of((to_epoch(s.start), to_epoch(s.end)) for s in spans)

    def open(self, key: object, spans: Callable[[Period], list[Period]]) -> int:
        """Return the quarters that `spans` leaves open, worked out once for each `key`."""
        found = self.opens.get(key)
        if found is None:
            if len(self.opens) >= MOST_HOURS:
                self.opens.clear()
            found = self.opens[key] = self.quarters(spans(self.known))
        return found


@dataclass
class _Keeper:
    """The map of one database. The lock is for bringing it up to date, not for looking at it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    map: ParkMap | None = None


_keepers: WeakKeyDictionary[Engine | Connection, _Keeper] = WeakKeyDictionary()
_keepers_lock = threading.Lock()


def park_map(session: Session, now: datetime) -> ParkMap:
    """Return the map as of now. One query; three, and a second for a million, when it is new."""
    with _keepers_lock:
        keeper = _keepers.setdefault(session.get_bind(), _Keeper())
    with keeper.lock:
        here = keeper.map
        today = to_epoch(datetime.combine(now.astimezone(UTC).date(), time(), tzinfo=UTC))
        if here is None or here.time.origin != today or not _catch_up(session, here):
            here = keeper.map = _read(session, today)
        return here


def _read(session: Session, origin: int) -> ParkMap:
    # The mark first: what changes while the rest is read is read again.
    mark = int(run(session, _MARK[is_postgresql(session)]).scalar_one())
    fleet = _fleet(session, Fleet())
    held = TimeMap(origin, DAYS * QUARTERS_A_DAY)
    held.fill(_blocks(session, fleet, held), len(fleet.bits))
    return ParkMap(held, fleet, mark)


def _blocks(session: Session, fleet: Fleet, held: TimeMap) -> Iterator[tuple[int, int, int]]:
    query = _BLOCKS.where(
        Allocation.block_end > from_epoch(held.origin),
        Allocation.block_start < from_epoch(held.end),
    ).execution_options(yield_per=AT_ONCE)
    bits = fleet.bits
    for part in run(session, query).partitions():
        for unit, start, end in part:
            if unit in bits:
                yield bits[unit], start, end


def _fleet(session: Session, known: Fleet) -> Fleet:
    return fleet_of((tuple(row) for row in run(session, _UNITS)), known.bits)


def _catch_up(session: Session, here: ParkMap) -> bool:
    """Return whether the log told all that the map has missed, which it now knows."""
    asked = {"known": here.mark, "most": MOST_CHANGES}
    rows = run(session, _SINCE[is_postgresql(session)], asked).all()
    if len(rows) >= MOST_CHANGES:
        return False
    changed = {tuple(row[1:4]) for row in rows if row[1] is not None}
    if any(unit == FORGOTTEN and until >= here.mark for unit, until, _ in changed):
        return False
    if any(unit == FLEET for unit, *_ in changed):
        here.fleet = _fleet(session, here.fleet)
    bits = here.fleet.bits
    for unit, start, end in changed:
        if unit in bits:
            here.time.free((bits[unit], start, end))
    for _mark, unit, _start, _end, start, end in rows:
        if start is not None and unit in bits:
            here.time.hold((bits[unit], start, end))
    here.mark = max(here.mark, int(rows[0][0]))
    return True
