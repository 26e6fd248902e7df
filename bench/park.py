"""The park that is measured: the demo's inventory in any size, reservations by the million."""

import dataclasses
import random
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, select, text
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.core.actor import Actor, Party
from booking.demo.rules import park
from booking.demo.services.places import Booker, build_places
from booking.demo.services.stock import Stock, build_stock
from booking.infra import ddl
from booking.infra.db import db, transaction
from booking.infra.passwords import hash_password
from booking.inventory.services.search import refresh_search
from booking.reservations.models import Allocation, AllocationChange, Reservation
from booking.reservations.models.changes import FORGOTTEN
from booking.reservations.rules.proposal import BookingRequest

ZONE = ZoneInfo("Asia/Shanghai")  # of both demo sites
PASSWORD = "bench-park"
SEED = 1
# Reservations lie in the mornings of as many days back as ahead; what is measured books afternoons.
FREE_HOURS = (13, 14, 15, 16)
BOOKED_DAYS = range(2, 28)
OVERLAP = "allocation_no_overlap"
LATEST = 2**62
_TABLES = (cast(Table, Reservation.__table__), cast(Table, Allocation.__table__))


@dataclass(frozen=True)
class Park:
    """Ids and actors of a park; small enough to be sent to processes."""

    units: int
    bookable: tuple[int, ...]  # pools whose requests are approved by themselves
    pool: int  # Mei's first
    largest: int
    category: str  # the one with most units
    unit: int
    people: dict[str, int]  # ids of the demo's cast by the first part of their address
    ada: Actor
    bookers: tuple[Actor, ...]  # members of companies
    now: datetime

    def request(self, number: int) -> BookingRequest:
        """Return the n-th request: an hour of a weekday's afternoon, no two the same."""
        pool = self.bookable[number % len(self.bookable)]
        turn = number // len(self.bookable)
        days = weekdays(self.now)
        day = days[turn % len(days)]
        hour = FREE_HOURS[turn // len(days) % len(FREE_HOURS)]
        start = local(day, hour)
        return BookingRequest(start, start + timedelta(hours=1), pool_id=pool)

    def ten_to_twelve(self) -> tuple[datetime, datetime]:
        """Return 10:00 to 12:00 of the next weekday, with the same reservations at every size."""
        day = self.now.astimezone(ZONE) + timedelta(days=next_weekday(self.now))
        return local(day, 10), local(day, 12)


def weekdays(now: datetime) -> list[datetime]:
    """Return the days on which requests are made: every pool is open and shared then."""
    days = [now.astimezone(ZONE) + timedelta(days=n) for n in BOOKED_DAYS]
    return [day for day in days if day.isoweekday() <= 5]


def next_weekday(now: datetime) -> int:
    """Return in how many days the next weekday is that is not today."""
    today = now.astimezone(ZONE)
    return next(n for n in (1, 2, 3) if (today + timedelta(days=n)).isoweekday() <= 5)


def local(day: datetime, hour: int) -> datetime:
    """Return that hour of the day at the park, aware UTC."""
    return datetime.combine(day.date(), time(hour), tzinfo=ZONE).astimezone(UTC)


def build(units: int, now: datetime) -> Park:
    """Return a new park of `units` units without reservations; needs an app's context."""
    rng = random.Random(SEED)  # noqa: S311 - the same park each time, no secret
    plans = _plans(park.pools(rng), units)
    with transaction() as session:
        places = build_places(session, rng, hash_password(PASSWORD), now)
        stock = build_stock(session, rng, plans, places, now)
        refresh_search(session, stock.pools)
        people = _people(session)
    bookers = [_actor(booker) for booker in places.bookers if booker.company_id]
    [ada] = [actor for actor in bookers if actor.user_id == people["ada"]]
    bookable = [p for p, plan in zip(stock.pools, plans, strict=True) if _bookable(plan)]
    return Park(
        units, tuple(bookable), stock.pools[0], _largest(stock), _category(plans),
        stock.units[0][0], people, ada, tuple(bookers), now,
    )  # fmt: skip


def fill(first: int, last: int, now: datetime) -> None:
    """Write the reservations number `first` to `last` (not included) of two hours each.

    One a unit and day, so that none overlap; every allocation is active, as after an import and
    before the job that retires the old ones: the worst case. Indexes and the guard are made anew.
    """
    with transaction() as session:
        connection = session.connection()
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            _hasten(connection)
        for name in _guards(sqlite):
            ddl.drop(connection, name)
        for table in _TABLES:
            for index in table.indexes:
                index.drop(connection)
        _write(session, first, last, now)
        for table in _TABLES:
            for index in sorted(table.indexes, key=lambda i: str(i.name)):
                index.create(connection)
        ddl.create(connection)
        # Nothing was logged: whoever has a map of time must start anew.
        session.add(AllocationChange(unit_id=FORGOTTEN, block_start=LATEST, block_end=LATEST,
                                     mark=None if sqlite else _transaction(session)))  # fmt: skip
    _settle()


def _hasten(connection: Connection) -> None:
    """Spare five foreign keys a row and sort indexes in memory; for this transaction."""
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '1GB'")
    connection.exec_driver_sql("SET LOCAL work_mem = '512MB'")


def _transaction(session: Session) -> int:
    return int(session.execute(text("SELECT pg_current_xact_id()::text::bigint")).scalar_one())


def _guards(sqlite: bool) -> list[str]:
    log = [name for name, (table, _) in ddl.LOGGED.items() if table == "allocation"]
    return [
        "quota_use_insert",
        *log,
        *((f"{OVERLAP}_insert", f"{OVERLAP}_update") if sqlite else (OVERLAP,)),
    ]


def _settle() -> None:
    """Let PostgreSQL do what its autovacuum would have done by the time anybody asks."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _write(session: Session, first: int, last: int, now: datetime) -> None:
    sqlite = session.get_bind().dialect.name == "sqlite"
    connection = session.connection()
    count = _number_units(connection)
    days = _days(-(-last // count), now)
    connection.exec_driver_sql("DROP TABLE IF EXISTS bench_turn")
    connection.exec_driver_sql("CREATE TEMPORARY TABLE bench_turn (k INTEGER, day INTEGER)")
    connection.execute(
        text("INSERT INTO bench_turn VALUES (:k, :day)"),
        [{"k": k, "day": day} for k, day in enumerate(days)],
    )
    midnight = datetime.combine(now.astimezone(ZONE).date(), time(), tzinfo=ZONE)
    values = {
        "count": count, "first": first, "last": last, "midnight": int(midnight.timestamp()),
        "now": int(now.timestamp()),
    }  # fmt: skip
    for name in ("reservation", "allocation"):  # what was booked since the first filling has ids
        most = connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {name}").scalar_one()  # noqa: S608
        values[name] = int(most) - first
    # Seven places: in hexadecimal ten million have room, too.
    reference = "printf('Z%07X', n)" if sqlite else "'Z' || lpad(upper(to_hex(n)), 7, '0')"
    connection.execute(text(_RESERVATIONS.format(reference=reference)), values)
    connection.execute(text(_ALLOCATIONS), values)
    if not sqlite:  # ids were given, so the sequences know nothing of them
        for table in _TABLES:
            most = f"SELECT max(id) FROM {table.name}"  # noqa: S608 - our own word
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), ({most}))"
            )


def _days(count: int, now: datetime) -> list[int]:
    """Return `count` days around today, which stays empty; the next weekday comes first."""
    first = next_weekday(now)
    around = [(n // 2 + 1) * (1 if n % 2 == 0 else -1) for n in range(count + 6)]
    return [first, *(day for day in around if day != first)][:count]


def _number_units(connection: Connection) -> int:
    """Number units and bookers from 0; return how many units there are."""
    for name, query in (
        ("bench_unit", _UNITS),
        ("bench_booker", _BOOKERS),
    ):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {name} AS {query}")
    return int(connection.exec_driver_sql("SELECT count(*) FROM bench_unit").scalar_one())


_UNITS = """
SELECT row_number() OVER (ORDER BY u.id) - 1 AS i, u.id AS unit_id, u.pool_id,
  coalesce(u.warmup_minutes, p.warmup_minutes, 0) * 60 AS warmup,
  coalesce(u.cleanup_minutes, p.cleanup_minutes, 0) * 60 AS cleanup
FROM unit u JOIN pool p ON p.id = u.pool_id
"""
_BOOKERS = """
SELECT row_number() OVER (ORDER BY id) - 1 AS i, user_id, company_id
FROM membership WHERE company_id IS NOT NULL
"""
# The n-th reservation is the k-th of the i-th unit: 40 % of the units from 10, the rest from 8.
_NUMBERED = """
SELECT t.k * :count + u.i + 1 AS n, u.*, t.day,
  :midnight + t.day * 86400 + CASE WHEN u.i % 5 < 2 THEN 36000 ELSE 28800 END AS start_at
FROM bench_turn t CROSS JOIN bench_unit u
WHERE t.k * :count + u.i >= :first AND t.k * :count + u.i < :last
"""
_RESERVATIONS = f"""
INSERT INTO reservation (id, reference, pool_id, quantity, start_at, end_at, status, version,
  named_unit, user_id, company_id, purpose, note, source, created_at, reason, override_reason)
SELECT n + :reservation, {{reference}}, pool_id, 1, start_at, start_at + 7200,
  CASE WHEN day < 0 THEN 'completed' ELSE 'approved' END, 1,
  0, b.user_id, b.company_id, 'research', '', 'demo', :now, '', ''
FROM ({_NUMBERED}) r
JOIN bench_booker b ON b.i = r.n % (SELECT count(*) FROM bench_booker)
ORDER BY n
"""  # noqa: S608 - our own words
_ALLOCATIONS = f"""
INSERT INTO allocation (id, reservation_id, unit_id, kind, block_start, block_end, active, pinned)
SELECT n + :allocation, n + :reservation, unit_id, 'reservation',
  start_at - warmup, start_at + 7200 + cleanup, 1, 0
FROM ({_NUMBERED}) r ORDER BY n
"""  # noqa: S608 - our own words


def _plans(plans: list[park.PoolPlan], units: int) -> list[park.PoolPlan]:
    """Return the first plans with `units` units in all; a small park has pools of two."""
    if units < park.POOLS:
        plans = [dataclasses.replace(plan, size=min(plan.size, 2)) for plan in plans]
    chosen: list[park.PoolPlan] = []
    left = units
    for plan in plans:
        if not left:
            break
        chosen.append(dataclasses.replace(plan, size=min(plan.size, left)))
        left -= chosen[-1].size
    return chosen


def _bookable(plan: park.PoolPlan) -> bool:
    return plan.automatic and plan.shared != "" and plan.size >= 2


def _largest(stock: Stock) -> int:
    sizes = zip(stock.pools, stock.units, strict=True)
    return max(sizes, key=lambda pool: len(pool[1]))[0]


def _category(plans: list[park.PoolPlan]) -> str:
    sizes: dict[str, int] = {}
    for plan in plans:
        sizes[plan.kind.category] = sizes.get(plan.kind.category, 0) + plan.size
    return max(sizes, key=lambda code: sizes[code])


def _actor(booker: Booker) -> Actor:
    party = Party(booker.company_id, booker.institution_id, frozenset({"member"}))
    return Actor(booker.user_id, parties=(party,))


def _people(session: Session) -> dict[str, int]:
    addresses = [named.email for named in park.CAST]
    rows = session.execute(
        select(User.email, User.id).where(User.email.in_(addresses)).order_by(User.id)
    )
    return {email.partition("@")[0]: user_id for email, user_id in rows}
