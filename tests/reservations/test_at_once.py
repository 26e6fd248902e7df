"""Free units of very many pools: looked up by time they are those looked up unit by unit."""

import contextlib
import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.core.errors import NotFound
from booking.core.period import Period
from booking.infra.db import is_postgresql
from booking.inventory.models import Pool
from booking.reservations.models import Allocation
from booking.reservations.queries import fleet
from booking.reservations.queries.fleet import Among, free_for
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.reservations.steps import at

HOUR = timedelta(hours=1)


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture
def crowded(any_session, people):
    """Return pools with all kinds of buffers, sharing and states, and blocks of any length."""
    chance = random.Random(11)
    shared = (None, "1 00:00-24:00;2 06:00-12:00;4 00:00-24:00", "2 08:00-18:00;3 08:00-18:00")
    category = factories.create_category(any_session)
    with factories.together(any_session):
        for number in range(10):
            buffers = {
                name: chance.choice([None, 0, 10, 45])
                for name in ("warmup_minutes", "cleanup_minutes")
            }
            pool = factories.create_pool(
                any_session, units=4, site_id=people.site.id, lab_id=people.west_lab.id,
                category_code=chance.choice([category, people.category]).code,
                retired_at=NOW if number == 9 else None, **buffers,
            )  # fmt: skip
            if number:
                factories.create_contribution(any_session, pool, shared_hours=chance.choice(shared))
            for unit in factories.units_of(any_session, pool):
                unit.state = chance.choice(["in_service"] * 5 + ["limited", "down"])
                unit.warmup_minutes = chance.choice([None, None, 0, 20])
                _hold(any_session, chance, pool, unit)
    return category


def _hold(session, chance, pool, unit):
    """Hold a unit for minutes up to weeks at a time, now and then not at all."""
    start = at(-30) + chance.randrange(40) * HOUR
    for _ in range(chance.choice([0, 6, 12])):
        minutes = chance.choice([7, 60, 60, 120, 600, 1440, 1441, 3000, 20_000])
        end = start + timedelta(minutes=minutes)
        status = chance.choice(["approved", "approved", "cancelled"])
        factories.create_reservation(session, pool, Period(start, end), [unit], status=status)
        start = end + timedelta(minutes=chance.choice([0, 5, 10, 45, 60, 600]))


def test_what_is_free_is_the_same_looked_up_by_time_and_unit_by_unit(
    any_session, people, crowded, monkeypatch
):
    chance, free, held = random.Random(5), 0, 0
    everyone = [factories.actor(person) for person in (people.ada, people.mei, people.rep)]
    everyone.append(factories.actor(factories.create_user(any_session, park_role="operator")))
    everything = len(_free(any_session, everyone[-1], Among(), Period(at(0, 400), at(1, 400))))
    ends = list(any_session.scalars(select(Allocation.block_end)))
    for _ in range(60):
        start = chance.choice(ends) + timedelta(minutes=chance.choice([-90, -1, 0, 5, 30]))
        period = Period(start, start + timedelta(minutes=chance.choice([1, 15, 60, 240, 2880])))
        who = chance.choice(everyone)
        among = chance.choice([Among(), Among(category=crowded.code)])
        found = {}
        for way in (True, False):
            monkeypatch.setattr(fleet, "_at_once", lambda *_, way=way: way)
            found[way] = _free(any_session, who, among, period)
        assert found[True] == found[False], (who, among, period)
        free, held = free + len(found[True]), held + everything - len(found[True])
    assert free > 300
    assert held > 300


def test_what_is_free_of_all_is_what_is_free_of_each_pool(any_session, people, crowded):
    pools = list(any_session.scalars(select(Pool.id)))
    inside, outside = Period(at(10, 7), at(11, 7)), Period(at(18, 7), at(19, 7))
    counts = []
    for person in (people.ada, people.mei):
        who = factories.actor(person)
        for period in (inside, outside):
            each: list[int] = []
            for pool_id in pools:
                with contextlib.suppress(NotFound):
                    each += _free(any_session, who, Among(pool_id=pool_id), period)
            assert _free(any_session, who, Among(), period) == sorted(each)
            counts.append(len(each))
    assert counts[0] > counts[1] > 0  # shared hours bind her
    assert counts[2] > counts[0]  # not the lab's people


def _free(session, who, among, period):
    session.rollback()
    return free_for(session, who, among, period, NOW)


def test_by_time_only_where_that_is_quicker(any_session, people, monkeypatch):
    monkeypatch.setattr(fleet, "MANY_POOLS", 3)
    day, few = Period(at(0), at(24)), [people.category.code]
    one = factories.create_pool(
        any_session, category_code=factories.create_category(any_session).code
    )

    chosen = (
        fleet._at_once(any_session, [], day),
        fleet._at_once(any_session, few, day),
        fleet._at_once(any_session, [one.category_code], day),
        fleet._at_once(any_session, [], Period(at(0), at(49))),
    )

    quick = is_postgresql(any_session)
    assert chosen == (quick, quick, False, False)
