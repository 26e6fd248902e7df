"""Passwords forgotten: same answer and work for all, one use, and what ends with it."""

import re

import pytest
from sqlalchemy import func, select

from booking.accounts.jobs import SET_PASSWORD_PATH, reset_passwords
from booking.accounts.models import OneTimeLink, ResetRequest
from booking.accounts.services.links import CHANGE_EMAIL, create_link, new_link
from booking.accounts.services.resets import life
from booking.accounts.services.tokens import create_token
from booking.infra.db import db, write
from booking.infra.outbox import Outbox
from booking.reminders.jobs.deliver import deliver_due
from tests import factories
from tests.accounts.proving import is_in, letters, sign_in
from tests.conftest import NOW
from tests.pages import browser, said
from tests.reminders.steps import header, written
from tests.statements import statements

FORGOTTEN = "/account/forgotten"
NEW = {"password": "a brand new one"}


def forget(app, email):
    return browser(app).post(FORGOTTEN, data={"email": email})


def told_path():
    """Return the path in the newest letter about a forgotten password, None without one."""
    query = select(Outbox.parameters).where(Outbox.kind == "reset_password")
    found = db.session.scalars(query.order_by(Outbox.id.desc())).first()
    db.session.rollback()
    return re.search(r"/account/set-password/[\w-]+", found)[0] if found else None


@pytest.fixture
def link(any_app, ada):
    """Return the path in the letter Ada gets after she forgot her password."""
    assert forget(any_app, " Ada@Test.example").status_code == 200
    reset_passwords()
    return told_path()


def test_known_and_unknown_get_the_same_answer_for_the_same_work(any_app, any_session, ada):
    factories.create_user(any_session, email="gone@test.example", retired_at=NOW)
    forget(any_app, "first@test.example")  # the first request looks at the database's guards
    answers, work = set(), set()
    for name in ("ada", "nobody", "gone"):
        with statements(db.engine) as sent:
            answer = forget(any_app, f"{name}@test.example")
        answers.add((answer.status_code, said(answer.text).replace(name, "X")))
        work.add(tuple(sent))
    assert len(answers) == len(work) == 1

    reset_passwords()
    assert any_session.scalar(select(func.count(Outbox.id))) == 1
    assert any_session.scalar(select(func.count(ResetRequest.id))) == 0


def test_the_link_sets_a_password_once_and_ends_all_else(any_app, any_session, ada, link):
    ada_id, other = ada.id, browser(any_app, ada)
    token = write(lambda s: create_token(s, None, ada_id, ("read",), NOW))
    invited = write(lambda s: create_link(s, ada_id, 72, NOW))
    client = browser(any_app)

    assert client.post(link, data=NEW).status_code == 302
    assert (is_in(client), is_in(other)) == (True, False)
    asked = any_app.test_client().get(
        "/api/v1/reservations", headers={"Authorization": f"Bearer {token}"}
    )
    assert asked.status_code == 401
    for path in (link, f"/account/set-password/{invited}"):
        assert browser(any_app).post(path, data=NEW).status_code == 404
    assert letters(ada_id)[-1] == "password_changed"


def test_the_letter_leads_there_and_is_forgotten(any_app, any_session, ada, link):
    deliver_due()
    message = written(any_app)

    assert f"http://localhost{link}" in message.text
    assert header(message, "To").endswith("<ada@test.example>")
    assert link not in any_session.scalars(select(Outbox.parameters)).one()


def test_a_link_lives_an_hour_and_ends_with_a_newer_one(any_app, ada, link, clock):
    forget(any_app, "ada@test.example")
    reset_passwords()
    newer = told_path()
    assert browser(any_app).get(link).status_code == 404
    assert browser(any_app).get(newer).status_code == 200
    clock.shift(minutes=61)
    assert browser(any_app).get(newer).status_code == 404


def test_no_setting_makes_a_link_live_longer(app, session):
    app.config["RESET_MINUTES"] = 600
    assert life().total_seconds() == 3600


def test_a_link_of_another_purpose_sets_no_password(any_app, ada, clock):
    ada_id = ada.id
    token = write(lambda s: new_link(s, ada_id, CHANGE_EMAIL, life(), NOW, "new@test.example"))
    assert browser(any_app).post(f"/account/set-password/{token}", data=NEW).status_code == 404


def test_an_unfit_password_leaves_the_link(any_app, ada, link):
    client = browser(any_app)
    assert client.post(link, data={"password": "password123"}).status_code == 422
    assert client.post(link, data=NEW).status_code == 302


def test_a_reset_does_not_stand_in_for_the_second_factor(any_app, ada, enrolled):
    forget(any_app, "ada@test.example")
    reset_passwords()
    client = browser(any_app)
    answer = client.post(told_path(), data=NEW)

    assert answer.headers["Location"].startswith("/account/second-factor")
    assert not is_in(client)
    assert sign_in(browser(any_app), NEW["password"]).status_code == 302


def test_letters_are_not_sent_without_end(any_app, any_session, ada):
    statuses = [forget(any_app, "ada@test.example").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert forget(any_app, "other@test.example").status_code == 200


def test_a_job_knows_the_pages_path(app):
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        assert adapter.match(SET_PASSWORD_PATH.format(token="x"))[0] == "accounts.set_password"


def test_a_link_is_stored_only_as_its_hash(any_session, link):
    assert link.rsplit("/", 1)[1] not in any_session.scalars(select(OneTimeLink.token_hash)).all()
