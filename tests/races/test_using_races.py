"""Taking a cancellation back, ending early and making longer, against others, between processes."""

import pytest
from sqlalchemy import select

from bench.drills.harness import race, truly_overlapped
from booking.infra.db import db
from booking.reservations.models import Allocation, Reservation
from tests.races.contestants import (
    book,
    book_as,
    cancel_one,
    end_one,
    join_beside,
    lengthen_one,
    start_one,
    undo_one,
)
from tests.races.test_races import GAP_MS, ROUNDS, arena, live, settings, swept
from tests.reservations.ruled import set_rule

__all__ = ["arena", "settings", "swept"]  # fixtures


def met(rounds):
    return sum(bool(truly_overlapped(attempts)) for attempts in rounds)


def test_a_freed_slot_goes_back_or_to_another_never_to_both(any_app, arena):
    given, ground = arena
    park = ground()
    first, second = park.bookers[:2]
    with any_app.app_context():
        mine = [book(n, first, pool_id=park.pool_id) for n in range(ROUNDS)]
        for n in range(ROUNDS):
            cancel_one(n, first, mine)
    contestants = [(undo_one, (first, mine)), (book_as, (second, {"pool_id": park.pool_id}))]
    rounds = race(given, contestants, ROUNDS, GAP_MS)
    for attempts in rounds:
        assert sorted(a.answer == "conflict" for a in attempts) == [False, True], attempts
    assert met(rounds) >= ROUNDS // 2
    assert live(any_app) == ROUNDS


def test_the_time_before_a_start_goes_to_one_of_two(any_app, arena):
    given, ground = arena
    park = ground()
    first, second = park.bookers[:2]
    with any_app.app_context():
        set_rule(db.session(), "early_start_minutes", 60)
        mine = [book(n, first, pool_id=park.pool_id, offset=1) for n in range(ROUNDS)]
    contestants = [
        (start_one, (first, mine, 20)),
        (book_as, (second, {"pool_id": park.pool_id, "offset": 0.5, "hours": 0.5})),
    ]
    rounds = race(given, contestants, ROUNDS, GAP_MS)
    for attempts in rounds:
        assert sorted(a.answer == "conflict" for a in attempts) == [False, True], attempts
    assert met(rounds) >= ROUNDS // 2


def test_the_time_beside_ones_own_goes_to_one_of_two(any_app, arena):
    given, ground = arena
    park = ground()
    first, second = park.bookers[:2]
    with any_app.app_context():
        set_rule(db.session(), "merge_minutes", 0)
        for n in range(ROUNDS):
            book(n, first, pool_id=park.pool_id)
    contestants = [
        (join_beside, (first, park.pool_id)),
        (book_as, (second, {"pool_id": park.pool_id, "offset": 1})),
    ]
    rounds = race(given, contestants, ROUNDS, GAP_MS)
    for joined, other in rounds:
        assert sorted(a.answer == "conflict" for a in (joined, other)) == [False, True]
        assert joined.answer in ("joined", "conflict")
    assert met(rounds) >= ROUNDS // 2


@pytest.mark.parametrize("gaps", [(30, 0), (0, 30)], ids=["slow", "fast"])
def test_ending_early_against_making_longer_leaves_one_truth(any_app, arena, gaps):
    given, ground = arena
    park = ground()
    booker = park.bookers[0]
    with any_app.app_context():
        mine = [book(n, booker, pool_id=park.pool_id) for n in range(ROUNDS)]
    rounds = race(
        given,
        [(end_one, (booker, mine, 10)), (lengthen_one, (park.manager, mine, 2))],
        ROUNDS,
        gaps,
    )
    for ended, longer in rounds:
        assert not ended.refused
        assert not longer.refused or longer.answer == "already_ended"
    with any_app.app_context():
        rows = db.session.execute(
            select(Reservation.status, Reservation.start_at, Reservation.end_at)
        ).all()
        blocks = db.session.scalars(select(Allocation.block_end).where(Allocation.active == 1))
        assert {row.status for row in rows} == {"completed"}
        assert {(row.end_at - row.start_at).total_seconds() for row in rows} == {600}
        assert sorted(blocks) == sorted(row.end_at for row in rows)
