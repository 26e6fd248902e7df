"""A day that opens fairly, by page: asked for, taken back, decided, and shown to the lab."""

import pytest

from booking.reservations import jobs
from booking.reservations.models import DrawEntry
from tests.cast import cast
from tests.pages import browser, said
from tests.reservations.ruled import set_rule


@pytest.fixture
def people(clock, session):
    """Return the cast; the sequencer's Wednesday opens fairly until 09:30."""
    found = cast(session)
    found.sequencer.horizon_days = 2
    set_rule(session, "opens_at_minute", 9 * 60, pool=found.sequencer)
    set_rule(session, "fair_opening_minutes", 30, pool=found.sequencer)
    return found


def typed(**more):
    times = {"start": "2026-11-25T09:00", "end": "2026-11-25T10:00"}
    return {**times, "key": "0" * 32, "quantity": "1", "purpose": "research", **more}


def states(session):
    session.rollback()
    return [row.state for row in session.query(DrawEntry).order_by(DrawEntry.id)]


def test_a_request_is_collected_and_can_be_taken_back(app, session, people):
    ada, path = browser(app, people.ada), f"/reserve?pool_id={people.sequencer.id}"
    assert "Wed 25 Nov opens fairly." in said(ada.get(f"/pools/{people.sequencer.id}").text)
    shown = said(ada.get(path).text)
    assert "Wed 25 Nov opens fairly." in shown
    assert "Requests until Mon 23 Nov 09:30 are drawn by least recent use" in shown
    assert "With a reason you may book" in said(browser(app, people.mei).get(path).text)
    assert ada.post(path, data=typed()).location == "/waitlist"
    shown = said(ada.get("/waitlist").text)
    assert "Your request is collected." in shown
    assert "To be decided Mon 23 Nov 09:30" in shown
    taken_back = ada.post(f"/draw-entries/{session.query(DrawEntry).one().id}/withdraw")
    assert taken_back.location == "/waitlist"
    assert states(session) == ["withdrawn"]
    assert "Taken back" in said(ada.get("/waitlist").text)


def test_too_early_says_when_the_day_opens(app, people):
    late = typed(start="2026-11-30T09:00", end="2026-11-30T10:00")
    refused = browser(app, people.ada).post(f"/reserve?pool_id={people.sequencer.id}", data=late)
    assert "they open Sat 28 Nov 09:00" in said(refused.text)


def test_everybody_learns_their_place_and_the_lab_sees_all(app, session, people, clock):
    path = f"/reserve?pool_id={people.sequencer.id}"
    for who in (people.ada, people.cy):
        browser(app, who).post(path, data=typed())
    clock.shift(minutes=30)
    jobs.draw()
    loser = people.ada if states(session)[0] == "lost" else people.cy
    shown = said(browser(app, loser).get("/waitlist").text)
    assert "No. 2 of 2: turn 1, own use 0 min, company's use 0 min, lot " in shown
    assert "Taken by those before." in shown
    assert "Wait for this time" in shown
    lab = browser(app, people.mei)
    assert "With a reason you may book" not in said(lab.get(path).text)
    assert "Fair opening" in said(lab.get(f"/pools/{people.sequencer.id}/waitlist").text)
    shown = said(lab.get(f"/pools/{people.sequencer.id}/draws").text)
    for words in ("Wed 25 Nov", "Decided Mon 23 Nov 09:30", "Ada", "Cy", "Got it", "Alpha Bio"):
        assert words in shown
    assert browser(app, people.cy).get(f"/pools/{people.sequencer.id}/draws").status_code == 404
