"""Passwords are refused by length and by what everybody would guess, by nothing else."""

import pytest

from booking.accounts.rules.passwords import MAX_PASSWORD, MIN_PASSWORD, refused
from booking.infra.common_passwords import common_passwords
from booking.infra.passwords import hash_password
from tests import factories
from tests.accounts.proving import sign_in
from tests.cast import cast
from tests.pages import browser

COMMON = frozenset({"password1", "qwertyuiop"})
WORDS = ("Ada Lovelace", "ada.lovelace", "Alpha Bio", "西部医院", "booking")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("1234567", "password_length"),
        ("x" * 201, "password_length"),
        ("Password1", "password_common"),
        ("aaaaaaaaaaaa", "password_common"),
        ("lovelace99", "password_guessable"),
        ("AlphaBio2026!", "password_guessable"),
        ("alpha bio", "password_guessable"),
        ("booking2026", "password_guessable"),
        ("西部医院12345", "password_guessable"),
        ("        ", "password_common"),
        # no rules about kinds of characters, nothing cut, any script, words inside a longer one
        ("correct horse battery staple", None),
        ("nurkleinbuchstaben", None),
        ("9385610472", None),
        ("离心机在三楼东侧走廊", None),
        (" leading and trailing ", None),
        ("x1" * 50 + "y", None),
        ("loveletter to a machine", None),
    ],
)
def test_what_is_refused_and_why(password, code):
    assert refused(password, WORDS, COMMON) == code


def test_lengths_are_those_advised():
    assert MIN_PASSWORD == 8
    assert MAX_PASSWORD >= 64


def test_the_list_holds_the_three_thousand_that_fit_and_are_tried_first():
    found = common_passwords()

    assert len(found) >= 3000
    assert {"password", "12345678", "qwertyuiop", "iloveyou", "trustno1"} <= found
    assert all(len(one) >= MIN_PASSWORD and one == one.lower() for one in found)


def test_the_own_company_and_park_are_no_passwords(session, app, clock):
    people = cast(session)
    people.ada.password_hash = hash_password("right horse battery")
    session.commit()
    client = browser(app, people.ada)
    for new in ("AlphaBio123", "Xi'an park1", "test.example1"):
        typed = {"current_password": "right horse battery", "new_password": new}
        assert client.post("/account/password", data=typed).status_code == 422, new


def test_a_password_is_taken_as_typed(app, session, clock):
    wanted = " Ｆull-width é and 64 characters or more: " + "字" * 40 + "  "
    person = factories.create_user(session, email="ada@test.example")
    person.password_hash = hash_password(wanted)
    session.commit()

    assert sign_in(browser(app), wanted).status_code == 302
    for other in (wanted.strip(), wanted.lower(), wanted[:72]):
        assert sign_in(browser(app), other).status_code == 422
