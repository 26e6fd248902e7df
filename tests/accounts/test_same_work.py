"""Who fails to sign in costs the same work, whoever it was; drill R13 measures the time."""

import argon2
import pytest

from booking.infra import passwords
from booking.infra.db import db
from booking.infra.passwords import hash_password
from tests import factories
from tests.accounts.proving import sign_in
from tests.conftest import NOW
from tests.pages import browser
from tests.statements import statements

RIGHT, WRONG = "right horse battery", "wrong guess at it"
# Who tries, and with which password: none of them gets in.
TRIES = {
    "known": WRONG,
    "unknown": WRONG,
    "retired": RIGHT,
    "invited": WRONG,
    "factor": WRONG,
}


@pytest.fixture
def people(any_session, clock):
    """Make an account of every kind there is."""
    stored = hash_password(RIGHT)
    for kind, more in {
        "known": {},
        "retired": {"retired_at": NOW},
        "invited": {"password_hash": None},
        "factor": {"factor_since": NOW},
    }.items():
        person = {"email": f"{kind}@test.example", "password_hash": stored, **more}
        factories.create_user(any_session, **person)


@pytest.fixture
def hashing(monkeypatch):
    """Return a list that fills with every hash that is made or compared, and at which cost."""
    done = []
    for name in ("hash", "verify"):
        original = getattr(argon2.PasswordHasher, name)

        def noting(self, *args, _name=name, _original=original):
            done.append((_name, self.memory_cost, self.time_cost, self.parallelism))
            return _original(self, *args)

        monkeypatch.setattr(argon2.PasswordHasher, name, noting)
    return done


def work_of(app, hashing, kind, password):
    """Return hashes and statements of one try from a browser of its own."""
    del hashing[:]
    email = f"{kind}@test.example"
    with statements(db.engine) as sent:
        assert sign_in(browser(app), password, email).status_code == 422
    return tuple(hashing), tuple(sent)


def test_every_failing_sign_in_is_the_same_work(any_app, people, hashing):
    work_of(any_app, hashing, "first", WRONG)  # looks at the database's guards
    work = {kind: work_of(any_app, hashing, kind, typed) for kind, typed in TRIES.items()}

    [hashes, sent] = work["known"]
    assert [name for name, *_cost in hashes] == ["verify"]
    assert any("user_account" in statement for statement in sent)
    assert {kind for kind, done in work.items() if done != work["known"]} == set()


@pytest.mark.parametrize("kind", ["known", "unknown"])
def test_the_first_try_of_a_process_tells_nothing_either(any_app, people, hashing, kind):
    passwords._hasher_for.cache_clear()
    passwords._hash_of_nothing.cache_clear()
    hashes, _sent = work_of(any_app, hashing, kind, WRONG)
    assert [name for name, *_cost in hashes] == ["hash", "verify"]
