"""The demo park's reservations: 60 days back, 30 ahead, never two on one unit at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from booking.demo.rules.park import PoolPlan
from booking.demo.rules.words import NOTES

DAYS_BACK = 60
DAYS_AHEAD = 30
RESERVATIONS = 52_000
UNITS_PER_POOL = 4  # units of a popular pool that are really in demand
ZONE = ZoneInfo("Asia/Shanghai")
PURPOSES = ("research", "research", "development", "development", "teaching", "other")
FIRST_MINUTE, LAST_MINUTE = 9 * 60, 18 * 60


@dataclass(frozen=True, slots=True)
class Planned:
    """One reservation to load: unit by (pool, position), person by position among the bookers."""

    pool: int
    unit: int
    start: datetime
    end: datetime
    status: str
    booker: int
    purpose: str
    note: str
    created_at: datetime
    named: bool


def reservations(
    rng: Random, pools: Sequence[PoolPlan], bookers: int, now: datetime
) -> list[Planned]:
    """Return at least 50,000 reservations around `now`, by pool, unit and start."""
    wanted = [n for n, plan in enumerate(pools) if plan.popular and plan.shared != ""]
    lanes = [(n, unit) for n in wanted for unit in range(min(pools[n].size, UNITS_PER_POOL))]
    # As many lanes as needed for the total, in order of the pools: the first are Mei's.
    planned: list[Planned] = []
    for pool, unit in lanes:
        planned += _lane(rng, pools[pool], pool, unit, bookers, now)
        if len(planned) >= RESERVATIONS:
            break
    return planned


def _lane(
    rng: Random, plan: PoolPlan, pool: int, unit: int, bookers: int, now: datetime
) -> Iterator[Planned]:
    today = now.astimezone(ZONE).date()
    free_from = datetime.min.replace(tzinfo=UTC)
    for offset in range(-DAYS_BACK, DAYS_AHEAD):
        day = today + timedelta(days=offset)
        if day.isoweekday() > 5 or (offset > 0 and rng.random() < offset / DAYS_AHEAD * 0.7):
            continue
        for start, end in _day(rng, plan, day):
            before, after = timedelta(minutes=plan.warmup), timedelta(minutes=plan.cleanup)
            if start - before < free_from:
                continue
            free_from = end + after
            status = _status(rng, plan, start, end, now)
            yield Planned(
                pool, unit, start, end, status, rng.randrange(bookers), rng.choice(PURPOSES),
                rng.choice(NOTES), _asked(rng, status, start, now), rng.random() < 0.3,
            )  # fmt: skip


def _day(rng: Random, plan: PoolPlan, day: date) -> Iterator[tuple[datetime, datetime]]:
    minute = FIRST_MINUTE + rng.choice((0, 0, 30, 60))
    while minute < LAST_MINUTE:
        length = rng.choice(plan.kind.minutes)
        if length < 24 * 60 and minute + length > LAST_MINUTE - 30:
            break
        start = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=ZONE).astimezone(UTC)
        if rng.random() < 0.75:
            yield start, start + timedelta(minutes=length)
        minute += length + plan.warmup + plan.cleanup + rng.choice((0, 0, 30))
        minute = -(-minute // 30) * 30


def _status(rng: Random, plan: PoolPlan, start: datetime, end: datetime, now: datetime) -> str:
    if end <= now:
        return rng.choices(("completed", "cancelled", "no_show"), (90, 8, 2))[0]
    undecided = not plan.automatic and start > now + timedelta(hours=20) and rng.random() < 0.06
    return "pending" if undecided else "approved"


def _asked(rng: Random, status: str, start: datetime, now: datetime) -> datetime:
    if status == "pending":
        return now - timedelta(minutes=rng.randint(5, 18 * 60))
    return min(start, now) - timedelta(minutes=rng.randint(60, 9 * 24 * 60))
