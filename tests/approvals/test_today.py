"""A lab's day: who is on each unit now and next, who is late, and the display beside a door."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.approvals.rules.today import Block, at_hand
from booking.approvals.services.missing import miss
from booking.core.errors import Forbidden, NotFound, WrongState
from booking.core.period import Period
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.reservations.models import Allocation, Reservation
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, said
from tests.reservations.test_using import set_rules
from tests.statements import statements

HOUR = timedelta(hours=1)


@pytest.fixture
def people(clock, session):
    return cast(session)


def put(session, people, start, end, status="approved", pool=None, units=None, **more):
    """Write a reservation of Ada's so many hours from now; return its id."""
    row = {"user_id": people.ada.id, "company_id": people.company_a.id, "status": status, **more}
    period = Period(NOW + start * HOUR, NOW + end * HOUR)
    made = factories.create_reservation(session, pool or people.sequencer, period, units, **row)
    session.commit()
    return made.id


def block(start, end):
    return Block("reservation", Period(NOW + start * HOUR, NOW + end * HOUR))


@pytest.mark.parametrize(
    ("blocks", "running", "coming", "free"),
    [
        ([], None, None, (0, 24)),
        ([block(-1, 1)], 0, None, (1, 24)),
        ([block(-1, 0)], None, None, (0, 24)),  # its end is not in it
        ([block(0, 1), block(1, 2)], 0, 1, None),  # they meet
        ([block(-1, 1), block(3, 4), block(5, 6)], 0, 1, (1, 3)),
        ([block(2, 3)], None, 0, (0, 2)),
    ],
)
def test_now_next_and_what_is_free_between(blocks, running, coming, free):
    hand = at_hand(blocks, NOW)

    assert hand.now == (None if running is None else blocks[running])
    assert hand.next == (None if coming is None else blocks[coming])
    assert hand.free == (free and Period(NOW + free[0] * HOUR, NOW + free[1] * HOUR))


def test_the_day_tells_who_is_on_and_who_is_next(app, session, people):
    mine = put(session, people, -1, 1)
    put(session, people, 3, 4)

    text = said(browser(app, people.mei).get("/today").text)

    assert "Reserved until 10:00 Ada · Alpha Bio" in text
    assert "12:00–13:00" in text
    assert "2 h free between End now Ada" in text
    client = browser(app, people.mei)
    answer = client.post(f"/reservations/{mine}/check-out", data={"version": 1, "next": "/today"})
    assert answer.location == "/today"
    assert "Ended at" in said(client.get("/today").text)


def test_who_has_not_come_stands_on_top(app, session, people):
    set_rules(session, people.sequencer, check_in=True)
    late = put(session, people, -0.25, 2)
    left = put(session, people, -4, -1, "completed", people.confocal,
               checked_in_at=NOW - 4 * HOUR)  # fmt: skip
    client = browser(app, people.mei)

    text = said(client.get("/today").text)
    assert "Ada · Alpha Bio · Sequencer due at 08:45 · no-show at 09:15 Check in" in text
    assert "ended at 08:00 without check-out" in text

    client.post(f"/today/{late}/missed", data={"version": 1})
    session.rollback()
    assert session.get(Reservation, late).status == "no_show"
    assert session.get(Reservation, left).status == "completed"
    held = select(Allocation.active).where(Allocation.reservation_id == late)
    assert session.scalars(held).all() == [0]
    told = session.scalars(select(Outbox).where(Outbox.kind == "missed")).all()
    assert len(told) == 1


@pytest.mark.parametrize(
    ("who", "refusal"), [("cy", NotFound), ("ada", Forbidden), ("dee", NotFound)]
)
def test_only_the_labs_deciders_say_that_nobody_came(session, people, who, refusal):
    set_rules(session, people.sequencer, check_in=True)
    late = put(session, people, -0.25, 2)
    by = actor(getattr(people, who))

    with pytest.raises(refusal):
        write(lambda s: miss(s, by, late, NOW))


@pytest.mark.parametrize(
    ("start", "status", "code"),
    [(1, "approved", "not_running"), (-1, "in_use", "already_checked_in"),
     (-1, "no_show", "already_missed"), (-1, "pending", "not_approved")],
)  # fmt: skip
def test_only_who_was_due_and_is_not_there_has_not_come(session, people, start, status, code):
    set_rules(session, people.sequencer, check_in=True)
    more = {"decide_by": NOW + HOUR} if status == "pending" else {}
    row = put(session, people, start, start + 2, status, **more)
    mei = actor(people.mei)

    with pytest.raises(WrongState) as refused:
        write(lambda s: miss(s, mei, row, NOW))

    assert refused.value.code == code


def test_where_nobody_checks_in_nobody_is_late(app, session, people):
    late = put(session, people, -0.25, 2)
    mei = actor(people.mei)

    assert "Needs a look" not in said(browser(app, people.mei).get("/today").text)
    with pytest.raises(WrongState):
        write(lambda s: miss(s, mei, late, NOW))


@pytest.mark.parametrize(("who", "sees"), [("mei", True), ("dee", True), ("ada", False),
                                           ("ops", False)])  # fmt: skip
def test_the_day_is_for_who_is_of_a_lab(app, session, people, who, sees):
    put(session, people, -1, 1)
    client = browser(app, getattr(people, who))

    assert client.get("/today").status_code == (200 if sees else 404)
    assert ('href="/today"' in client.get("/pools").text) == sees
    if who == "dee":
        assert "Ada" not in said(client.get("/today").text)
        assert client.get(f"/today?lab={people.west_lab.id}").status_code == 404


def test_a_door_names_nobody_but_to_the_lab(app, session, people):
    put(session, people, -1, 1)
    put(session, people, 3, 4)
    unit = factories.units_of(session, people.sequencer)[0].id

    for who, url, told in (
        ("mei", "", True), ("mei", "?names=0", False), ("cy", "", False), ("ada", "", False),
    ):  # fmt: skip
        text = said(browser(app, getattr(people, who)).get(f"/units/{unit}/door{url}").text)
        assert "Reserved until 10:00" in text
        assert "12:00–13:00" in text
        assert ("Ada · Alpha Bio" in text) == told
        assert ("Alpha" in text) == told


def test_a_unit_that_is_down_says_so_at_its_door(app, session, people):
    unit = factories.units_of(session, people.sequencer)[0]
    unit.state = "down"
    session.commit()

    text = said(browser(app, people.mei).get(f"/units/{unit.id}/door").text)

    assert "Out of service" in text


def test_the_day_takes_as_many_statements_for_many_units_as_for_few(app, session, people):
    client = browser(app, people.mei)

    def add(count):
        for _each in range(count):
            pool = factories.create_pool(session, lab_id=people.west_lab.id, site_id=people.site.id)
            put(session, people, -1, 1, pool=pool)

    def seen():
        with statements(session.get_bind()) as sent:
            assert client.get("/today").status_code == 200
        return len(sent)

    add(1)
    seen()
    few = seen()
    add(20)

    assert seen() == few
