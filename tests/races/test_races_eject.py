"""Making room against everything else that takes or frees units, between processes."""

import pytest
from sqlalchemy import func, select

from bench.drills.ground import lay, slot
from bench.drills.harness import race
from booking.infra.db import db
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.sweep import broken
from tests.races.contestants import (
    book,
    book_as,
    book_unit,
    break_one,
    cancel_one,
    move_to,
)

ROUNDS = 10
GAP_MS = 5


@pytest.fixture
def settings():
    return {"ARGON2_MEMORY_KIB": 8}


@pytest.fixture
def board(any_app):
    """Return (settings, ground, the provisional reservation of each round).

    Each round the first hour of the first unit is taken by one that may give way, the third and
    fourth of the second unit by one that may not: four hours fit only when the first moves.
    """
    given = {"DATABASE_URL": any_app.config["DATABASE_URL"]}
    park = lay(given, units=2, bookers=4)
    first, second = park.unit_ids
    with any_app.app_context():
        early = []
        for n in range(ROUNDS):
            book(n, park.bookers[0], unit_id=second, offset=2, hours=2)
            wanted = {"pool_id": park.pool_id, "preferred_unit_ids": (first,)}
            early.append(book(n, park.bookers[1], **wanted))
    return given, park, early


@pytest.fixture(autouse=True)
def swept(any_app):
    yield
    with any_app.app_context():
        assert broken(db.session(), slot(0)[0]) == {}
        total = select(func.count()).select_from(Reservation)
        held = select(func.count(func.distinct(Allocation.reservation_id)))
        live = total.where(Reservation.status == "approved")
        assert (
            db.session.execute(live).scalar()
            == db.session.execute(held.where(Allocation.active == 1)).scalar()
        )


def won(rounds, place):
    return sum(not attempts[place].refused for attempts in rounds)


def whole(park, who):
    return book_as, (park.bookers[who], {"pool_id": park.pool_id, "hours": 4})


def test_one_of_two_gets_the_room_that_is_made(board):
    given, park, _ = board
    rounds = race(given, [whole(park, 2), whole(park, 3)], ROUNDS, GAP_MS)
    for attempts in rounds:
        assert sorted(a.refused for a in attempts) == [False, True], attempts
        assert {a.answer for a in attempts if a.refused} == {"conflict"}


def test_making_room_against_cancelling_the_one_that_gives_way(board):
    given, park, early = board
    cancelling = (cancel_one, (park.bookers[1], early))
    rounds = race(given, [whole(park, 2), cancelling], ROUNDS, GAP_MS)
    assert won(rounds, 1) == ROUNDS
    # Whoever meets a locked reservation leaves it where it is, and may be refused.
    assert {a.answer for attempts in rounds for a in attempts if a.refused} <= {"conflict"}


def test_making_room_against_moving_the_one_that_gives_way(board):
    given, park, early = board
    moving = (move_to, (park.bookers[1], early, 1.5))
    rounds = race(given, [whole(park, 2), moving], ROUNDS, GAP_MS)
    assert {a.answer for attempts in rounds for a in attempts if a.refused} <= {"conflict"}
    assert won(rounds, 0) + won(rounds, 1) >= ROUNDS


def test_making_room_against_all_of_them(board):
    given, park, early = board
    contestants = [
        whole(park, 2),
        whole(park, 3),
        (cancel_one, (park.bookers[1], early)),
        (book_as, (park.bookers[0], {"pool_id": park.pool_id, "offset": 1, "hours": 1})),
    ]
    rounds = race(given, contestants, ROUNDS, GAP_MS)
    assert {a.answer for attempts in rounds for a in attempts if a.refused} <= {"conflict"}
    assert won(rounds, 2) == ROUNDS


def test_a_unit_that_breaks_keeps_nobody(any_app):
    given = {"DATABASE_URL": any_app.config["DATABASE_URL"]}
    park = lay(given, units=ROUNDS, bookers=3)
    units = list(park.unit_ids)
    with any_app.app_context():
        before = [book(n, park.bookers[0], unit_id=units[n], offset=2) for n in range(ROUNDS)]
    contestants = [
        (break_one, (park.manager, units)),
        (book_unit, (park.bookers[1], units)),
        (cancel_one, (park.bookers[0], before)),
    ]
    rounds = race(given, contestants, ROUNDS, [GAP_MS, GAP_MS, 0])
    # Booking may find it down; cancelling may find it cancelled already.
    known = {"rule_violation", "conflict", "already_cancelled"}
    assert {a.answer for attempts in rounds for a in attempts if a.refused} <= known
    assert won(rounds, 0) == ROUNDS
    with any_app.app_context():
        held = select(Allocation.unit_id).where(Allocation.active == 1)
        assert db.session.scalars(held).all() == []
