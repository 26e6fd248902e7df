"""Finding a time over the whole park: the soonest, the best, narrowed; and how that grows."""

import time
from collections.abc import Iterator
from datetime import timedelta

from bench.clocks import Cost, cost
from bench.ground import Ground
from bench.report import Figure
from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db
from booking.reservations.queries.candidates import Looked, Where
from booking.reservations.queries.explaining import explain
from booking.reservations.queries.find import Wanted, find
from booking.reservations.queries.fleet import with_parts
from booking.reservations.queries.timemap import park_map
from booking.reservations.rules.finding import BEST

TARGET = "find a time"
HARD = "4 h in one morning, where nearly all mornings are taken"
EXPLAIN = "explain a group to a person"
LIMIT = 10


def in_process(ground: Ground) -> dict[str, Cost]:
    """Return what each search costs in the service at the present size."""
    found = {name: _search(ground, wanted) for name, wanted in _wanted(ground).items()}
    return {**found, EXPLAIN: _explain(ground)}


def measure(ground: Ground, before: dict[str, Cost]) -> Iterator[Figure]:
    """Yield the figures at the present size; `before` are the costs at the smaller one."""
    nothing = _nothing(ground)
    few, many = ground.sizes.few, ground.sizes.many
    after = in_process(ground)
    for name, found in after.items():
        yield Figure(f"{name}, CPU", found.cpu_ms, "ms", "SELECT 1", nothing.cpu_ms, TARGET)
    for name, found in after.items():
        growth = found.cpu_ms / before[name].cpu_ms
        # With few reservations no morning is taken yet: another question.
        target = "" if name == HARD else "growth"
        yield Figure(f"{name}: growth {few:,} → {many:,}", growth, "×", target=target)
    yield Figure("the map of time, once a day and process, CPU", _map(ground), "ms", "SELECT 1",
                 nothing.cpu_ms)  # fmt: skip


def _wanted(ground: Ground) -> dict[str, Wanted]:
    now = clock.now()
    soon = Looked(timedelta(hours=2), 1, now)
    mornings = WeeklyHours.every_day(8 * 60, 12 * 60)
    nights = WeeklyHours.every_day(22 * 60, 30 * 60)
    everywhere = Where()
    category = Where(categories=with_parts(db.session(), ground.park.category))
    return {
        "soonest 2 h of all": Wanted(everywhere, soon),
        "soonest 2 h of a category": Wanted(category, soon),
        "soonest 2 h of all, mornings": Wanted(everywhere, soon, mornings),
        "soonest 2 h of all, with another pool": Wanted(
            everywhere, soon, together=(ground.park.pool,)
        ),
        "soonest 2 h of all, nights": Wanted(everywhere, soon, nights),
        "best 2 h of all": Wanted(everywhere, soon, sort=BEST),
        HARD: Wanted(everywhere, Looked(timedelta(hours=4), 1, now), mornings),
    }


def _search(ground: Ground, wanted: Wanted) -> Cost:
    now = clock.now()

    def search(_: int) -> None:
        find(db.session(), ground.park.ada, wanted, LIMIT, now)
        db.session.remove()

    return ground.time(search, ground.sizes.searches)


def _explain(ground: Ground) -> Cost:
    now, start = clock.now(), ground.park.ten_to_twelve()[0]
    period = Period(start, start + timedelta(hours=2))

    def ask(n: int) -> None:
        pool = ground.park.bookable[n % len(ground.park.bookable)]
        explain(db.session(), ground.park.ada, pool, ground.park.ada.user_id, period, now)
        db.session.remove()

    return ground.time(ask, ground.sizes.bookings)


def _map(ground: Ground) -> float:
    """Return the milliseconds that reading the map anew takes: tomorrow's is not known."""
    now = clock.now() + timedelta(days=1)
    found = cost(lambda _: park_map(db.session(), now), 1, [time.process_time, ground.database])
    db.session.remove()
    return found.cpu_ms


def _nothing(ground: Ground) -> Cost:
    def ask(_: int) -> None:
        db.session.connection().exec_driver_sql("SELECT 1").scalar_one()
        db.session.remove()

    return ground.time(ask, ground.sizes.bookings)
