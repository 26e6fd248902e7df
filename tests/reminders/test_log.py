"""The operator's delivery log: who may read it, how it is narrowed, sending again."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.accounts.services.sessions import start_session
from booking.audit.models import Audit
from booking.infra import outbox
from booking.infra.db import db, write
from booking.infra.outbox import Message, Outbox, enqueue
from booking.reminders.jobs.deliver import deliver_due
from tests import factories
from tests.conftest import NOW
from tests.reminders.steps import put, rows, the_row, written
from tests.statements import statements


@pytest.fixture
def as_(any_client):
    """Return a function that signs the browser in as somebody."""

    def sign_in(user):
        user_id = user.id
        token = write(lambda s: start_session(s, user_id, "127.0.0.1", "test", NOW))
        with any_client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["locale"] = "en"
        return any_client

    return sign_in


def mark(session, number, **columns):
    """Give a message other columns."""
    for name, value in columns.items():
        setattr(session.get(Outbox, number), name, value)
    session.commit()


def audited(session):
    """Return what is written down about sending again."""
    return session.scalars(select(Audit).where(Audit.action == "message.send_again")).all()


PATHS = ["/messages", "/messages/1", "/messages/1.eml"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["ada", "bo", "mei", "rep"])
def test_only_the_operator_reads_it(any_session, park, reservation, as_, who, path):
    put("approved", park.ada, reservation)
    deliver_due()

    assert as_(getattr(park, who)).get(path).status_code == 404
    assert as_(park.ops).get(path).status_code == 200


def test_a_visitor_is_led_to_sign_in(any_client, park):
    answer = any_client.get("/messages")

    assert (answer.status_code, answer.location.split("?")[0]) == (302, "/account/sign-in")


def test_only_the_operator_sends_again(any_session, park, reservation, as_):
    put("approved", park.ada, reservation)
    mark(any_session, 1, state=outbox.DEAD, next_try_at=None)

    assert as_(park.mei).post("/messages/1/send-again").status_code == 404
    assert the_row(any_session).state == outbox.DEAD


@pytest.mark.parametrize("state", [outbox.DEAD, outbox.MISSED])
def test_what_failed_is_sent_again(any_session, park, reservation, as_, state):
    put("approved", park.ada, reservation, useful_until=NOW - timedelta(hours=1))
    mark(any_session, 1, state=state, next_try_at=None, attempts=10, error="refused")

    browser = as_(park.ops)
    assert "Send again" in browser.get("/messages/1").text
    assert browser.post("/messages/1/send-again").location == "/messages/1"
    assert deliver_due().sent == 1

    row = the_row(any_session)
    assert (row.state, row.attempts, row.error) == ("sent", 1, None)
    (done,) = audited(any_session)
    assert (done.subject_id, done.actor_id) == (1, park.ops.id)


@pytest.mark.parametrize("state", [outbox.DEAD, outbox.MISSED])
def test_an_invitation_is_sent_again_with_a_new_link(any_app, any_session, park, as_, clock, state):
    browser, cy_id = as_(park.ops), park.cy.id
    old = browser.post(f"/park/people/{cy_id}/link").text.partition('value="http://localhost')[2]
    old = old.partition('"')[0]
    assert any_app.test_client().get(old).status_code == 200
    mark(any_session, 1, state=state, next_try_at=None)
    clock.shift(hours=73)  # its link is over by now

    browser = as_(park.ops)
    answer = browser.post("/messages/1/send-again", follow_redirects=True)
    assert "new link" in answer.text
    assert deliver_due().sent == 1

    states = [row.state for row in rows(any_session)]
    assert states == [outbox.VOID, outbox.SENT]
    new = re.search(r"http://localhost(/account/set-password/\S+)", written(any_app, 2).text)[1]
    assert any_app.test_client().get(new).status_code == 200
    assert any_app.test_client().get(old).status_code == 404
    assert len(audited(any_session)) == 1


def test_no_link_is_sent_to_somebody_who_left(any_session, park, as_):
    browser, cy_id = as_(park.ops), park.cy.id
    browser.post(f"/park/people/{cy_id}/link")
    mark(any_session, 1, state=outbox.DEAD, next_try_at=None)
    browser.post(f"/park/people/{cy_id}/retire")

    answer = browser.post("/messages/1/send-again", follow_redirects=True)

    assert "This has been retired." in answer.text
    assert the_row(any_session).state == outbox.DEAD


def test_what_went_out_is_not_sent_again(any_session, park, reservation, as_):
    put("approved", park.ada, reservation)
    deliver_due()

    browser = as_(park.ops)
    assert "Send again" not in browser.get("/messages/1").text
    answer = browser.post("/messages/1/send-again", follow_redirects=True)

    assert "has not failed" in answer.text
    assert the_row(any_session).attempts == 1
    assert audited(any_session) == []


def test_a_message_that_is_not_there_is_missing(any_session, park, as_):
    browser = as_(park.ops)

    for path in ("/messages/99", "/messages/99.eml", "/messages/x", "/messages/../1.eml"):
        assert browser.get(path).status_code == 404
    assert browser.post("/messages/99/send-again").status_code == 404


def test_the_text_is_shown_and_handed_out_as_a_file(any_session, park, reservation, as_):
    put("approved", park.ada, reservation)
    deliver_due()
    browser = as_(park.ops)

    page = browser.get("/messages/1").text
    file = browser.get("/messages/1.eml")

    assert "激光共聚焦显微镜" in page
    assert "BEGIN:VCALENDAR" in page
    assert "ada@test.example" in page
    assert file.mimetype == "message/rfc822"
    assert file.headers["Content-Disposition"] == "attachment; filename=1.eml"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert b"Message-ID: <outbox.1." in file.data


def test_a_message_not_yet_sent_has_no_text(any_session, park, reservation, as_):
    put("reminder", park.ada, reservation, due=NOW + timedelta(hours=1))
    browser = as_(park.ops)

    assert "Not written yet" in browser.get("/messages/1").text
    assert browser.get("/messages/1.eml").status_code == 404


# query → the kinds that are left; of approved (sent, Ada), rejected (failed, Ada), moved (Bo)
FILTERS = [
    ("", ["moved", "rejected", "approved"]),
    ("?state=sent", ["approved"]),
    ("?state=dead", ["rejected"]),
    ("?kind=moved", ["moved"]),
    ("?recipient=ADA", ["rejected", "approved"]),
    ("?recipient=bo@test", ["moved"]),
    ("?recipient=%25", []),
    ("?recipient=nobody", []),
    ("?state=sent&recipient=bo", []),
    ("?state=nonsense&kind=nonsense&page=nonsense", ["moved", "rejected", "approved"]),
    ("?page=999999999999999999999", []),
]
LABELS = {
    "approved": "Request approved",
    "rejected": "Request rejected",
    "moved": "Reservation changed",
}


@pytest.mark.parametrize(("query", "kinds"), FILTERS)
def test_the_log_is_narrowed(any_session, park, reservation, as_, query, kinds):
    put("approved", park.ada, reservation)
    put("rejected", park.ada, reservation)
    put("moved", park.bo, reservation)
    mark(any_session, 1, state=outbox.SENT)
    mark(any_session, 2, state=outbox.DEAD)

    page = as_(park.ops).get(f"/messages{query}").text

    table = page.partition("<tbody>")[2]
    found = [kind for kind in LABELS if f">{LABELS[kind]}</a>" in table]
    assert sorted(found) == sorted(kinds)


def test_a_message_names_its_reservation_as_people_do(any_session, park, reservation, as_):
    put("approved", park.ada, reservation)
    client, reference = as_(park.ops), reservation.reference

    assert f"Reservation {reference}" in client.get("/messages").text
    assert f"Reservation {reference}" in client.get("/messages/1").text


def test_an_empty_log_says_what_will_come(any_session, park, as_):
    assert "No message yet" in as_(park.ops).get("/messages").text


def test_the_operators_navigation_counts_what_failed(any_session, park, reservation, as_):
    for key in "ab":
        put("approved", park.ada, reservation, key=key)
    mark(any_session, 1, state=outbox.DEAD)

    assert '<span class="count">1</span>' in as_(park.ops).get("/messages").text


def test_pages_cost_the_same_however_long_the_log(any_app, any_session, park, reservation, as_):
    browser = as_(park.ops)

    def cost():
        with statements(db.engine) as sent:
            assert browser.get("/messages").status_code == 200
        return len(sent)

    put("approved", park.ada, reservation)
    cost()
    short = cost()
    people = [factories.create_user(any_session).id for _ in range(20)]
    write(
        lambda s: enqueue(
            s,
            [
                Message(f"k{n}", "approved", people[n % 20], f"reservation:{reservation.id}", NOW)
                for n in range(300)
            ],
            NOW,
        )
    )

    assert cost() == short
    assert "1–50 of 301" in browser.get("/messages").text


def test_what_went_out_and_was_void_then_says_both(any_session, park, reservation, as_):
    put("approved", park.ada, reservation)
    deliver_due()
    mark(any_session, 1, state=outbox.VOID)

    assert "Sent, then void" in as_(park.ops).get("/messages").text


def test_markup_in_a_message_stays_text_on_the_page(any_session, park, reservation, as_):
    put("change_requested", park.mei, reservation)
    deliver_due()

    page = as_(park.ops).get("/messages/1").text
    assert "lines &lt;b&gt;" in page
    assert '<a href="http://localhost/inbox"' in page
