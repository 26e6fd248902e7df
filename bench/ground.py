"""Where one engine is measured: its database, an app on it, a park, and clocks."""

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from bench import park
from bench.clocks import Clock, Cost, cost, database_clock
from bench.drills.result import battlefield
from bench.park import Park
from booking import create_app
from booking.infra import clock
from booking.infra.db import db
from tests import databases

# psycopg prepares what it has sent five times, and PostgreSQL plans that once for all after five
# more: what is measured is what a process that has been running a while takes.
WARM_UP = 12


@dataclass(frozen=True)
class Sizes:
    """How much is measured. Growth is from `few` to `many` reservations."""

    units: int
    few: int
    many: int
    bookings: int  # timed one after another
    each: int  # by each of 16 at once
    searches: int
    rows: int  # of the imported file
    starts: int = 3  # of the program


FULL = Sizes(units=12_000, few=10_000, many=1_000_000, bookings=300, each=60, searches=15,
             rows=12_000)  # fmt: skip
QUICK = Sizes(units=600, few=500, many=5_000, bookings=20, each=3, searches=3, rows=200,
              starts=1)  # fmt: skip


@dataclass
class Ground:
    """The place of measuring. `next_request` numbers requests, so that no two are the same."""

    engine: str
    settings: dict[str, Any]
    app: Flask
    park: Park
    sizes: Sizes
    database: Clock
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def take(self, count: int) -> range:
        """Return the numbers of `count` requests nobody else makes."""
        first = next(self.numbers)
        self.numbers = itertools.count(first + count)
        return range(first, first + count)

    def time(self, work: Callable[[int], object], times: int) -> Cost:
        """Return what work in this process takes, the database's CPU included; warmed up."""
        for n in range(WARM_UP):
            work(n)
        return cost(lambda n: work(n + WARM_UP), times, [time.process_time, self.database])


@contextlib.contextmanager
def ground(engine: str, sizes: Sizes, units: int | None = None) -> Iterator[Ground]:
    """Yield a ground on a fresh durable database with a park without reservations."""
    with battlefield(engine) as settings:
        app = create_app("testing", settings)
        with app.app_context():
            made = park.build(sizes.units if units is None else units, clock.now())
            yield Ground(engine, settings, app, made, sizes, database_clock(db.engine))
        databases.close(app)
