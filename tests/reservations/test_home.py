"""The first page: what to do now, what comes, what is at hand; as fast with much as with little."""

import re

import pytest

from booking.infra.db import db, write
from booking.inventory.services.favourites import keep
from booking.reservations.services.cancelling import cancel
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, said
from tests.reservations.steps import ask, at
from tests.statements import statements


@pytest.fixture
def people(clock, session):
    return cast(session)


def home(app, user, locale="en"):
    answer = browser(app, user, locale).get("/")
    assert answer.status_code == 200
    return said(answer.text)


def statement_count(app, user):
    client = browser(app, user)
    client.get("/")
    with app.app_context(), statements(db.engine) as log:
        assert client.get("/").status_code == 200
    return len(log)


def test_who_is_not_signed_in_is_asked_to(app, people):
    assert browser(app).get("/").location == "/account/sign-in"


def test_a_first_day_shows_three_steps(app, people):
    text = home(app, people.ada)

    assert "Three steps to your first reservation" in text
    assert "My next reservations" not in text
    assert "三步完成首次预约" in home(app, people.ada, "zh_Hans_CN")


def test_what_waits_for_a_decision_says_who_decides_and_who_decides_is_told(app, people):
    ask(actor(people.ada), 10, 12, pool_id=people.confocal.id)

    text = home(app, people.ada)
    assert "Confocal microscope" in text
    assert "成像实验室 decides by" in text
    assert "1 request to decide the oldest asked now" in home(app, people.mei)
    assert "request to decide" not in home(app, people.dee)


def test_what_runs_can_be_ended_at_once(app, clock, people):
    booked = ask(actor(people.ada), 10, 12, pool_id=people.automatic.id)
    assert "End now" not in home(app, people.ada)

    clock.move_to(at(10.5))
    page = browser(app, people.ada).get("/")
    assert f'action="/reservations/{booked.reservation_id}/check-out"' in page.text


def test_an_offer_stands_with_its_deadline(app, people):
    taken = ask(actor(people.mei), 8, 10, pool_id=people.sequencer.id).reservation_id
    ada = browser(app, people.ada)
    times = {"start": "2026-11-24T08:00", "end": "2026-11-24T10:00", "minutes": "120"}
    wish = {**times, "kind": "offer", "quantity": "1", "purpose": "research", "note": ""}
    ada.post(f"/waitlist/new?pool_id={people.sequencer.id}", data=wish)
    assert "A slot in my turn · No. 1" in home(app, people.ada)
    write(lambda s: cancel(s, actor(people.mei), taken, "x", NOW))

    text = home(app, people.ada)
    assert "Take or decline: " in text
    assert "Kept until" in text


def test_colleagues_use_is_counted_and_nobody_named(app, people):
    for hour in (9, 11):
        ask(actor(people.bo), hour, hour + 1, pool_id=people.automatic.id)
    ask(actor(people.cy), 13, 14, pool_id=people.sequencer.id)

    text = home(app, people.ada)
    assert "Used in your company" in text
    assert "2 reservations in 90 days" in text
    assert "Bo" not in text.replace("Book", "").replace("Booking", "")
    assert "Used in your company" not in home(app, people.cy)  # another company's
    ask(actor(people.ada), 15, 16, pool_id=people.automatic.id)
    text = home(app, people.ada)
    assert "Used in your company" not in text  # known by now
    assert "Recently used" in text


def test_favourites_stand_first_and_once(app, people):
    ask(actor(people.ada), 15, 16, pool_id=people.automatic.id)
    write(lambda s: keep(s, actor(people.ada), people.automatic.id, NOW))

    page = browser(app, people.ada).get("/").text
    aside = page[page.index("<aside") :]
    assert 'id="favourites-title"' in aside
    assert len(re.findall(rf'class="title" href="/pools/{people.automatic.id}"', aside)) == 1


def test_the_same_statements_for_much_as_for_little(app, people):
    ask(actor(people.ada), 8, 9, pool_id=people.confocal.id)
    names = ("ada", "bo", "mei", "ops")
    few = {name: statement_count(app, getattr(people, name)) for name in names}
    pools = [people.confocal, people.automatic, people.sequencer, people.east_pool]
    for day in range(3):
        for place, pool in enumerate(pools):
            person = people.bo if place % 2 else people.ada
            ask(actor(person), 10 + 24 * day, 12 + 24 * day, pool_id=pool.id)
            write(lambda s, pool=pool: keep(s, actor(people.ada), pool.id, NOW))

    assert {name: statement_count(app, getattr(people, name)) for name in few} == few
