"""What a decider is told of who asks: their record in the lab, their qualification."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from booking.approvals.rules.askers import Fitness, fitness
from booking.core.period import Period
from booking.policies.models import Qualification
from booking.policies.rules.tree import Place
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor, keep
from tests.pages import browser, said
from tests.reservations.steps import ask, at

DAY = timedelta(days=1)
PLACE = Place(7, 1, 1, ("0301", "03"))


@dataclass(frozen=True)
class Held:
    level: int = 2
    valid_until: datetime | None = None
    suspended_at: datetime | None = None
    pool_id: int | None = 7
    category_code: str | None = None


@pytest.mark.parametrize(
    ("held", "needed", "expected"),
    [
        ([], 0, None),  # neither needed nor held
        ([], 1, Fitness("none")),
        ([Held(pool_id=8)], 1, Fitness("none")),  # of another group
        ([Held()], 0, Fitness("enough", 2)),
        ([Held(valid_until=NOW + 2 * DAY)], 2, Fitness("enough", 2, NOW + 2 * DAY)),
        ([Held(pool_id=None, category_code="03")], 2, Fitness("enough", 2)),
        ([Held(valid_until=NOW + DAY / 2)], 2, Fitness("ends", 2, NOW + DAY / 2)),
        ([Held(level=1)], 2, Fitness("low", 1)),
        # the higher level ends too soon, the lower one would do
        ([Held(level=3, valid_until=NOW + DAY / 2), Held()], 2, Fitness("enough", 3)),
        ([Held(valid_until=NOW)], 2, Fitness("expired", until=NOW)),
        ([Held(), Held(suspended_at=NOW)], 2, Fitness("suspended")),
    ],
)
def test_a_qualification_is_worth_what_it_covers(held, needed, expected):
    assert fitness(PLACE, held, needed, NOW + DAY, NOW) == expected


@pytest.fixture
def people(clock, session):
    return cast(session)


def past(session, people, days, status="completed", pool=None, **more):
    """Write a reservation of Ada's that began so many days ago."""
    start = NOW - timedelta(days=days)
    row = {"status": status, "user_id": people.ada.id, "company_id": people.company_a.id, **more}
    period = Period(start, start + timedelta(hours=1))
    return factories.create_reservation(session, pool or people.confocal, period, **row)


def inbox(app, who):
    return said(browser(app, who).get("/inbox").text)


def test_the_record_counts_a_year_in_this_lab(app, session, people):
    ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    assert "New here" in inbox(app, people.mei)
    own = {"status": "cancelled", "ended_by_id": people.ada.id}
    past(session, people, 10)
    past(session, people, 20, pool=people.sequencer)  # another group of the lab
    past(session, people, 30, pool=people.east_pool)  # another lab
    past(session, people, 400)  # too long ago
    past(session, people, 40, "no_show")
    past(session, people, 50, **own, ended_at=NOW - 50 * DAY - timedelta(hours=23))
    past(session, people, 60, **own, ended_at=NOW - 62 * DAY)  # in time
    past(session, people, 70, "cancelled", ended_by_id=people.mei.id, ended_at=NOW - 70 * DAY)
    past(session, people, 80, user_id=people.cy.id, company_id=people.company_b.id)

    assert "2 used · 1 no-show · 1 cancelled late" in inbox(app, people.mei)


def test_the_lab_alone_is_told_of_the_person(app, session, people):
    people.confocal.approval = "manual"
    ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    past(session, people, 10)
    keep(session, Qualification(
        user_id=people.ada.id, pool_id=people.confocal.id, level=2, granted_at=NOW,
        valid_until=NOW + 90 * DAY,
    ))  # fmt: skip
    session.commit()

    for who in (people.mei, people.ops):
        text = inbox(app, who)
        assert "1 used" in text
        assert "Level 2 · in staffed hours until" in text


def test_overridden_rules_are_named(app, session, people):
    row = past(session, people, -2, "pending", decide_by=NOW + DAY, override_reason="急用",
               overridden="too_long quota_person")  # fmt: skip

    text = inbox(app, people.mei)

    assert row.id
    assert "Exception: 急用 Rules overridden: Longest, Quotas" in text


def test_what_was_not_decided_is_named(app, session, people):
    late, gone = (ask(actor(people.ada), h, h + 1, pool_id=people.confocal.id) for h in (9, 11))
    client = browser(app, people.mei)
    for _twice in (1, 2):
        client.post("/inbox/decide", data={"approve": f"{late.reservation_id}:1"})
    client.get("/inbox")
    items = [f"{late.reservation_id}:1", f"{gone.reservation_id}:9"]

    client.post("/inbox/decide", data={"item": items, "do": "approve"})

    text = said(client.get("/inbox").text)
    assert "was already decided (Ada · Alpha Bio · Confocal microscope · Tue 24 Nov 09:00" in text
    assert "changed meanwhile: look at it again (Ada · Alpha Bio" in text


def test_a_foreign_request_is_not_named(app, session, people):
    item = f"{ask(actor(people.ada), 9, 10, pool_id=people.confocal.id).reservation_id}:1"
    client = browser(app, people.dee)

    client.post("/inbox/decide", data={"item": item, "do": "approve"})

    assert "Ada" not in said(client.get("/inbox").text)
    assert at(9) > NOW
