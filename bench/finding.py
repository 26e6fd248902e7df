"""Finding a time over the whole park: the soonest, the best, narrowed; and how that grows."""

from collections.abc import Iterator
from datetime import timedelta

from bench.clocks import Cost
from bench.ground import Ground
from bench.report import Figure
from booking.core.hours import WeeklyHours
from booking.infra import clock
from booking.infra.db import db
from booking.reservations.queries.candidates import Looked, Where
from booking.reservations.queries.find import Wanted, find
from booking.reservations.queries.fleet import with_parts
from booking.reservations.rules.finding import BEST

TARGET = "find a time"
HARD = "4 h in one morning, where nearly all mornings are taken"
LIMIT = 10


def in_process(ground: Ground) -> dict[str, Cost]:
    """Return what each search costs in the service at the present size."""
    return {name: _search(ground, wanted) for name, wanted in _wanted(ground).items()}


def measure(ground: Ground, before: dict[str, Cost]) -> Iterator[Figure]:
    """Yield the figures at the present size; `before` are the costs at the smaller one."""
    nothing = _nothing(ground)
    few, many = ground.sizes.few, ground.sizes.many
    after = in_process(ground)
    for name, found in after.items():
        target = "" if name == HARD else TARGET
        yield Figure(f"{name}, CPU", found.cpu_ms, "ms", "SELECT 1", nothing.cpu_ms, target)
    for name, found in after.items():
        if name != HARD:
            growth = found.cpu_ms / before[name].cpu_ms
            yield Figure(f"{name}: growth {few:,} → {many:,}", growth, "×", target="growth")


def _wanted(ground: Ground) -> dict[str, Wanted]:
    now = clock.now()
    soon = Looked(timedelta(hours=2), 1, now)
    mornings = WeeklyHours.every_day(8 * 60, 12 * 60)
    everywhere = Where()
    category = Where(categories=with_parts(db.session(), ground.park.category))
    return {
        "soonest 2 h of all": Wanted(everywhere, soon),
        "soonest 2 h of a category": Wanted(category, soon),
        "soonest 2 h of all, mornings": Wanted(everywhere, soon, mornings),
        "soonest 2 h of all, with another pool": Wanted(
            everywhere, soon, together=(ground.park.pool,)
        ),
        "best 2 h of all": Wanted(everywhere, soon, sort=BEST),
        HARD: Wanted(everywhere, Looked(timedelta(hours=4), 1, now), mornings),
    }


def _search(ground: Ground, wanted: Wanted) -> Cost:
    now = clock.now()

    def search(_: int) -> None:
        find(db.session(), ground.park.ada, wanted, LIMIT, now)
        db.session.remove()

    return ground.time(search, ground.sizes.searches)


def _nothing(ground: Ground) -> Cost:
    def ask(_: int) -> None:
        db.session.connection().exec_driver_sql("SELECT 1").scalar_one()
        db.session.remove()

    return ground.time(ask, ground.sizes.bookings)
