"""Changing the address: proven at the new one, told to the old one."""

import re

import pytest
from sqlalchemy import select

from booking.accounts.models import User
from booking.infra.outbox import Outbox
from booking.reminders.jobs.deliver import deliver_due
from tests import factories
from tests.accounts.proving import letters, sign_in
from tests.pages import browser, said
from tests.reminders.steps import header, written

EMAIL = "/account/email"


def ask(client, address=" New@Test.example "):
    return client.post(EMAIL, data={"email": address})


@pytest.fixture
def link(any_app, any_session, her):
    """Return the path in the letter to the new address."""
    assert ask(her).status_code == 200
    told = any_session.scalars(select(Outbox.parameters)).one()
    any_session.rollback()
    return re.search(r"/account/email/[\w-]+", told)[0]


def test_the_new_address_counts_once_it_is_proven(any_app, any_session, ada, her, link):
    ada_id = ada.id
    deliver_due()
    assert header(written(any_app), "To").endswith("<new@test.example>")
    assert her.get(link).status_code == 200
    assert sign_in(browser(any_app), email="new@test.example").status_code == 422

    assert her.post(link).status_code == 302
    assert any_session.get_one(User, ada_id).email == "new@test.example"
    any_session.rollback()
    deliver_due()
    assert header(written(any_app, 2), "To").endswith("<ada@test.example>")
    assert "new@test.example" in written(any_app, 2).text
    assert sign_in(browser(any_app), email="new@test.example").status_code == 302
    assert her.post(link).status_code == 404


def test_only_who_asked_can_confirm(any_app, any_session, ada, link):
    bo = browser(any_app, factories.create_user(any_session))
    assert bo.post(link).status_code == 404
    assert browser(any_app).post(link).status_code == 302  # to sign-in
    assert any_session.scalars(select(User.email).where(User.id == ada.id)).one() == (
        "ada@test.example"
    )


def test_anothers_address_gets_no_letter_and_is_not_given_away(any_app, any_session, ada, her):
    ada_id = ada.id
    factories.create_user(any_session, email="bo@test.example")
    taken, free = ask(her, "bo@test.example"), ask(her, "free@test.example")

    assert said(taken.text).replace("bo@", "free@") == said(free.text)
    assert letters(ada_id) == ["confirm_email"]


def test_an_address_taken_meanwhile_stays_its_owners(any_app, any_session, ada, her, link):
    ada_id = ada.id
    factories.create_user(any_session, email="new@test.example")

    assert her.post(link).status_code == 422
    assert any_session.get_one(User, ada_id).email == "ada@test.example"


@pytest.mark.parametrize("address", ["ada@test.example", "no address", "@", "a@b@c", ""])
def test_an_unfit_address_is_refused(her, address):
    assert ask(her, address).status_code == 422


def test_letters_to_strangers_are_few(her):
    statuses = [ask(her, f"n{n}@test.example").status_code for n in range(6)]
    assert statuses == [200] * 5 + [429]
