"""The map of time: it rules out only what is impossible, and knows at once what has changed."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import text

from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.infra.db import db, write
from booking.reservations.queries import soonest, timemap
from booking.reservations.queries.candidates import Looked, Where
from booking.reservations.queries.find import Wanted, find
from booking.reservations.queries.timemap import park_map
from booking.reservations.rules.timemap import QUARTER, Sweep, TimeMap, fleet_of, runs
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.upkeep import forget_changes
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.reservations.steps import ask, at

QUARTERS = 60


def blocks_of(chance, units):
    """Return blocks that do not overlap on any of the units, by (unit, start, end)."""
    found = []
    for unit in range(units):
        second = -chance.randrange(3000)
        while second < QUARTERS * QUARTER:
            end = second + chance.choice([600, 900, 1800, 5400, 20_000])
            found.append((unit, second, end))
            second = end + chance.choice([0, 0, 300, 900, 3600, 9000])
    return found


def test_a_map_filled_at_once_is_one_that_was_told_block_by_block():
    blocks = blocks_of(random.Random(1), 20)
    filled, told = TimeMap(0, QUARTERS), TimeMap(0, QUARTERS)
    filled.fill(blocks, 20)
    for block in blocks:
        told.hold(block)
    assert filled.rows == told.rows

    for block in blocks:
        told.free(block)
    assert told.rows == [0] * QUARTERS


def test_runs_are_the_quarters_that_begin_so_many_in_a_row():
    quarters = 0b1110_0111_1101
    for length in range(1, 8):
        mask = (1 << length) - 1
        starts = [n for n in range(12) if quarters >> n & mask == mask]
        assert runs(quarters, length) == sum(1 << n for n in starts)


@pytest.mark.parametrize("seed", range(20))
def test_no_pool_comes_later_than_it_could_start(seed):
    chance = random.Random(seed)
    quantity, seconds = chance.choice([1, 1, 2, 3]), chance.choice([900, 2700, 7200])
    units = [(u, chance.randrange(5), chance.choice([0, 10, 15]), chance.choice([0, 20]))
             for u in range(12)]  # fmt: skip
    fleet, blocks = fleet_of(units, {}), blocks_of(chance, 12)
    held = TimeMap(0, QUARTERS)
    held.fill([(fleet.bits[u], s, e) for u, s, e in blocks], len(fleet.bits))
    starts = {pool: chance.getrandbits(QUARTERS) for pool in range(5)}
    sweep, came = Sweep(held, fleet, starts, seconds, quantity), {}
    while sweep.frontier < QUARTERS:
        quarter = sweep.frontier
        came |= dict.fromkeys(sweep.advance(), quarter)

    def fits(pool, second):
        free = [
            u for u, p, warmup, cleanup in units
            if p == pool and not any(
                b == u and s < second + seconds + cleanup * 60 and e > second - warmup * 60
                for b, s, e in blocks
            )
        ]  # fmt: skip
        return len(free) >= quantity

    for pool in range(5):
        # Every five minutes of every quarter that the rules let it start in.
        possible = [
            q for q in range(QUARTERS) if starts[pool] >> q & 1
            and any(fits(pool, q * QUARTER + n * 300) for n in range(3))
        ]  # fmt: skip
        for n, quarter in enumerate(possible):
            assert came[pool] <= quarter
            after = possible[n - 1] + 1 if n else 0
            assert after <= sweep.next(pool, after) <= quarter


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture
def dense(any_session, people):
    """Return pools with nearly full mornings, of different hours, buffers and sharing."""
    chance = random.Random(7)
    rules = {
        "opening_hours": (None, "1 08:00-18:00;2 08:00-18:00;3 08:00-12:00", "2 22:00-30:00"),
        "warmup_minutes": (None, 15), "cleanup_minutes": (None, 10, 30),
        "granularity_minutes": (None, 5, 60), "horizon_days": (3, 60, 200),
    }  # fmt: skip
    pools = []
    with factories.together(any_session):
        for n in range(8):
            given = {name: chance.choice(values) for name, values in rules.items()}
            pool = factories.create_pool(
                any_session, units=n % 3 + 1, site_id=people.site.id, lab_id=people.west_lab.id,
                approval="auto", max_units=9, **given,
            )  # fmt: skip
            shared = chance.choice([None, "1 00:00-24:00;2 06:00-12:00;4 00:00-24:00"])
            factories.create_contribution(any_session, pool, shared_hours=shared)
            for unit in factories.units_of(any_session, pool):
                for day in range(6):
                    start = at(8 + chance.choice([0, 0, 0.5]), day)
                    end = at(chance.choice([10, 12, 13]), day)
                    factories.create_reservation(any_session, pool, Period(start, end), [unit])
            pools.append(pool)
    return pools


def searches(chance):
    hours = (None, WeeklyHours.every_day(480, 720), WeeklyHours.every_day(1200, 1800))
    for _ in range(6):
        length = timedelta(minutes=chance.choice([30, 60, 100, 240]))
        first = NOW + timedelta(minutes=chance.randrange(3000))
        looked = Looked(length, chance.choice([1, 1, 2]), first)
        yield Wanted(Where(), looked, chance.choice(hours), sort=chance.choice(["soonest", "best"]))


def offered(session, who, wanted):
    session.rollback()
    found = find(session, factories.actor(who), wanted, 12, NOW)
    return [(o.slot.period, o.pool.pool_id, o.slot.unit_ids) for o, _marks in found.offers]


def test_a_search_with_the_map_finds_what_one_without_it_finds(
    any_session, people, dense, monkeypatch
):
    chance, found = random.Random(3), 0
    changes = (
        lambda: ask(factories.actor(people.ada), 13, 16, pool_id=dense[0].id),
        lambda: write(lambda s: cancel(s, factories.actor(people.ada), booked, "", NOW)),
        lambda: any_session.execute(text("UPDATE pool SET cleanup_minutes = 0")),
        lambda: factories.create_unit(any_session, pool=dense[1]),
    )
    booked = 0
    for change in (None, *changes):
        if change is not None:
            made = change()
            booked = getattr(made, "reservation_id", booked)
            any_session.commit()
        for wanted in searches(chance):
            monkeypatch.setattr(soonest, "MAP_FROM", 10**9)
            without = offered(any_session, people.cy, wanted)
            monkeypatch.setattr(soonest, "MAP_FROM", 0)
            assert offered(any_session, people.cy, wanted) == without, wanted
            found += len(without)
    assert found > 100


def test_what_is_freed_between_two_searches_is_found_by_the_second(
    any_session, people, monkeypatch
):
    monkeypatch.setattr(soonest, "MAP_FROM", 0)
    where = Where(pool_ids=[people.sequencer.id])
    wanted = Wanted(where, Looked(timedelta(hours=1), 1, at(10)))

    def earliest():
        return offered(any_session, people.cy, wanted)[0][0].start

    assert earliest() == at(10)
    ada = factories.actor(people.ada)
    booked = ask(ada, 10, 12, pool_id=people.sequencer.id).reservation_id
    assert earliest() == at(12)
    write(lambda session: cancel(session, ada, booked, "", NOW))
    assert earliest() == at(10)


def test_what_was_forgotten_is_read_anew(any_session, people, monkeypatch):
    before = park_map(any_session, NOW)
    ask(factories.actor(people.ada), 10, 11, pool_id=people.automatic.id)
    monkeypatch.setattr("booking.reservations.services.upkeep.KEPT_CHANGES", 0)
    write(forget_changes)

    after = park_map(db.session(), NOW)

    assert after is not before
    assert after.time.held(0, after.time.quarters).bit_count() == 1


def test_what_is_not_committed_is_no_news(any_session, people, dense, monkeypatch):
    monkeypatch.setattr(soonest, "MAP_FROM", 0)
    monkeypatch.setattr(soonest, "park_map", None)  # would raise when asked

    def work(session):
        wanted = Wanted(Where(), Looked(timedelta(hours=1), 1, NOW))
        return find(session, factories.actor(people.cy), wanted, 3, NOW)

    assert len(write(work).offers) == 3


def test_a_map_of_yesterday_is_read_anew(any_session, people):
    here = park_map(any_session, NOW)
    assert park_map(any_session, NOW) is here
    assert park_map(any_session, NOW + timedelta(days=1)) is not here
    assert timemap.DAYS > 90


def test_pools_wait_for_their_first_start_not_for_its_quarter(any_session, people, monkeypatch):
    common = {"site_id": people.site.id, "lab_id": people.west_lab.id, "granularity_minutes": 15}
    with factories.together(any_session):
        for _ in range(30):
            pool = factories.create_pool(any_session, approval="auto", **common)
            factories.create_contribution(any_session, pool)
    looks, ask_rules = [], soonest.ask_rules

    def noted(session, actor, waiting, looked, now):
        looks.append(len(waiting))
        return ask_rules(session, actor, waiting, looked, now)

    monkeypatch.setattr(soonest, "ask_rules", noted)
    monkeypatch.setattr(soonest, "MAP_FROM", 0)
    now = NOW + timedelta(minutes=15)
    wanted = Wanted(Where(), Looked(timedelta(hours=1), 1, now))
    # As if the search began a moment after what it looks from was noted.
    found = find(any_session, factories.actor(people.cy), wanted, 10, now + timedelta(seconds=5))

    starts = {offer.slot.period.start for offer, _score in found.offers}
    assert starts == {NOW + timedelta(minutes=30)}
    assert sum(looks) == soonest.FIRST_LOOK
