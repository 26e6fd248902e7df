"""Small promises of docs/security.md that no other test is about."""

import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

import config
from booking.accounts.models import User
from booking.infra.passwords import hash_password
from booking.infra.secret import new_token
from tests import factories
from tests.accounts.proving import RIGHT, is_in, sign_in
from tests.pages import browser

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_park_has_no_account(any_session):
    assert any_session.scalar(select(func.count(User.id))) == 0


def test_tokens_are_long_random_and_never_the_same():
    tokens = {new_token() for _ in range(10_000)}
    assert len(tokens) == 10_000
    # Base64 of at least 128 bits.
    assert min(map(len, tokens)) * 6 >= 128
    assert all(re.fullmatch(r"[\w-]+", token) for token in tokens)


class TestCosts:
    @pytest.fixture
    def settings(self):
        names = ("ARGON2_MEMORY_KIB", "ARGON2_PASSES", "ARGON2_LANES")
        return {name: getattr(config.Default, name) for name in names}

    def test_passwords_are_stored_by_argon2id_at_the_advised_cost(self, session):
        # OWASP's second profile: 19 MiB, 2 passes, 1 lane; 16 random bytes of salt.
        stored = hash_password("the same").split("$")
        assert stored[1:4] == ["argon2id", "v=19", "m=19456,t=2,p=1"]
        assert hash_password("the same").split("$")[4] != stored[4]


@pytest.fixture
def ada(session, clock):
    person = {"email": "ada@test.example", "password_hash": hash_password(RIGHT)}
    return factories.create_user(session, **person)


@pytest.mark.parametrize("path", ["/account/sign-in", "/account/password"])
def test_passwords_are_masked_and_left_to_password_managers(app, ada, path):
    client = browser(app, ada) if path.endswith("password") else browser(app)
    fields = re.findall(r'<input[^>]*name="[^"]*password"[^>]*>', client.get(path).text)
    assert fields
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert "maxlength" not in field or int(re.search(r'maxlength="(\d+)"', field)[1]) >= 64


def test_no_script_keeps_anybody_from_pasting():
    scripts = [path.read_text(encoding="utf-8") for path in ROOT.glob("booking/static/js/*.js")]
    assert scripts
    assert not [text for text in scripts if re.search(r"paste|oncopy|contextmenu", text)]


def test_a_cookie_that_was_changed_is_nobodys(client, ada):
    sign_in(client)
    assert is_in(client)
    name = client.application.config["SESSION_COOKIE_NAME"]
    value = client.get_cookie(name).value
    for at in (0, len(value) // 2, len(value) - 2):
        changed = value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1 :]
        client.set_cookie(name, changed)
        assert not is_in(client), at
    client.set_cookie(name, value)
    assert is_in(client)
