"""What is refused leaves a line in the log, and no line holds more than one thing."""

import json
import re

import pytest

from booking.infra.passwords import hash_password
from tests import factories
from tests.api.caller import Caller
from tests.cast import cast
from tests.pages import browser

RIGHT = "right horse battery"


@pytest.fixture
def lines(caplog):
    """Return a function giving the lines so far as (event, facts)."""

    def read():
        found = []
        for record in caplog.records:
            if record.name == "booking.security":
                event, _, facts = record.getMessage().partition(" ")
                pairs = re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|null|\d+)', facts)
                found.append((event, {name: json.loads(value) for name, value in pairs}))
        return found

    return read


@pytest.fixture
def people(session, clock):
    return cast(session)


def sign_in(client, email, password, **more):
    return client.post("/account/sign-in", data={"email": email, "password": password}, **more)


def test_a_sign_in_that_failed_is_told_and_one_that_did_not_is_not(client, session, lines):
    user = factories.create_user(session, password_hash=hash_password(RIGHT))
    sign_in(client, user.email, RIGHT)
    assert lines() == []

    sign_in(browser(client.application), user.email, "wrong")

    [(event, facts)] = lines()
    assert event == "sign_in_failed"
    assert facts == {
        "user": None, "from": "127.0.0.1", "method": "POST", "endpoint": "accounts.sign_in",
        "how": "password", "account": user.email,
    }  # fmt: skip


def test_a_password_typed_as_an_address_is_not_told(client, lines):
    sign_in(client, "my secret words", "x")
    assert [facts["account"] for _event, facts in lines()] == [None]


def test_too_many_tries_are_told(client, lines):
    for _ in range(6):
        sign_in(client, "ada@test.example", "wrong")
    assert [event for event, _facts in lines()] == ["sign_in_failed"] * 5 + ["too_many"]


def test_what_one_may_not_do_and_what_is_anothers_is_told_with_who(app, session, people, lines):
    hers = browser(app, people.ada)
    hers.get("/pools/471147")
    hers.get("/nothing/at/all")
    hers.get("/account/set-password/secret-of-a-link")
    auditor = browser(app, factories.create_user(session, park_role="auditor"))
    auditor.post("/inbox/decide")
    found = lines()
    assert [event for event, _facts in found] == ["hidden", "hidden", "forbidden"]
    assert (found[0][1]["user"], found[0][1]["pool_id"]) == (people.ada.id, 471147)
    assert "secret-of-a-link" not in str(found)


def test_calls_without_a_live_token_are_told(app, people, client, lines):
    Caller(client, None).get("/reservations")
    client.get("/api/v1/reservations", headers={"Authorization": "Bearer wrong"})
    assert [event for event, _facts in lines()] == ["unauthenticated"] * 2


class TestForms:
    @pytest.fixture
    def settings(self):
        return {"WTF_CSRF_ENABLED": True, "TRUSTED_HOSTS": ["localhost"]}

    def test_forged_forms_foreign_hosts_and_masses_are_told(self, client, lines):
        client.post("/language", data={"locale": "en"})
        client.get("/pools", headers={"Host": "evil.example"})
        sign_in(client, "a@b.example", "x" * 3_000_000)
        assert [event for event, _facts in lines()] == ["malformed", "malformed", "too_large"]


@pytest.mark.parametrize(
    "typed", ["a@b\nsign_in_failed user=1", "a@b\r\n2026 ERROR", "a@b\u2028x", 'a@b" user="1']
)
def test_what_is_typed_stays_on_its_line_and_in_its_place(client, caplog, lines, typed):
    sign_in(client, typed, "wrong")
    [record] = [r for r in caplog.records if r.name == "booking.security"]
    assert len(record.getMessage().splitlines()) == 1
    [(_event, facts)] = lines()
    assert facts["user"] is None


def test_no_line_is_longer_than_it_must_be(client, caplog):
    sign_in(client, "a@" + "b" * 5000, "wrong")
    assert all(len(record.getMessage()) < 500 for record in caplog.records)


class TestAddress:
    @pytest.fixture
    def settings(self):
        return {"AUDIT_ADDRESS": "none"}

    def test_the_log_keeps_no_more_of_an_address_than_the_audit(self, client, lines):
        sign_in(client, "a@b.example", "wrong")
        assert [facts["from"] for _event, facts in lines()] == [""]
