"""Waiting by page: from a taken time into the queue, an offer taken or declined, the lab's view."""

import pytest

from booking.infra.db import write
from booking.policies.rules.questions import Question
from booking.policies.services.questions import set_questions
from booking.reservations.models import Reservation, WaitlistEntry
from booking.reservations.rules.dealing import Dealing
from booking.reservations.services.breakdown import take_out_of_service
from booking.reservations.services.cancelling import cancel
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor, units_of
from tests.pages import browser, fields, said
from tests.reservations.ruled import set_rule
from tests.reservations.steps import ask


@pytest.fixture
def people(clock, session):
    return cast(session)


@pytest.fixture
def taken(people):
    """Return the lab's own reservation of the only sequencer, Tuesday 08:00–10:00."""
    return ask(actor(people.mei), 8, 10, pool_id=people.sequencer.id).reservation_id


def typed(**more):
    times = {"start": "2026-11-24T08:00", "end": "2026-11-24T10:00", "minutes": "120"}
    return {**times, "kind": "offer", "quantity": "1", "purpose": "research", "note": "三", **more}


def entry(session):
    session.rollback()
    return session.query(WaitlistEntry).order_by(WaitlistEntry.id.desc()).first()


def test_a_taken_time_leads_into_the_queue_and_to_the_reservation(app, session, people, taken):
    ada, path = browser(app, people.ada), f"pool_id={people.sequencer.id}"
    booking = {**typed(), "start": "2026-11-24T09:00", "key": "0" * 32}
    refused = ada.post(f"/reserve?{path}", data=booking)
    assert refused.status_code == 409
    assert "Wait for this time" in said(refused.text)
    link = refused.text.split('href="/waitlist/new?')[1].split('"')[0].replace("&amp;", "&")
    form = fields(ada.get(f"/waitlist/new?{link}").text)
    assert (form["start"], form["end"], form["minutes"]) == (
        "2026-11-24T09:00", "2026-11-24T10:00", "60",
    )  # fmt: skip

    joined = ada.post(f"/waitlist/new?{path}", data=typed())
    assert joined.location == "/waitlist"
    shown = said(ada.get("/waitlist").text)
    assert "You are in the queue" in shown
    assert "No. 1" in shown
    write(lambda s: cancel(s, actor(people.mei), taken, "frei", NOW))
    shown = said(ada.get("/waitlist").text)
    assert "Tue 24 Nov 08:00–10:00" in shown
    assert "Kept until" in shown

    one = entry(session)
    answer = ada.post(f"/waitlist/{one.id}/accept")

    row = session.query(Reservation).order_by(Reservation.id.desc()).first()
    assert answer.location == f"/reservations/{row.id}"
    assert (row.user_id, row.note) == (people.ada.id, "三")
    # A second click finds nothing to take, and says so.
    again = ada.post(f"/waitlist/{one.id}/accept")
    assert again.location == "/waitlist"
    assert "no offer to decide on" in said(ada.get("/waitlist").text)


def test_what_was_typed_stays_when_it_is_refused(app, people, taken):
    ada, path = browser(app, people.ada), f"/waitlist/new?pool_id={people.sequencer.id}"
    for more, told in (
        ({"minutes": "600"}, "The slot does not fit"),
        ({"minutes": "0"}, "Give a length in minutes"),
        ({"start": "soon"}, "Not before"),
        ({"minutes": "7", "end": "2026-11-25T10:00"}, "Please check these entries"),
    ):
        refused = ada.post(path, data=typed(**more))
        assert refused.status_code == 422
        assert told in said(refused.text)
        assert fields(refused.text)["note"] == "三"


def test_the_lab_sees_the_queue_and_others_do_not(app, session, people, taken):
    browser(app, people.ada).post(f"/waitlist/new?pool_id={people.sequencer.id}", data=typed())
    path = f"/pools/{people.sequencer.id}/waitlist"
    shown = said(browser(app, people.mei).get(path).text)
    assert "Ada" in shown
    assert "No. 1" in shown
    assert browser(app, people.cy).get(path).status_code == 404


def test_leaving_and_asking_for_an_earlier_time(app, session, people, taken):
    mei = browser(app, people.mei)
    mine = ask(actor(people.mei), 10, 12, pool_id=people.sequencer.id).reservation_id
    assert "Earlier, if time becomes free" in said(mei.get(f"/reservations/{mine}").text)
    assert mei.post(f"/reservations/{mine}/move-up").location == "/waitlist"
    one = entry(session)
    assert (one.kind, one.reservation_id) == ("move_up", mine)
    assert mei.post(f"/reservations/{mine}/move-up").location == f"/reservations/{mine}"
    assert mei.post(f"/waitlist/{one.id}/leave").location == "/waitlist"
    assert entry(session).state == "left"


def test_what_a_group_asks_is_answered_before_the_offer_is_taken(app, session, people, taken):
    mei = actor(people.mei)
    question = Question("sample", "text", "样品", "Sample", required=True)
    write(lambda s: set_questions(s, mei, people.sequencer.id, [question], NOW))
    ada = browser(app, people.ada)
    ada.post(f"/waitlist/new?pool_id={people.sequencer.id}", data=typed())
    write(lambda s: cancel(s, mei, taken, "frei", NOW))
    address = f"/waitlist/{entry(session).id}/accept"
    asked = ada.post(address)
    assert "Sample" in said(asked.text)
    unanswered = ada.post(address, data={"answered": "1"})
    assert (unanswered.status_code, entry(session).state) == (422, "offered")
    done = ada.post(address, data={"answered": "1", "answer-sample": "第三批"})
    assert (done.status_code, entry(session).state) == (302, "taken")
    assert "第三批" in said(ada.get(done.location).text)


def test_who_comes_first_after_a_fault_is_seen_with_the_reason(app, session, people):
    set_rule(session, "priority_after_fault", value=True)
    unit = units_of(session, people.sequencer)[0].id
    mine = ask(actor(people.ada), 8, 10, unit_id=unit).reservation_id
    decided = Dealing(rest="cancel", reason="故障")
    write(lambda s: take_out_of_service(s, actor(people.mei), unit, "", decided, NOW))
    session.rollback()
    reference = session.get(Reservation, mine).reference

    for reader, path in (
        (people.ada, "/waitlist"), (people.mei, f"/pools/{people.sequencer.id}/waitlist"),
    ):  # fmt: skip
        shown = said(browser(app, reader).get(path).text)
        assert f"Comes first: a fault took {reference}." in shown
