"""Offers to those who wait, against everything that takes or frees their time, in processes."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bench.drills.ground import slot
from bench.drills.harness import race, truly_overlapped
from booking.core.actor import Actor
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.models import Allocation, Hold, Reservation, WaitlistEntry
from booking.reservations.rules.waiting import Wish
from booking.reservations.services.waiting import accept, decline, expire_holds, join
from tests.races.contestants import book, book_as, cancel_one
from tests.races.test_races import GAP_MS, arena, live, settings, swept

__all__ = ["arena", "settings", "swept"]  # fixtures
ROUNDS = 9  # a person waits for at most ten things


def wait_for(number: int, actor: Actor, pool_id: int, hours: float = 1) -> int:
    """Return the entry that waits for this round's slot."""
    start, end = slot(number * 4, hours)
    wanted, now = Wish("offer", start, end, 60, pool_id=pool_id), clock.now()
    return write(lambda s: join(s, actor, wanted, now))


def accept_one(number: int, actor: Actor, entries: list[int]) -> int:
    """Take this round's offer."""
    now = clock.now()
    return write(lambda s: accept(s, actor, entries[number], now))


def decline_one(number: int, actor: Actor, entries: list[int]) -> str:
    """Decline this round's offer."""
    now = clock.now()
    write(lambda s: decline(s, actor, entries[number], now))
    return "declined"


def expire_all(number: int, entries: list[int]) -> int:
    """End this round's offer, whose time has passed for whoever ends it."""
    now = clock.now() + timedelta(hours=2)
    return write(lambda s: expire_holds(s, now))


def met(rounds):
    assert sum(bool(truly_overlapped(attempts)) for attempts in rounds) > 0


def states(any_app):
    """Return how many entries are in each state; every offer holds its unit, and nothing else."""
    with any_app.app_context():
        session = db.session()
        rows = session.execute(
            select(WaitlistEntry.state, func.count()).group_by(WaitlistEntry.state)
        ).all()
        held = select(func.count()).select_from(Allocation)
        held = held.where(Allocation.active == 1, Allocation.kind == "hold")
        holds = select(func.count()).select_from(Hold).where(Hold.released_at.is_(None))
        found = dict(rows)
        assert session.scalar(held) == session.scalar(holds) == found.get("offered", 0)
        return found


def test_two_cancellations_at_once_offer_each_slot_once(any_app, arena):
    given, ground = arena
    park = ground(units=2)
    first, second = park.bookers[:2]
    with any_app.app_context():
        ones = [book(n, first, unit_id=park.unit_ids[0]) for n in range(ROUNDS)]
        others = [book(n, second, unit_id=park.unit_ids[1]) for n in range(ROUNDS)]
        for n in range(ROUNDS):
            for who in park.bookers[2:]:
                wait_for(n, who, park.pool_id)
    contestants = [(cancel_one, (first, ones)), (cancel_one, (second, others))]
    rounds = race(given, contestants, ROUNDS, GAP_MS)
    assert not any(attempt.refused for attempts in rounds for attempt in attempts)
    met(rounds)
    # Each who waits has one slot, no slot is offered twice.
    assert states(any_app) == {"offered": 2 * ROUNDS}


def test_freed_time_goes_to_who_waits_or_to_who_books_never_to_both(any_app, arena):
    given, ground = arena
    park = ground()
    first, second, third, _ = park.bookers
    with any_app.app_context():
        mine = [book(n, first, pool_id=park.pool_id) for n in range(ROUNDS)]
        for n in range(ROUNDS):
            wait_for(n, third, park.pool_id)
    contestants = [(cancel_one, (first, mine)), (book_as, (second, {"pool_id": park.pool_id}))]
    for attempts in race(given, contestants, ROUNDS, GAP_MS):
        cancelled, booked = attempts
        assert not cancelled.refused
        # It was offered in the cancellation's own transaction: nobody comes between.
        assert booked.answer == "conflict", attempts
    assert states(any_app) == {"offered": ROUNDS}


@pytest.mark.parametrize("gaps", [(30, 0), (0, 30)], ids=["slow", "fast"])
def test_an_offer_is_taken_or_ends_never_both(any_app, arena, gaps):
    given, ground = arena
    park = ground()
    first = park.bookers[0]
    with any_app.app_context():
        mine = [wait_for(n, first, park.pool_id) for n in range(ROUNDS)]
    assert states(any_app) == {"offered": ROUNDS}
    rounds = race(given, [(accept_one, (first, mine)), (decline_one, (first, mine))], ROUNDS, gaps)
    for taken, declined in rounds:
        assert taken.refused != declined.refused, (taken, declined)
    found = states(any_app)
    won = sum(not taken.refused for taken, _ in rounds)
    assert found == {k: v for k, v in {"taken": won, "declined": ROUNDS - won}.items() if v}
    assert live(any_app) == won


@pytest.mark.parametrize("gaps", [(30, 0), (0, 30)], ids=["slow", "fast"])
def test_what_expires_while_it_is_taken_stays_taken(any_app, arena, gaps):
    given, ground = arena
    park = ground()
    first = park.bookers[0]
    with any_app.app_context():
        mine = [wait_for(n, first, park.pool_id) for n in range(1)]
    [[taken, expired]] = race(given, [(accept_one, (first, mine)), (expire_all, (mine,))], 1, gaps)
    assert not expired.refused
    found = states(any_app)
    assert found == ({"expired": 1} if taken.refused else {"taken": 1})
    assert live(any_app) == (0 if taken.refused else 1)


@pytest.mark.parametrize("gaps", [(30, 0), (0, 30)], ids=["slow", "fast"])
def test_who_joins_while_time_is_freed_is_offered_it(any_app, arena, gaps):
    given, ground = arena
    park = ground()
    first, second = park.bookers[:2]
    with any_app.app_context():
        mine = [book(n, first, pool_id=park.pool_id) for n in range(ROUNDS)]
    contestants = [(cancel_one, (first, mine)), (wait_for, (second, park.pool_id))]
    for attempts in race(given, contestants, ROUNDS, gaps):
        assert not any(attempt.refused for attempt in attempts), attempts
    assert states(any_app) == {"offered": ROUNDS}
    with any_app.app_context():
        assert set(db.session.scalars(select(Reservation.status))) == {"cancelled"}
