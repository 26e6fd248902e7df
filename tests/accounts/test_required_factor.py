"""Who must have a second factor is led to one and sees nothing else."""

import pytest

from booking.accounts.rules.factors import roles_of
from booking.core.actor import Actor, Party
from booking.infra.passwords import hash_password
from tests import factories
from tests.accounts.proving import RIGHT, add_key, sign_in
from tests.accounts.softkey import SoftKey
from tests.pages import browser, said

SECURITY = "/account/security"


@pytest.fixture
def settings():
    return {"SECOND_FACTOR_ROLES": "operator, lab_manager", "SECOND_FACTOR_GRACE_DAYS": 7}


@pytest.fixture
def ops(session, clock):
    """Return an operator with a password."""
    return factories.create_user(
        session, email="ops@test.example", park_role="operator", password_hash=hash_password(RIGHT)
    )


@pytest.fixture
def client(app, ops):
    """Return a browser in which the operator signed in."""
    made = browser(app)
    sign_in(made, email="ops@test.example")
    return made


def test_days_of_grace_count_from_the_first_sign_in(app, client, clock):
    page = client.get("/pools")
    assert page.status_code == 200
    assert "needs a second factor by Mon 30 Nov" in page.text
    clock.shift(days=4)
    again = browser(app)
    sign_in(again, email="ops@test.example")
    clock.shift(days=3)

    assert again.get("/pools").headers["Location"] == SECURITY


@pytest.mark.parametrize("path", ["/pools", "/", "/park/people", "/account/sessions", "/messages"])
def test_after_them_nothing_else_opens_until_it_is_done(client, clock, path):
    clock.shift(days=7)
    assert client.get(path).headers["Location"] == SECURITY
    page = client.get(SECURITY)
    assert "Add a second factor to go on" in said(page.text)
    assert "/park" not in page.text  # no way there, no counts
    assert client.post("/account/email", data={"email": "x@y.z"}).headers["Location"] == SECURITY

    client.post("/account/confirm", data={"password": RIGHT})
    add_key(client, SoftKey())
    assert client.get("/pools").status_code == 200


def test_the_way_out_and_health_stay_open(client, clock):
    clock.shift(days=7)
    assert client.get("/healthz").status_code == 200
    assert client.post("/language", data={"locale": "en"}).status_code == 302
    assert client.post("/account/sign-out").headers["Location"] == "/account/sign-in"


def test_nobody_else_is_asked(app, session, clock):
    ada = browser(app, factories.create_user(session))
    clock.shift(days=8)
    assert ada.get("/account/sessions").status_code == 200


def test_roles_are_those_of_the_setting():
    party = Party(1, None, frozenset({"member", "admin", "finance"}))
    east = Party(None, 2, frozenset({"representative"}))
    actor = Actor(1, park_role="operator", parties=(party, east), labs={1: "deputy", 2: "staff"})

    assert roles_of(actor) == {
        "operator", "company_admin", "finance", "representative", "lab_manager",
    }  # fmt: skip
    assert roles_of(Actor(1, labs={1: "staff"}, parties=(Party(1, None, frozenset()),))) == set()
