"""Series and bundles against single bookings, changes against cancelling, between processes."""

import pytest
from sqlalchemy import func, select

from bench.drills.ground import lay, slot
from bench.drills.harness import race, truly_overlapped
from booking.infra.db import db
from booking.reservations.models import Allocation, Reservation, ReservationGroup
from booking.reservations.queries.sweep import broken
from tests.races.contestants import book_as
from tests.races.group_contestants import (
    bundle_as,
    end_all,
    end_member,
    move_all,
    repeat,
    repeat_as,
)

ROUNDS = 8
GAP_MS = 5


@pytest.fixture
def settings():
    return {"ARGON2_MEMORY_KIB": 8}


@pytest.fixture
def arena(any_app):
    """Return (settings for processes, a function that lays the ground)."""
    given = {"DATABASE_URL": any_app.config["DATABASE_URL"]}
    return given, lambda **more: lay(given, **{"units": 1, "bookers": 3, **more})


@pytest.fixture(autouse=True)
def swept(any_app):
    """After each race the whole database is swept for broken invariants."""
    yield
    with any_app.app_context():
        assert broken(db.session(), slot(0)[0]) == {}
        alone = select(ReservationGroup.id).where(
            ~select(Reservation.id).where(Reservation.group_id == ReservationGroup.id).exists()
        )
        assert db.session.scalars(alone).all() == []


def live(any_app):
    with any_app.app_context():
        query = select(func.count()).select_from(Allocation).where(Allocation.active == 1)
        return db.session.execute(query).scalar_one()


def met(rounds):
    assert sum(bool(truly_overlapped(attempts)) for attempts in rounds) >= ROUNDS // 2


def test_a_series_against_single_bookings_is_whole_or_nothing(any_app, arena):
    given, ground = arena
    park = ground()
    unit = {"unit_id": park.unit_ids[0]}
    contestants = [
        (repeat_as, (park.bookers[0], "refuse", unit)),
        (repeat_as, (park.bookers[1], "refuse", unit)),
        (book_as, (park.bookers[2], unit)),
    ]

    rounds = race(given, contestants, ROUNDS, GAP_MS)

    met(rounds)
    wanted = 0
    for first, second, single in rounds:
        won = [n for n, a in zip((3, 3, 1), (first, second, single), strict=True) if not a.refused]
        assert len(won) == 1, (first, second, single)
        assert {a.answer for a in (first, second, single) if a.refused} == {"conflict"}
        wanted += won[0]
    assert live(any_app) == wanted


def test_a_series_that_leaves_out_takes_what_the_single_booking_left(any_app, arena):
    given, ground = arena
    park = ground()
    unit = {"unit_id": park.unit_ids[0]}
    contestants = [
        (repeat_as, (park.bookers[0], "skip", unit)),
        (book_as, (park.bookers[1], unit)),
    ]

    rounds = race(given, contestants, ROUNDS, GAP_MS)

    for series, _single in rounds:
        assert not series.refused  # two more weeks are always free
    assert live(any_app) == 3 * ROUNDS


def test_two_bundles_of_the_same_units_in_another_order(any_app, arena):
    given, ground = arena
    park = ground(units=2)
    one, two = park.unit_ids
    contestants = [
        (bundle_as, (park.bookers[0], (one, two))),
        (bundle_as, (park.bookers[1], (two, one))),
    ]

    rounds = race(given, contestants, ROUNDS, GAP_MS)

    met(rounds)
    for attempts in rounds:
        assert sorted(a.refused for a in attempts) == [False, True]
    assert live(any_app) == 2 * ROUNDS


@pytest.mark.parametrize("gaps", [(30, 0), (0, 30)], ids=["slow", "fast"])
def test_moving_a_series_against_cancelling_it_leaves_one_truth(any_app, arena, gaps):
    given, ground = arena
    park = ground()
    ada = park.bookers[0]
    with any_app.app_context():
        made = [repeat(n, ada, "refuse", pool_id=park.pool_id) for n in range(ROUNDS)]

    rounds = race(given, [(move_all, (ada, made, 2)), (end_all, (ada, made))], ROUNDS, gaps)

    # Cancelling always stands: before the move it leaves nothing to move, after it it cancels all.
    for moved, ended in rounds:
        assert not ended.refused, ended
        assert not moved.refused or moved.answer == "nothing_coming"
    with any_app.app_context():
        assert set(db.session.scalars(select(Reservation.status))) == {"cancelled"}
        assert db.session.scalars(
            select(ReservationGroup.id).where(ReservationGroup.ended_at.is_(None))
        ).all() == []  # fmt: skip
    assert live(any_app) == 0


def test_cancelling_the_last_ones_at_once_ends_the_series(any_app, arena):
    given, ground = arena
    park = ground()
    ada = park.bookers[0]
    with any_app.app_context():
        made = [repeat(n, ada, "refuse", pool_id=park.pool_id) for n in range(ROUNDS)]
        rows = db.session.execute(
            select(Reservation.group_id, Reservation.id).order_by(Reservation.id)
        ).all()
        db.session.rollback()
    members = [[key for group, key in rows if group == one] for one in made]

    rounds = race(given, [(end_member, (ada, members, n)) for n in range(3)], ROUNDS, GAP_MS)

    assert not any(a.refused for attempts in rounds for a in attempts)
    with any_app.app_context():
        ended = db.session.scalars(select(ReservationGroup.ended_at)).all()
    assert None not in ended
    assert len(ended) == ROUNDS
