"""What a company lets one of its people book in a month."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.companies.models import Membership
from booking.core.errors import Invalid, NotFound, RuleViolated
from booking.core.period import Period
from booking.infra.db import write
from booking.policies.services.caps import limit_member
from booking.reservations.queries.quota_lines import my_lines
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.moving import Change, move
from booking.reservations.services.requesting import request_reservation
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.pages import browser

START = NOW + timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def park(any_session, clock):
    return cast(any_session)


def place_of(session, person) -> int:
    query = select(Membership.id).where(Membership.user_id == person.id).order_by(Membership.id)
    return session.scalars(query).first()


def limit(session, park, who, person, hours):
    actor, place = factories.actor(getattr(park, who)), place_of(session, person)
    session.rollback()
    return write(lambda s: limit_member(s, actor, park.company_a.id, place, hours, NOW))


def book(session, person, pool, start, hours, **more):
    actor = factories.actor(person)
    asked = BookingRequest(start, start + hours * HOUR, pool_id=pool.id, **more)
    session.rollback()
    return write(lambda s: request_reservation(s, actor, asked, NOW)).reservation_id


def test_a_member_books_no_more_than_the_company_lets_them(any_session, park):
    limit(any_session, park, "bo", park.ada, 3)
    key = book(any_session, park.ada, park.automatic, START, 2)
    with pytest.raises(RuleViolated) as refused:
        book(any_session, park.ada, park.automatic, START + 5 * HOUR, 2)
    (broken,) = refused.value.violations
    assert (broken.code, broken.limit, broken.origin) == ("quota_minutes_month", 180, "company")
    assert broken.overridable_by == ()

    book(any_session, park.ada, park.automatic, START + 5 * HOUR, 1)
    ada = factories.actor(park.ada)
    any_session.rollback()
    longer = Change(end=START + 3 * HOUR)
    with pytest.raises(RuleViolated, match="rule_violation"):
        write(lambda s: move(s, ada, key, None, longer, NOW))
    (line,) = my_lines(any_session, ada, NOW)
    assert (line.used, line.left) == (180, 0)


def test_next_month_and_other_companies_count_apart(any_session, park):
    factories.create_membership(any_session, park.ada, park.company_b)
    limit(any_session, park, "bo", park.ada, 1)
    a, b = {"company_id": park.company_a.id}, {"company_id": park.company_b.id}
    book(any_session, park.ada, park.automatic, START, 1, **a)
    book(any_session, park.ada, park.automatic, START + 2 * HOUR, 4, **b)
    book(any_session, park.ada, park.automatic, START + timedelta(days=10), 1, **a)

    book(any_session, park.bo, park.automatic, START + 9 * HOUR, 2)  # nobody limited Bo
    with pytest.raises(RuleViolated):
        book(any_session, park.ada, park.automatic, START + 9 * HOUR, 1, **a)


def test_a_limit_is_taken_away_again_and_only_admins_set_it(any_session, park):
    limit(any_session, park, "bo", park.ada, 0)
    with pytest.raises(RuleViolated):
        book(any_session, park.ada, park.automatic, START, 1)
    for who in ("ada", "cy", "mei"):
        with pytest.raises(NotFound):
            limit(any_session, park, who, park.ada, None)
    with pytest.raises(Invalid, match="out_of_range"):
        limit(any_session, park, "bo", park.ada, -1)

    limit(any_session, park, "bo", park.ada, None)
    assert book(any_session, park.ada, park.automatic, START, 1)


def test_the_limit_is_set_and_read_by_page(any_app, any_session, park):
    path = f"/companies/{park.company_a.id}/members/{place_of(any_session, park.ada)}"
    bo, ada = browser(any_app, park.bo), browser(any_app, park.ada)
    assert bo.post(path, data={"month_hours": "x"}).status_code == 422
    assert bo.post(path, data={"month_hours": "3"}).status_code == 302
    assert 'value="3"' in bo.get(path).text
    factories.create_reservation(
        any_session, park.automatic, Period(START, START + HOUR), user_id=park.ada.id,
        company_id=park.company_a.id,
    )  # fmt: skip

    page = ada.get(f"/reserve?pool_id={park.automatic.id}").text
    assert "Limit of your company" in page
    assert "2 h left" in page
