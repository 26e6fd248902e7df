"""Scenarios 9–12 and 14 between processes, the gap between looking and writing widened."""

import pytest
from sqlalchemy import func, select

from bench.drills.ground import lay, slot
from bench.drills.harness import race, truly_overlapped
from booking.infra.db import db
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.sweep import broken
from tests.races.contestants import approve_one, book, book_as, cancel_one, move_to

ROUNDS = 12
GAP_MS = 5


@pytest.fixture
def settings():
    return {"ARGON2_MEMORY_KIB": 8}


@pytest.fixture
def arena(any_app):
    """Return (settings for processes, a function that lays the ground)."""
    given = {"DATABASE_URL": any_app.config["DATABASE_URL"]}
    return given, lambda **more: lay(given, **{"units": 1, "bookers": 4, **more})


@pytest.fixture(autouse=True)
def swept(any_app):
    """After each race the whole database is swept for broken invariants."""
    yield
    with any_app.app_context():
        assert broken(db.session(), slot(0)[0]) == {}


def check(rounds, winners):
    """Assert how many won each round, and that the processes really met."""
    met = 0
    for attempts in rounds:
        won = [a for a in attempts if not a.refused]
        lost = {a.answer for a in attempts if a.refused}
        assert len(won) == winners, attempts
        assert lost <= {"conflict"}
        met += bool(truly_overlapped(attempts))
    assert met >= ROUNDS // 2, f"only {met} rounds overlapped"


def live(any_app):
    with any_app.app_context():
        query = select(func.count()).select_from(Allocation).where(Allocation.active == 1)
        return db.session.execute(query).scalar_one()


def test_one_of_four_gets_the_same_slot(any_app, arena):
    given, ground = arena
    park = ground()
    wanted = {"unit_id": park.unit_ids[0]}
    check(race(given, [(book_as, (a, wanted)) for a in park.bookers], ROUNDS, GAP_MS), 1)
    assert live(any_app) == ROUNDS


def test_one_of_two_gets_overlapping_slots(any_app, arena):
    given, ground = arena
    park = ground()
    shapes = [{"offset": 0}, {"offset": 0.5}, {"hours": 2}, {"offset": 0.25, "hours": 0.5}]
    contestants = [
        (book_as, (a, {"pool_id": park.pool_id, **shape}))
        for a, shape in zip(park.bookers, shapes, strict=True)
    ]
    check(race(given, contestants, ROUNDS, GAP_MS), 1)
    assert live(any_app) == ROUNDS


def test_one_of_two_moves_into_one_slot(any_app, arena):
    given, ground = arena
    park = ground()
    first, second = park.bookers[:2]
    with any_app.app_context():
        mine = [book(n, first, pool_id=park.pool_id, offset=1) for n in range(ROUNDS)]
        theirs = [book(n, second, pool_id=park.pool_id, offset=2) for n in range(ROUNDS)]
    contestants = [(move_to, (first, mine, 1)), (move_to, (second, theirs, 1))]
    check(race(given, contestants, ROUNDS, GAP_MS), 1)
    assert live(any_app) == 2 * ROUNDS


def test_the_last_two_of_three_units_go_to_one_of_two(any_app, arena):
    given, ground = arena
    park = ground(units=3)
    wanted = {"pool_id": park.pool_id, "quantity": 2}
    contestants = [(book_as, (a, wanted)) for a in park.bookers[:2]]
    check(race(given, contestants, ROUNDS, GAP_MS), 1)
    assert live(any_app) == 2 * ROUNDS


@pytest.mark.parametrize("gaps", [(30, 0), (0, 30)], ids=["slow", "fast"])
def test_approving_against_cancelling_leaves_one_truth(any_app, arena, gaps):
    given, ground = arena
    park = ground(approval="manual")
    booker = park.bookers[0]
    with any_app.app_context():
        asked = [book(n, booker, pool_id=park.pool_id) for n in range(ROUNDS)]
    rounds = race(
        given,
        [(approve_one, (park.manager, asked)), (cancel_one, (booker, asked))],
        ROUNDS,
        gaps,
    )
    # Cancelling always stands: before the approval it refuses it, after it it cancels what was
    # approved. What must not be is an approved reservation that holds nothing.
    for approved, cancelled in rounds:
        assert not cancelled.refused
        assert not approved.refused or approved.answer == "already_cancelled"
    with any_app.app_context():
        states = db.session.scalars(select(Reservation.status)).all()
    assert set(states) == {"cancelled"}
    assert live(any_app) == 0


def test_two_managers_decide_once(any_app, arena):
    given, ground = arena
    park = ground(approval="manual")
    with any_app.app_context():
        asked = [book(n, park.bookers[0], pool_id=park.pool_id) for n in range(ROUNDS)]
    contestants = [(approve_one, (park.manager, asked)), (approve_one, (park.manager, asked))]
    for attempts in race(given, contestants, ROUNDS, GAP_MS):
        assert sorted(a.answer for a in attempts) == ["already_decided", "approved"]
