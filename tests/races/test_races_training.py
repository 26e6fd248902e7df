"""Seats of a training session: as many people as seats, whoever comes at once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from bench.drills.harness import race, truly_overlapped
from booking.core.actor import Actor
from booking.infra import clock
from booking.infra.db import db, write
from booking.inventory.models import Pool
from booking.training.models import Course, CoursePool, Seat, Signup, Training
from booking.training.services.seats import sign_up
from tests import factories
from tests.conftest import NOW
from tests.races.test_races import arena, settings

__all__ = ("arena", "settings")  # fixtures
ROUNDS, SEATS, GAP_MS = 4, 2, 5


def seat_one(number: int, actor: Actor, sessions: list[int]) -> str:
    """Return what this round's session has for one of those who come at once."""
    now = clock.now()
    return write(lambda s: sign_up(s, actor, sessions[number], now).state)


def session_of(session, pool, now) -> int:
    course = Course(lab_id=pool.lab_id, name_zh="课", level=2, needs_session=1, created_at=now)
    factories.keep(session, course)
    factories.keep(session, CoursePool(course_id=course.id, pool_id=pool.id))
    row = Training(course_id=course.id, start_at=now + timedelta(days=9), seats=SEATS,
                   end_at=now + timedelta(days=10), created_at=now)  # fmt: skip
    factories.keep(session, row)
    for number in range(1, SEATS + 1):
        factories.keep(session, Seat(session_id=row.id, number=number))
    return row.id


def test_no_more_people_are_seated_than_there_are_seats(any_app, arena):
    given, ground = arena
    park = ground()
    with any_app.app_context():
        pool = db.session().get_one(Pool, park.pool_id)
        sessions = [session_of(db.session(), pool, clock.now()) for _ in range(ROUNDS)]
    rounds = race(given, [(seat_one, (a, sessions)) for a in park.bookers], ROUNDS, GAP_MS)
    for attempts in rounds:
        states = sorted(str(attempt.answer) for attempt in attempts)
        assert states == ["seated"] * SEATS + ["waiting"] * 2, attempts
    assert any(truly_overlapped(attempts) for attempts in rounds)
    with any_app.app_context():
        seats = select(Signup.session_id, func.count(func.distinct(Signup.seat_no)))
        counts = db.session.execute(seats.group_by(Signup.session_id)).all()
        assert {count for _session, count in counts} == {SEATS}


@pytest.mark.parametrize("seat", [1, SEATS + 1])
def test_the_database_gives_no_seat_twice_and_none_that_is_not_there(any_session, seat):
    pool = factories.create_pool(any_session)
    people = [factories.create_user(any_session) for _ in range(2)]
    key = session_of(any_session, pool, NOW)
    taken = {"session_id": key, "state": "seated", "created_at": NOW}
    factories.keep(any_session, Signup(user_id=people[0].id, seat_no=1, **taken))
    with pytest.raises(IntegrityError):
        factories.keep(any_session, Signup(user_id=people[1].id, seat_no=seat, **taken))
    any_session.rollback()
