"""Two processes that make one draw: each request is decided once, in its order."""

from datetime import timedelta

from sqlalchemy import func, select

from bench.drills.ground import slot
from bench.drills.harness import race, truly_overlapped
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.models import Draw, DrawEntry, Reservation
from booking.web.drawing import make_draw
from tests.races.test_races import arena, live, settings, swept

__all__ = ["arena", "settings", "swept"]  # fixtures
ROUNDS = 3
GAP_MS = 5


def draw_one(number: int, draws: list[int]) -> str:
    """Make this round's draw."""
    make_draw(draws[number], clock.now())
    return "drawn"


def collect(session, park, number):
    """Return a draw that is due: four people ask for the same two hours of one day."""
    now = clock.now()
    day = slot(number * 24)[0]
    draw = Draw(
        pool_id=park.pool_id, day_start=day, day_end=day + timedelta(days=1), draws_at=now,
        state="open", seed="seed", seal="seal", created_at=now,
    )  # fmt: skip
    session.add(draw)
    session.flush()
    for who in park.bookers:
        for hour in (9, 10):
            start, end = slot(number * 24 + hour)
            session.add(
                DrawEntry(
                    draw_id=draw.id, user_id=who.user_id, made_by_id=who.user_id, quantity=1,
                    company_id=who.parties[0].company_id, start_at=start, end_at=end,
                    purpose="other", created_at=now,
                )
            )  # fmt: skip
    session.flush()
    return draw.id


def test_a_draw_made_by_two_at_once_is_made_once(any_app, arena):
    given, ground = arena
    park = ground(units=2)
    with any_app.app_context():
        draws = [write(lambda s, n=n: collect(s, park, n)) for n in range(ROUNDS)]
    rounds = race(given, [(draw_one, (draws,)), (draw_one, (draws,))], ROUNDS, GAP_MS)
    assert not any(attempt.refused for attempts in rounds for attempt in attempts), rounds
    assert sum(bool(truly_overlapped(attempts)) for attempts in rounds) > 0
    with any_app.app_context():
        session = db.session()
        states = dict(
            session.execute(select(DrawEntry.state, func.count()).group_by(DrawEntry.state)).all()
        )
        assert states == {"won": 4 * ROUNDS, "lost": 4 * ROUNDS}  # two hours of two units
        # Each has one reservation, and there is no other.
        kept = set(session.scalars(select(DrawEntry.reservation_id)).all()) - {None}
        assert kept == set(session.scalars(select(Reservation.id)))
        # Those who come first have theirs.
        first = select(DrawEntry.state).where(DrawEntry.rank <= 2)
        assert set(session.scalars(first)) == {"won"}
        assert set(session.scalars(select(Draw.state))) == {"done"}
    assert live(any_app) == 4 * ROUNDS
