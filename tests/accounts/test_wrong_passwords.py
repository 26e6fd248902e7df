"""Wrong passwords are on record: a row an account and hour, none an invented address."""

import json

import pytest
from sqlalchemy import func, select

from booking.accounts.jobs import tell_wrong_passwords
from booking.accounts.models import WrongPassword
from booking.audit.models import Audit
from tests.accounts.proving import sign_in
from tests.pages import browser, said

WRONG = "wrong guess at it"


@pytest.fixture
def settings():
    return {"SIGN_IN_TRIES_PER_ACCOUNT": 0, "SIGN_IN_TRIES_PER_ADDRESS": 0}


@pytest.fixture
def kept(any_session):
    """Return a function that tells what is on record of wrong passwords: of whom, and what."""

    def rows():
        any_session.rollback()
        query = select(Audit.subject_id, Audit.action, Audit.after, Audit.address)
        query = query.where(Audit.action.like("sign_in.%")).order_by(Audit.id)
        return [
            (key, action, json.loads(after), where)
            for key, action, after, where in any_session.execute(query)
        ]

    return rows


def test_however_many_there_were_they_are_one_row_an_hour(any_app, any_session, ada, kept, clock):
    ada_id = ada.id
    for _ in range(3):
        sign_in(browser(any_app), WRONG, "Ada@test.example")
    tell_wrong_passwords()
    assert kept() == []

    clock.shift(minutes=61)
    tell_wrong_passwords()
    tell_wrong_passwords()
    assert kept() == [(ada_id, "sign_in.wrong_password", {"tries": 3}, "127.0.0.1")]
    assert any_session.scalar(select(func.count()).select_from(WrongPassword)) == 0


def test_invented_addresses_fill_nothing(any_app, any_session, ada, kept, clock):
    for typed in ("x1@test.example", "x2@test.example", "my password", "another one"):
        sign_in(browser(any_app), WRONG, typed)
    stored = any_session.scalars(select(WrongPassword.email)).all()
    assert sorted(stored) == ["", "x1@test.example", "x2@test.example"]

    clock.shift(minutes=61)
    tell_wrong_passwords()
    assert kept() == [(0, "sign_in.unknown_address", {"tries": 4, "addresses": 3}, None)]


def test_the_person_reads_of_them_at_once_and_afterwards(any_app, ada, her, clock):
    assert "Wrong passwords" not in said(her.get("/account/security").text)
    sign_in(browser(any_app), WRONG)
    her.post("/account/password", data={"current_password": WRONG, "new_password": "x" * 12})
    her.post("/account/confirm", data={"password": WRONG})
    page = said(her.get("/account/security").text)
    assert "Wrong passwords" in page
    assert "3 tries" in page

    clock.shift(minutes=61)
    tell_wrong_passwords()
    assert "3 tries" in said(her.get("/account/security").text)
