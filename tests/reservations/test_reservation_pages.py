"""One reservation: seen, moved, cancelled."""

import pytest

from booking.approvals.services.deciding import approve
from booking.infra.db import write
from booking.reservations.models import Reservation
from booking.reservations.services.cancelling import cancel
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, fields, offers, said
from tests.reservations.steps import ask, at
from tests.statements import statements


@pytest.fixture
def people(clock, session):
    return cast(session)


def row(session, booked):
    session.rollback()
    return session.get(Reservation, booked.reservation_id, populate_existing=True)


def approved(people, start=10, end=11, **more):
    """Return Ada's approved reservation of the confocal pool."""
    booked = ask(actor(people.ada), start, end, pool_id=people.confocal.id, **more)
    write(lambda s: approve(s, actor(people.mei), booked.reservation_id, NOW))
    return booked


# --- one reservation --------------------------------------------------------------------


def test_a_reservation_shows_itself_and_what_comes_next(app, session, people):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id, note="第三批")

    text = said(browser(app, people.ada).get(f"/reservations/{booked.reservation_id}").text)

    for words in (
        row(session, booked).reference, "Tue 24 Nov 10:00–11:00 (1 h)", "China Standard Time",
        "Provisional", "Alpha Bio", "第三批", "Pending", "decides by Tue 24 Nov 09:00 (in 1 day)",
        "Requested for Tue 24 Nov 10:00–11:00 Mon 23 Nov 09:00, Ada",
    ):  # fmt: skip
        assert words in text


def test_the_owner_institution_sees_company_and_hours_only(app, people):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id, note="秘密")
    write(lambda s: cancel(s, actor(people.mei), booked.reservation_id, "内部原因", NOW))

    text = said(browser(app, people.rep).get(f"/reservations/{booked.reservation_id}").text)

    assert "Alpha Bio" in text
    assert not [word for word in ("秘密", "Ada", "内部原因") if word in text]


@pytest.mark.parametrize("who", ["cy", "dee"])
def test_a_foreign_reservation_answers_like_a_missing_one(app, people, who):
    booked = approved(people)
    client = browser(app, getattr(people, who))

    foreign = client.get(f"/reservations/{booked.reservation_id}")
    missing = client.get("/reservations/4711")

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert said(foreign.text) == said(missing.text)
    assert client.get("/reservations/9223372036854775808").status_code == 404


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("ada", ["Move or change", "Cancel reservation"]),
        ("bo", []),
        ("rep", []),
        ("mei", ["Move or change", "Cancel reservation", "Approve"]),
        ("ops", ["Move or change", "Cancel reservation", "Approve"]),
    ],
)
def test_only_what_the_reader_may_do_is_offered(app, people, who, sees):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)

    text = said(
        browser(app, getattr(people, who)).get(f"/reservations/{booked.reservation_id}").text
    )

    offered = [w for w in ("Move or change", "Cancel reservation", "Approve") if w in text]
    assert offered == sees


def test_an_expired_request_says_so_before_the_job_came_by(app, people, clock):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    clock.shift(hours=24)

    text = said(browser(app, people.ada).get(f"/reservations/{booked.reservation_id}").text)

    assert "Nobody decided in time" in text


# --- moving -----------------------------------------------------------------------------


def move(client, booked, **change):
    path = f"/reservations/{booked.reservation_id}/move"
    return client.post(path, data={**fields(client.get(path).text), **change})


def test_a_pending_request_moves_at_once(app, session, people):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    client = browser(app, people.ada)

    answer = move(client, booked, start="2026-11-24T13:00", end="2026-11-24T14:00")

    assert "It still waits" in said(client.get(answer.location).text)
    assert row(session, booked).start_at == at(13)


def test_a_change_of_an_approved_one_is_asked_for_and_shows_both_times(app, session, people):
    booked = approved(people)
    client = browser(app, people.ada)

    answer = move(client, booked, start="2026-11-24T13:00", end="2026-11-24T14:00")

    text = said(client.get(answer.location).text)
    assert "The change was asked for. Until the lab decides, Tue 24 Nov 10:00–11:00" in text
    assert "A change to Tue 24 Nov 13:00–14:00 waits" in text
    assert row(session, booked).start_at == at(10)


def test_shortening_keeps_the_approval(app, session, people):
    booked = approved(people, 10, 12)
    client = browser(app, people.ada)

    answer = move(client, booked, end="2026-11-24T11:00")

    assert "It stays approved" in said(client.get(answer.location).text)


