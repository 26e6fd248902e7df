"""Scenario 36: two bookings at once, of pools that share no lock, with one left of a quota."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from bench.drills.harness import race, truly_overlapped
from bench.drills.servers import tokens
from booking.accounts.models import User
from booking.companies.models import Company, Membership
from booking.infra.db import db
from booking.inventory.models import Pool
from booking.policies.services.settings import lock_edition, renew_edition
from booking.reservations.jobs import count_quotas
from booking.reservations.models import Reservation
from tests import factories
from tests.races.contestants import book_daily, book_in_turn
from tests.races.test_races import GAP_MS, ROUNDS, arena, settings, swept
from tests.races.test_races_api import ROUNDS as API_ROUNDS
from tests.races.test_races_api import Api, at_once, statuses
from tests.reservations.ruled import set_quota

LIMITED = 5  # rounds, each with a person of its own
__all__ = ("arena", "settings", "swept")  # fixtures


@pytest.fixture
def field(any_app, arena):
    """Return (settings, ground, a second pool) with a day's quota of one, for `subject`."""
    given, ground = arena
    park = ground(bookers=2)

    def ruled(subject):
        with any_app.app_context():
            session = db.session()
            other = second_pool(session, park)
            set_quota(session, subject=subject, period="day")
            if subject == "company":
                count_quotas()  # told by its ledger; a person's by the reservations
            company = session.get_one(Company, park.bookers[0].parties[0].company_id)
            colleague = session.get_one(User, park.bookers[1].user_id)
            factories.create_membership(session, colleague, company)
            return given, park, other.id

    return ruled


def second_pool(session, park) -> Pool:
    """Return a pool like the ground's, which shares no lock with it."""
    first = session.get_one(Pool, park.pool_id)
    common = {"lab_id": first.lab_id, "site_id": first.site_id, "approval": "auto"}
    other = factories.create_pool(session, horizon_days=first.horizon_days, **common)
    factories.create_contribution(session, other)
    return other


def one_a_day(any_app):
    """Return how many reservations there are."""
    with any_app.app_context():
        query = select(func.count()).select_from(Reservation)
        return db.session.execute(query).scalar_one()


@pytest.mark.parametrize("subject", ["person", "company"])
def test_the_last_of_a_quota_goes_to_one_of_two(any_app, field, subject):
    given, park, other = field(subject)
    ada = park.bookers[0]
    bo = ada if subject == "person" else replace(park.bookers[1], parties=ada.parties)
    contestants = [
        (book_daily, (ada, {"pool_id": park.pool_id})), (book_daily, (bo, {"pool_id": other})),
    ]  # fmt: skip
    met = 0
    for attempts in race(given, contestants, ROUNDS, GAP_MS):
        assert sorted(a.refused for a in attempts) == [False, True], attempts
        assert {a.answer for a in attempts if a.refused} == {"rule_violation"}
        met += bool(truly_overlapped(attempts))
    assert met >= ROUNDS // 2
    assert one_a_day(any_app) == ROUNDS


def test_the_last_of_a_months_limit_goes_to_one_of_two(any_app, arena):
    given, ground = arena
    park = ground(bookers=LIMITED)
    with any_app.app_context():
        session = db.session()
        other = second_pool(session, park).id
        ids = [who.user_id for who in park.bookers]
        hour = update(Membership).where(Membership.user_id.in_(ids)).values(month_minutes=60)
        session.execute(hour)
        lock_edition(session)
        renew_edition(session)
        session.commit()
    contestants = [
        (book_in_turn, (list(park.bookers), {"pool_id": pool})) for pool in (park.pool_id, other)
    ]
    for attempts in race(given, contestants, LIMITED, GAP_MS):
        assert sorted(a.refused for a in attempts) == [False, True], attempts
        assert {a.answer for a in attempts if a.refused} == {"rule_violation"}
    assert one_a_day(any_app) == LIMITED


def test_one_of_two_requests_gets_the_last_of_a_quota(any_app, field):
    given, park, other = field("person")
    [token] = tokens(given, park.bookers[:1])
    api = Api(given)
    try:
        for number in range(API_ROUNDS):
            answers = at_once(
                lambda n=number * 6: api.book(token, n, pool_id=park.pool_id),
                lambda n=number * 6: api.book(token, n, pool_id=other),
            )
            assert statuses(answers) == [201, 422], answers
            [broken] = next(body["violations"] for status, body in answers if status == 422)
            assert broken["code"] == "quota_count_day"
    finally:
        api.server.end()
    assert one_a_day(any_app) == API_ROUNDS
