"""The page on which several instruments are put together and booked as one."""

import re

import pytest
from sqlalchemy import select

from booking.infra.db import write
from booking.policies.models import Agreement
from booking.policies.rules.questions import Question
from booking.policies.services.questions import set_agreement, set_questions
from booking.reservations.models import ReservationAnswer
from booking.reservations.queries.groups import visible_group
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor, create_user
from tests.pages import browser, fields, said
from tests.reservations.steps import ask, at

URL = "/reserve/together"


@pytest.fixture
def people(clock, session):
    return cast(session)


@pytest.fixture
def page(app, people):
    return browser(app, people.ada)


def form(people, **more):
    return {
        "pool_id": [people.automatic.id, people.sequencer.id], "quantity": ["1", "1"],
        "minutes": ["60", "120"], "least": ["0", "0"], "most": ["", "30"], "mode": "bundle",
        "start": "2026-11-24T09:00", "end": "2026-11-24T11:00", "purpose": "research", **more,
    }  # fmt: skip


def test_instruments_are_added_by_name_and_taken_out(page, people):
    found = page.post(URL, data={"find": "Sequencer", "do": "find"}).text
    assert f'value="add:{people.sequencer.id}"' in found
    assert "Nothing matches" in said(page.post(URL, data={"find": "xyz", "do": "find"}).text)

    one = page.post(URL, data={"do": f"add:{people.sequencer.id}"}).text
    assert "1. Sequencer" in said(one)
    gone = page.post(URL, data={"pool_id": people.sequencer.id, "do": "remove:0"}).text
    assert "Nothing yet" in said(gone)


def test_what_is_not_ones_to_see_is_neither_found_nor_added(page, people):
    found = page.post(URL, data={"find": "Mass", "do": "find"}).text
    assert f"add:{people.unshared.id}" not in found
    added = page.post(URL, data={"do": f"add:{people.unshared.id}"})
    assert "Nothing yet" in said(added.text)


def test_who_has_no_place_reads_whom_to_ask_instead_of_a_form(app, people, session):
    nobody = create_user(session)
    asked = f"{URL}?pool_id={people.sequencer.id}"
    found = browser(app, nobody).get(asked).text
    assert "You cannot book yet" in said(found)
    assert "Look whether it is free" not in found
    assert "You cannot book yet" not in browser(app, people.ada).get(asked).text


def test_a_bundle_is_looked_at_and_booked(page, people, session):
    seen = page.post(URL, data=form(people, do="look"))
    assert seen.status_code == 200
    assert said(seen.text).count("Free") == 2

    done = page.post(URL, data=form(people, do="book", key=fields(seen.text)["key"]))
    assert done.status_code == 302
    shown = said(page.get(done.location).text)
    assert "Bundle" in shown
    assert shown.count("09:00–11:00") == 2


def test_a_taken_part_is_told_with_the_next_time_for_all(page, people):
    ask(actor(people.cy), 9, 10, pool_id=people.sequencer.id)

    for do, status in (("look", 200), ("book", 409)):
        seen = page.post(URL, data=form(people, do=do))
        assert seen.status_code == status
        assert "All could be had: Tue 24 Nov 10:00–12:00" in said(seen.text)
    assert re.findall(r'name="most" value="([^"]*)"', seen.text) == ["", "30"]  # nothing is lost


def test_a_sequence_is_found_and_booked(page, people, session):
    ask(actor(people.cy), 9, 12, pool_id=people.sequencer.id)
    wanted = form(people, mode="chain", end="2026-11-25T09:00")

    seen = page.post(URL, data={**wanted, "do": "look"})
    assert "Centrifuge Tue 24 Nov 10:30–11:30" in said(seen.text)
    done = page.post(URL, data={**wanted, "do": "book"})
    group_id = int(done.location.rsplit("/", 1)[1])
    session.rollback()
    found = visible_group(session, actor(people.ada), group_id)
    assert [m.row.start_at for m in found.members] == [at(10.5), at(12)]

    none = page.post(URL, data={**wanted, "do": "look", "end": "2026-11-24T11:00"})
    assert none.status_code == 409
    assert "No such sequence is free in this time." in said(none.text)


@pytest.mark.parametrize(
    "more",
    [
        {"minutes": ["x", "60"], "mode": "chain"},
        {"quantity": ["", "1"]},
        {"least": ["0", "9" * 20], "mode": "chain"},
        {"minutes": ["0", "60"], "mode": "chain"},
        {"start": ""},
        {"pool_id": [1]},
    ],
)
def test_unfit_numbers_are_refused(page, people, more):
    assert page.post(URL, data=form(people, do="look", **more)).status_code == 422


def test_each_instruments_questions_are_asked(page, people, session):
    mei = actor(people.mei)
    question = Question("sample", "text", "样品", "Sample", required=True)
    write(lambda s: set_questions(s, mei, people.sequencer.id, [question], NOW))
    write(lambda s: set_agreement(s, mei, ("pool", str(people.automatic.id)), "安全", "…", NOW))
    number = session.scalars(select(Agreement.id)).one()
    refused = page.post(URL, data=form(people, do="look"))
    assert "Asked for Sequencer" in said(refused.text)
    assert "This cannot be booked as asked" in said(refused.text)
    given = {f"answer-{people.sequencer.id}-sample": "第三批", "accept": str(number)}
    seen = page.post(URL, data=form(people, do="look", **given))
    assert said(seen.text).count("Free") == 2
    done = page.post(URL, data=form(people, do="book", key=fields(seen.text)["key"], **given))
    assert done.status_code == 302
    [answer] = session.scalars(select(ReservationAnswer.answers)).all()
    assert "第三批" in answer
