"""Changing and setting passwords: what ends with them, what is locked, what is counted."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.accounts.models import ApiToken, User
from booking.accounts.services import passwords
from booking.accounts.services.links import (
    CHANGE_EMAIL,
    RESET_PASSWORD,
    create_link,
    new_link,
)
from booking.accounts.services.tokens import create_token
from booking.infra.db import db, write
from booking.infra.passwords import hash_password
from tests import factories
from tests.conftest import NOW
from tests.pages import browser

RIGHT = "right horse battery"
NEW = "another long one"
CHANGE = {"current_password": RIGHT, "new_password": NEW}


@pytest.fixture
def ada(any_session, clock):
    return factories.create_user(
        any_session, email="ada@test.example", name="Ada", password_hash=hash_password(RIGHT)
    )


@pytest.fixture
def token(ada):
    ada_id = ada.id
    return write(lambda s: create_token(s, None, ada_id, ("read",), NOW))


def change(client, **typed):
    return client.post("/account/password", data={**CHANGE, **typed})


def works(app, token):
    asked = app.test_client().get(
        "/api/v1/reservations", headers={"Authorization": f"Bearer {token}"}
    )
    return asked.status_code == 200


def signs_in(app, password, email="ada@test.example"):
    typed = {"email": email, "password": password}
    return app.test_client().post("/account/sign-in", data=typed).status_code == 302


@pytest.fixture
def unlocked(monkeypatch):
    """Fail when a password is hashed or compared while nobody else can write; count the calls."""
    calls = []

    def watched(real):
        def call(*args):
            assert not db.session().info.get("writing"), "hashing inside the write transaction"
            calls.append(real.__name__)
            return real(*args)

        return call

    for name in ("hash_password", "verify_password"):
        monkeypatch.setattr(passwords, name, watched(getattr(passwords, name)))
    return calls


def test_no_password_is_hashed_while_the_database_is_locked(any_app, ada, unlocked):
    ada_id = ada.id
    assert change(browser(any_app, ada)).status_code == 302

    link = write(lambda s: create_link(s, ada_id, 72, NOW))
    path = f"/account/set-password/{link}"
    assert any_app.test_client().post(path, data={"password": RIGHT}).status_code == 302
    assert signs_in(any_app, RIGHT)

    assert sorted(unlocked) == ["hash_password"] * 2 + ["verify_password"] * 2


def test_a_password_changed_meanwhile_is_not_changed_again(any_app, any_session, ada, monkeypatch):
    real = passwords.hash_password

    def overtaken(password):
        other = real("set by somebody else")
        with any_app.app_context():
            write(lambda s: setattr(s.get_one(User, ada_id), "password_hash", other))
        return real(password)

    ada_id, client = ada.id, browser(any_app, ada)
    monkeypatch.setattr(passwords, "hash_password", overtaken)

    assert change(client).status_code == 422
    assert not signs_in(any_app, NEW)


def test_a_wrong_old_password_never_locks_sign_in(any_app, ada):
    client = browser(any_app, ada)
    tries = [change(client, current_password="wrong") for _ in range(6)]

    assert [answer.status_code for answer in tries] == [422] * 5 + [429]
    assert "Please check these entries" in tries[-1].text
    assert signs_in(any_app, RIGHT)


class TestAnAddress:
    @pytest.fixture
    def settings(self):
        return {"SIGN_IN_TRIES_PER_ADDRESS": 3}

    def test_shared_by_many_is_not_locked_by_one_who_mistypes_the_old_password(self, any_app, ada):
        client = browser(any_app, ada)
        for _ in range(5):
            change(client, current_password="wrong")

        assert signs_in(any_app, RIGHT)


def test_a_change_that_succeeds_forgives_the_tries_before(any_app, ada):
    client = browser(any_app, ada)
    for _ in range(4):
        change(client, current_password="wrong")
    assert change(client).status_code == 302

    assert change(client, current_password="wrong").status_code == 422
    assert change(client, current_password="wrong").status_code == 422


def test_a_change_asks_about_tokens_only_of_who_has_some(any_app, ada):
    client, ada_id = browser(any_app, ada), ada.id
    assert 'name="end_tokens"' not in client.get("/account/password").text

    write(lambda s: create_token(s, None, ada_id, ("read",), NOW))

    page = client.get("/account/password").text
    box = page[page.index('name="end_tokens"') - 200 :].partition("<input")[2].partition(">")[0]
    assert "checked" in box


@pytest.mark.parametrize(("typed", "left"), [({"end_tokens": "y"}, False), ({}, True)])
def test_a_change_ends_the_tokens_if_wished(any_app, ada, token, typed, left):
    assert change(browser(any_app, ada), **typed).status_code == 302
    assert works(any_app, token) is left


def test_a_change_ends_the_links_asked_for_before(any_app, any_session, ada):
    ada_id, life = ada.id, timedelta(hours=1)
    reset, address = (
        write(lambda s, purpose=purpose: new_link(s, ada_id, purpose, life, NOW, "x@test.example"))
        for purpose in (RESET_PASSWORD, CHANGE_EMAIL)
    )
    client = browser(any_app, ada)
    assert client.get(f"/account/email/{address}").status_code == 200

    assert change(client).status_code == 302

    assert client.get(f"/account/set-password/{reset}").status_code == 404
    assert client.get(f"/account/email/{address}").status_code == 404


def test_a_link_ends_tokens_and_sessions_and_says_so(any_app, any_session, ada, token):
    other, ada_id = browser(any_app, ada), ada.id
    bo = factories.create_user(any_session)
    bo_id = bo.id
    bos = write(lambda s: create_token(s, None, bo_id, ("read",), NOW))
    path = f"/account/set-password/{write(lambda s: create_link(s, ada_id, 72, NOW))}"
    client = browser(any_app)
    assert "your API tokens end" in client.get(path).text

    client.post(path, data={"password": NEW})

    assert not works(any_app, token)
    assert works(any_app, bos)
    assert other.get("/account/password").status_code == 302
    revoked = any_session.scalars(select(ApiToken.revoked_at).order_by(ApiToken.id)).all()
    assert revoked == [NOW, None]


def test_a_first_password_says_nothing_of_tokens(any_app, any_session, clock):
    new_id = factories.create_user(any_session).id
    path = f"/account/set-password/{write(lambda s: create_link(s, new_id, 72, NOW))}"

    assert "API tokens" not in browser(any_app).get(path).text


class TestOperatorCommand:
    @pytest.fixture
    def create(self, app, clock):
        """Return a function that runs `operator create`."""
        return lambda email: app.test_cli_runner().invoke(args=["operator", "create", email])

    def test_a_retired_person_gets_a_link_that_works(self, app, session, create):
        gone = factories.create_user(session, email="gone@test.example", retired_at=NOW)

        done = create("Gone@test.example")

        assert done.exit_code == 0
        assert "had been retired and can sign in again" in done.stderr
        path = done.stdout.strip().removeprefix("http://localhost")
        assert app.test_client().post(path, data={"password": NEW}).status_code == 302
        assert signs_in(app, NEW, "gone@test.example")
        session.rollback()
        assert (gone.retired_at, gone.park_role) == (None, "operator")

    def test_anybody_else_gets_only_the_link(self, app, session, create):
        done = create("new@test.example")

        assert done.stderr == ""
        path = done.stdout.strip().removeprefix("http://localhost")
        assert app.test_client().get(path).status_code == 200
