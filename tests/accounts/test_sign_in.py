"""Signing in and out: what proves a person, for how long, and what a stranger learns."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.accounts.models import UserSession
from booking.accounts.services.links import create_link
from booking.accounts.services.tokens import create_token
from booking.accounts.views import signing_in
from booking.core.errors import Busy
from booking.infra.db import write
from booking.infra.passwords import hash_password
from tests import factories
from tests.conftest import NOW
from tests.pages import browser

RIGHT = "right horse battery"
WRONG = {"email": "ada@test.example", "password": "wrong"}


@pytest.fixture
def ada(any_session, clock):
    return factories.create_user(
        any_session, email="ada@test.example", name="Ada", password_hash=hash_password(RIGHT)
    )


def sign_in(client, email="Ada@Test.example ", password=RIGHT, **more):
    return client.post("/account/sign-in", data={"email": email, "password": password, **more})


def token_of(client):
    with client.session_transaction() as cookie:
        return cookie.get("_user_id")


def is_in(client):
    return client.get("/account/password").status_code == 200


def test_signing_in_gives_a_new_session_each_time(any_client, ada, any_session):
    with any_client.session_transaction() as cookie:
        cookie["_user_id"] = "planted"
        cookie["other"] = "planted"
    assert sign_in(any_client).status_code == 302
    first = token_of(any_client)
    with any_client.session_transaction() as cookie:
        assert "other" not in cookie
    any_client.post("/account/sign-out")
    sign_in(any_client)

    assert token_of(any_client) not in (None, "planted", first)
    assert first not in any_session.scalars(select(UserSession.token_hash)).all()


def test_a_cookie_kept_from_before_signing_out_is_worth_nothing(any_app, any_client, ada):
    sign_in(any_client)
    kept = browser(any_app)
    with kept.session_transaction() as cookie:
        cookie["_user_id"] = token_of(any_client)
    assert is_in(kept)

    any_client.post("/account/sign-out")

    assert not is_in(kept)
    assert not is_in(any_client)


def test_a_sign_out_that_could_not_be_written_leaves_the_person_signed_in(
    client, app, session, monkeypatch, clock
):
    user = factories.create_user(session, password_hash=hash_password(RIGHT))
    sign_in(client, user.email)

    def busy(_):
        raise Busy

    with monkeypatch.context() as patch:
        patch.setattr(signing_in, "write", busy)
        assert client.post("/account/sign-out").status_code == 503

    assert is_in(client)  # and so can try again, instead of leaving a session open unseen


def test_a_new_password_ends_every_other_session(any_app, any_client, ada):
    other = browser(any_app, ada)
    sign_in(any_client)
    before = token_of(any_client)
    typed = {"current_password": RIGHT, "new_password": "another long one"}
    assert any_client.post("/account/password", data=typed).status_code == 302

    assert is_in(any_client)
    assert token_of(any_client) != before
    assert not is_in(other)
    assert sign_in(any_app.test_client()).status_code == 422
    assert sign_in(any_app.test_client(), password="another long one").status_code == 302


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"current_password": "wrong", "new_password": "another long one"}, 422),
        ({"current_password": RIGHT, "new_password": "short"}, 422),
        ({"current_password": RIGHT, "new_password": "ada@test.example"}, 422),
    ],
)
def test_an_unfit_new_password_changes_nothing(any_app, any_client, ada, typed, status):
    sign_in(any_client)
    assert any_client.post("/account/password", data=typed).status_code == status
    assert is_in(any_client)
    assert sign_in(any_app.test_client()).status_code == 302


def test_sessions_end_unused_and_in_any_case(any_client, ada, clock):
    sign_in(any_client)
    clock.shift(days=13)
    assert is_in(any_client)
    clock.shift(days=13)
    assert is_in(any_client)
    clock.shift(days=15)
    assert not is_in(any_client)

    sign_in(any_client)
    for _ in range(7):
        clock.shift(days=8)
        assert is_in(any_client)
    clock.shift(days=8)
    assert not is_in(any_client)


def test_a_stranger_learns_nothing_from_an_answer(any_app, any_session, ada):
    factories.create_user(any_session, email="invited@test.example")
    factories.create_user(
        any_session, email="gone@test.example", retired_at=NOW, password_hash=ada.password_hash
    )
    answers = set()
    for email in ("ada", "nobody", "invited", "gone"):
        answer = sign_in(browser(any_app), f"{email}@test.example", "wrong guess")
        text = re.sub(r'value="[^"]*"', "", answer.text)
        answers.add((answer.status_code, text))
    assert len(answers) == 1
    assert sign_in(browser(any_app), "gone@test.example").status_code == 422


def test_guessing_is_slowed_for_known_and_unknown_accounts_alike(any_app, ada):
    for email in ("ada@test.example", "nobody@test.example"):
        client = browser(any_app)
        statuses = [sign_in(client, email, "wrong guess").status_code for _ in range(6)]
        assert statuses == [422] * 5 + [429]
    assert sign_in(browser(any_app)).status_code == 429  # even with the right one


class TestFromOneAddress:
    @pytest.fixture
    def settings(self):
        return {"SIGN_IN_TRIES_PER_ADDRESS": 3}

    def test_guessing_many_accounts_is_slowed(self, any_app, ada, clock):
        client = browser(any_app)
        statuses = [sign_in(client, f"p{n}@test.example", "guess").status_code for n in range(4)]
        assert statuses == [422, 422, 422, 429]

        clock.shift(seconds=301)

        assert sign_in(client).status_code == 302


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)",
     "/\t/evil.example", "\\\\evil.example", "evil.example"],
)  # fmt: skip
def test_next_leads_only_to_own_paths(any_client, ada, target):
    answer = sign_in(any_client, next=target)
    assert answer.headers["Location"] == "/"
    assert any_client.get("/account/sign-in", query_string={"next": target}).headers[
        "Location"
    ] == ("/")


def test_next_leads_where_one_wanted_to_go(any_client, ada):
    asked = any_client.get("/reservations?tab=past")
    assert asked.headers["Location"] == "/account/sign-in?next=/reservations?tab%3Dpast"
    assert sign_in(any_client, next="/reservations?tab=past").headers["Location"] == (
        "/reservations?tab=past"
    )


def test_a_link_sets_a_password_once(any_app, ada):
    link = write(lambda s: create_link(s, ada.id, 72, NOW))
    path, typed = f"/account/set-password/{link}", {"password": "a brand new one"}
    assert any_app.test_client().post(path, data={"password": "short"}).status_code == 422
    client = any_app.test_client()
    assert client.post(path, data=typed).status_code == 302
    assert is_in(client)
    assert any_app.test_client().post(path, data=typed).status_code == 404
    assert any_app.test_client().get(path).status_code == 404


def test_a_newer_or_expired_link_ends_an_older(any_app, ada, clock):
    older = write(lambda s: create_link(s, ada.id, 72, NOW))
    newer = write(lambda s: create_link(s, ada.id, 72, NOW))
    assert any_app.test_client().get(f"/account/set-password/{older}").status_code == 404
    assert any_app.test_client().get(f"/account/set-password/{newer}").status_code == 200
    clock.shift(hours=73)
    assert any_app.test_client().get(f"/account/set-password/{newer}").status_code == 404


def test_nothing_of_a_retired_person_works(any_app, any_client, ada, any_session):
    sign_in(any_client)
    ada_id = ada.id
    link = write(lambda s: create_link(s, ada_id, 72, NOW))
    token = write(lambda s: create_token(s, None, ada_id, ("read",), NOW))
    ada.retired_at = NOW
    any_session.commit()

    assert not is_in(any_client)
    asked = any_app.test_client().get(
        "/api/v1/reservations", headers={"Authorization": f"Bearer {token}"}
    )
    assert asked.status_code == 401
    path = f"/account/set-password/{link}"
    assert any_app.test_client().get(path).status_code == 404
    assert any_app.test_client().post(path, data={"password": "a new one"}).status_code == 404


@pytest.mark.parametrize(
    "email", ["a\x00b@test.example", "\ud800".encode("utf-8", "surrogatepass")]
)
def test_unstorable_text_is_no_fault(any_client, ada, email):
    assert sign_in(any_client, email).status_code in (400, 422)
    assert any_client.post("/language", data={"locale": "\x00"}).status_code == 302


def test_the_language_chosen_is_kept_with_the_person(any_app, any_client, ada, clock):
    sign_in(any_client)
    any_client.post("/language", data={"locale": "en", "next": "//evil.example"})
    assert 'lang="en"' in any_client.get("/account/password").text

    fresh = any_app.test_client()
    assert 'lang="zh-CN"' in fresh.get("/account/sign-in").text
    assert (
        'lang="en"'
        in fresh.get("/account/sign-in", headers={"Accept-Language": "de, en;q=0.5"}).text
    )
    sign_in(fresh)
    assert 'lang="en"' in fresh.get("/account/password").text


class TestForms:
    @pytest.fixture
    def settings(self):
        return {"WTF_CSRF_ENABLED": True}

    @pytest.mark.parametrize(
        "path", ["/account/sign-in", "/account/sign-out", "/account/password", "/language",
                 "/inbox/decide"]
    )  # fmt: skip
    def test_a_form_without_our_token_is_refused(self, any_app, ada, path):
        client = browser(any_app, ada)
        answer = client.post(path, data={"locale": "en", **WRONG})
        assert answer.status_code == 400
        assert is_in(client)


def test_a_session_is_touched_at_most_every_five_minutes(any_client, ada, any_session, clock):
    sign_in(any_client)
    for minutes, seen in ((4, NOW), (2, NOW + timedelta(minutes=6))):
        clock.shift(minutes=minutes)
        assert is_in(any_client)
        any_session.rollback()
        assert any_session.scalars(select(UserSession.last_seen_at)).one() == seen
