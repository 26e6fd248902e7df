"""Retiring, reopening, expiring while others book; the gap between look and write widened."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from bench.drills.ground import lay, slot
from bench.drills.harness import race
from booking.approvals.services.deciding import expire_changes, expire_requests
from booking.audit.models import Audit
from booking.core.errors import Busy
from booking.core.period import Period
from booking.infra.db import db, transaction, write
from booking.inventory.models import Contribution, Pool
from booking.reservations.queries.sweep import broken
from booking.reservations.services.closing import close_unit
from booking.reservations.services.moving import Change, move
from tests.conftest import NOW
from tests.races.contestants import (
    book,
    book_as,
    book_own,
    book_unit,
    regroup_one,
    reopen_one,
    retire_booker,
    retire_company_of,
)

ROUNDS = 12
GAP_MS = 10
COPIED = (
    "institution_id", "lab_id", "site_id", "approval", "horizon_days", "max_units", "max_minutes",
    "created_at",
)  # fmt: skip


@pytest.fixture
def settings():
    return {"ARGON2_MEMORY_KIB": 8}


@pytest.fixture
def arena(any_app):
    """Return (settings for processes, a function that lays the ground)."""
    given = {"DATABASE_URL": any_app.config["DATABASE_URL"]}
    yield given, lambda **more: lay(given, **{"units": 1, "bookers": ROUNDS, **more})
    # After each race the whole database is swept for broken invariants.
    with any_app.app_context():
        assert broken(db.session(), slot(0)[0]) == {}


@pytest.mark.parametrize("retire", [retire_company_of, retire_booker], ids=["company", "person"])
def test_nobody_books_for_what_is_being_retired(arena, retire):
    given, ground = arena
    park = ground()
    operator = replace(park.manager, park_role="operator")
    contestants = [
        (book_own, (park.bookers, park.unit_ids[0])), (retire, (operator, park.bookers)),
    ]  # fmt: skip

    for booked, retired in race(given, contestants, ROUNDS, GAP_MS):
        assert booked.refused is not retired.refused, (booked, retired)
        answer = booked.answer if booked.refused else retired.answer
        assert answer == ("not_your_party" if booked.refused else "has_live_reservations")


def test_a_closure_is_ended_once(any_app, arena):
    given, ground = arena
    park = ground()
    unit = park.unit_ids[0]
    with any_app.app_context():
        closures = [
            write(
                lambda s, n=n: close_unit(
                    s, park.manager, unit, Period(*slot(n * 4)), "fault", "", NOW
                )
            ).closure_id
            for n in range(ROUNDS)
        ]
    contestants = [(reopen_one, (park.manager, closures))] * 2

    for attempts in race(given, contestants, ROUNDS, GAP_MS):
        assert sorted(str(a.answer) for a in attempts) == ["not_found", "reopened"]
    with any_app.app_context():
        query = select(func.count()).where(Audit.action == "unit.reopen")
        assert db.session.execute(query).scalar_one() == ROUNDS


def test_a_unit_takes_along_who_books_it_while_it_changes_pools(any_app, arena):
    given, ground = arena
    park = ground(units=ROUNDS)
    units = list(park.unit_ids)
    with any_app.app_context():
        other = _beside(park)
    contestants = [
        (regroup_one, (park.manager, units, other)),
        (book_unit, (park.bookers[0], units)),
        (book_as, (park.bookers[1], {"pool_id": park.pool_id, "quantity": 1})),
    ]

    # Whoever booked the old pool holds a unit of it, whoever booked the unit is where that is:
    # the sweep after the race looks for both.
    for moved, *_booked in race(given, contestants, ROUNDS, GAP_MS):
        assert moved.answer in {"regrouped", "busy", "has_live_reservations"}


@pytest.mark.postgres
@pytest.mark.parametrize("expire", [expire_requests, expire_changes])
def test_expiring_waits_for_whoever_books_the_pool(pg_app, expire):
    given = {"DATABASE_URL": pg_app.config["DATABASE_URL"]}
    park = lay(given, units=1, bookers=1, approval="manual")
    late = slot(0)[0] + timedelta(days=1)
    with pg_app.app_context():
        _undecided(park, change=expire is expire_changes)

        def impatient(session):
            session.execute(text("SET LOCAL lock_timeout = '50ms'"))
            return expire(session, late)

        with db.engine.connect() as other:
            other.exec_driver_sql(f"SELECT pg_advisory_xact_lock(1, {park.pool_id})")
            with pytest.raises(Busy):
                write(impatient)
        assert write(impatient) == 1


def _beside(park):
    """Return another pool of the same lab, without units, shared as the first is."""
    with transaction() as session:
        old = session.get_one(Pool, park.pool_id)
        same = {name: getattr(old, name) for name in COPIED}
        made = Pool(**same, name_zh="另一组")
        session.add(made)
        session.flush()
        session.add(Contribution(pool_id=made.id, from_at=NOW - timedelta(days=1)))
        return made.id


def _undecided(park, *, change):
    booker = park.bookers[0]
    who = park.manager if change else booker
    key = book(0, who, pool_id=park.pool_id, **({"on_behalf_of": booker.user_id} if change else {}))
    if change:
        start, end = slot(2)
        write(lambda s: move(s, booker, key, None, Change(start=start, end=end), NOW))
