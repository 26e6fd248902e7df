"""The demo park: full size, the same for a seed, refused where it does not belong."""

import random
import re

import pytest
from sqlalchemy import func, select

from booking.accounts.models import User
from booking.companies.models import Company, Institution, Site
from booking.core.period import Period
from booking.demo.rules import calendar, park
from booking.infra.db import db
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Allocation, Reservation
from tests.conftest import NOW
from tests.pages import browser, fields, said


def count(session, table, *where):
    return session.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


@pytest.fixture(scope="module")
def plans():
    return park.pools(random.Random(1))


def test_the_plan_has_12000_units_in_1500_pools_of_1_to_200(plans):
    sizes = [plan.size for plan in plans]
    assert (len(sizes), sum(sizes)) == (1_500, 12_000)
    assert (min(sizes), max(sizes)) == (1, 200)


def test_the_same_seed_and_day_give_the_same_park(plans):
    again = park.pools(random.Random(1))
    assert again == plans
    first, second = (calendar.reservations(random.Random(2), plans, 200, NOW) for _ in range(2))
    assert first == second


def test_reservations_of_a_unit_never_overlap_and_lie_in_90_days(plans):
    planned = calendar.reservations(random.Random(2), plans, 200, NOW)
    assert len(planned) >= 50_000
    last: dict[tuple[int, int], Period] = {}
    for item in planned:
        period = Period(item.start, item.end)
        key = (item.pool, item.unit)
        assert key not in last or last[key].end <= period.start
        last[key] = period
    days = [(item.start - NOW).days for item in planned]
    assert min(days) < -50
    assert max(days) > 20
    assert any(item.status == "pending" for item in planned)


def test_the_command_fills_an_empty_database_once(app, clock):
    runner = app.test_cli_runner()
    made = runner.invoke(args=["demo"])
    assert made.exit_code == 0, made.output
    assert "mei@demo.example" in made.output
    with app.app_context():
        session = db.session()
        assert count(session, Unit) == 12_000
        assert count(session, Pool) == 1_500
        assert count(session, Institution) == 24
        assert (count(session, Site), count(session, Company)) == (2, 19)
        assert count(session, Reservation) >= 50_000
        assert count(session, Reservation, Reservation.status == "pending") > 50
        assert count(session, Allocation, Allocation.active == 1) > 5_000
        assert count(session, User, User.password_hash.is_(None)) == 0
        ada = session.scalars(select(User).filter_by(email="ada@demo.example")).one()
        # The first sign-in shows the policy, whole, and one button leads on to what was asked for.
        hers, asked_for = browser(app, ada), "/reserve?pool_id=1"
        policy = hers.get(asked_for, follow_redirects=True)
        assert policy.text.count('type="submit" class="btn btn-primary') == 1
        assert not re.search(r"[\[〔]", said(policy.text))
        agreed = hers.post("/privacy/agree", data=fields(policy.text))
        assert agreed.headers["Location"] == asked_for
        # The README's first booking: no quota of the demo is in its way.
        offered = fields(hers.get(asked_for).text)
        assert offered["start"][:10] == f"{NOW:%Y-%m-%d}"
    again = runner.invoke(args=["demo"])
    assert again.exit_code == 1
    assert "not empty" in again.output
    assert runner.invoke(args=["demo", "--if-empty"]).exit_code == 0


def test_production_refuses_the_demo(app):
    app.config["PRODUCTION"] = True
    refused = app.test_cli_runner().invoke(args=["demo"])
    assert refused.exit_code == 1
    assert "production" in refused.output