def test_a_stale_form_is_told_and_can_be_sent_again(app, session, people):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    client = browser(app, people.ada)
    path = f"/reservations/{booked.reservation_id}/move"
    old = fields(client.get(path).text)
    move(client, booked, start="2026-11-24T12:00", end="2026-11-24T13:00")

    page = client.post(path, data={**old, "note": "getippt", "end": "2026-11-24T10:30"})

    assert page.status_code == 412
    assert "Somebody changed this" in said(page.text)
    assert "12:00–13:00" in said(page.text)
    again = fields(page.text)
    assert (again["note"], again["end"]) == ("getippt", "2026-11-24T10:30")
    assert client.post(path, data=again).status_code == 302
    assert row(session, booked).end_at == at(10.5)


def test_a_taken_time_offers_others_for_the_same_reservation(app, session, people):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.sequencer.id)
    ask(actor(people.cy), 11, 12, pool_id=people.sequencer.id)
    client = browser(app, people.ada)

    page = move(client, booked, start="2026-11-24T10:30", end="2026-11-24T11:30")

    assert page.status_code == 409
    [first, *_] = offers(page.text)
    client.post(f"/reservations/{booked.reservation_id}/move", data=first)
    assert row(session, booked).start_at == at(12)


def test_its_own_present_time_does_not_stand_in_its_way(app, session, people):
    booked = ask(actor(people.ada), 12, 13, pool_id=people.sequencer.id)
    ask(actor(people.cy), 11, 12, pool_id=people.sequencer.id)
    client = browser(app, people.ada)

    page = move(client, booked, start="2026-11-24T11:45", end="2026-11-24T12:45")

    assert offers(page.text)[0]["start"].startswith("2026-11-24T12:00")


def test_broken_rules_of_a_move_are_told_with_a_time_that_passes(app, session, people):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    client = browser(app, people.ada)

    page = move(client, booked, start="2026-11-24T10:07", end="2026-11-24T11:03")

    assert page.status_code == 422
    assert "multiple of 15" in said(page.text)
    [way] = offers(page.text)
    client.post(f"/reservations/{booked.reservation_id}/move", data=way)
    assert (row(session, booked).start_at, row(session, booked).end_at) == (at(10.25), at(11.25))


def test_who_may_only_look_may_not_move(app, people):
    booked = approved(people)
    path = f"/reservations/{booked.reservation_id}/move"

    for who in (people.bo, people.rep):
        assert browser(app, who).get(path).status_code == 403


# --- cancelling -------------------------------------------------------------------------


def test_cancelling_asks_on_a_page_of_its_own_without_a_script(app, session, people):
    booked = approved(people)
    client = browser(app, people.ada)
    path = f"/reservations/{booked.reservation_id}/cancel"

    page = client.get(path).text
    assert "Cancel this reservation?" in page
    assert row(session, booked).status == "approved"

    answer = client.post(path, data={"version": "2"})
    assert row(session, booked).status == "cancelled"
    assert "The time is free again" in said(client.get(answer.location).text)
    assert "already been cancelled" in said(client.post(path, follow_redirects=True).text)


def test_cancelling_somebody_elses_needs_a_reason(app, session, people):
    booked = approved(people)
    client = browser(app, people.mei)
    path = f"/reservations/{booked.reservation_id}/cancel"

    page = client.post(path, data={"reason": "  "})
    assert page.status_code == 422
    assert "Please give a reason" in said(page.text)

    client.post(path, data={"reason": "停电"})
    assert row(session, booked).reason == "停电"


def test_a_reservation_page_takes_few_statements(app, session, people):
    booked = approved(people)
    client = browser(app, people.mei)
    path = f"/reservations/{booked.reservation_id}"
    client.get(path)
    with statements(session.get_bind()) as sent:
        client.get(path)

    # session with consent, parties and labs; the reservation, its steps; its units, their names,
    # answers; history; inbox's count; the pool, its units and what comes after it on them;
    # colleagues; the reasons of the lab that may cancel it
    assert len(sent) == 14, sent


def test_a_change_that_waits_is_withdrawn_by_a_button(app, session, people):
    booked = approved(people)
    here = f"/reservations/{booked.reservation_id}"
    ada, mei = browser(app, people.ada), browser(app, people.mei)
    move(ada, booked, start="2026-11-24T13:00", end="2026-11-24T14:00")
    assert "Withdraw the change" not in mei.get(here).text  # who rejects it

    for said_then in ("is withdrawn. The time stays Tue 24 Nov 10:00", "No change of this"):
        assert ("Withdraw the change" in ada.get(here).text) is ("stays" in said_then)
        ada.post(f"{here}/withdraw", data={})
        assert said_then in said(ada.get(here).text)

    assert "Change withdrawn; the old time stays" in said(ada.get(here).text)
