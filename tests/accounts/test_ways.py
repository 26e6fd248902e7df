"""Changing how one signs in: proven afresh, and told by mail."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.accounts.models import Identity, UserSession
from booking.accounts.services.identities import Proven, connect
from booking.core.actor import Actor
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.infra.passwords import hash_password
from booking.infra.transports import stored
from booking.reminders.jobs.deliver import deliver_due
from tests import factories
from tests.conftest import NOW
from tests.pages import browser

ADA = Proven("https://id.example", "ada-1", "ada@test.example", "Ada")


@pytest.fixture
def settings():
    return {"SMS_GATEWAY": "log", "OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "b"}


@pytest.fixture
def ada(session, clock):
    return factories.create_user(
        session, email="ada@test.example", name="Ada", locale="en",
        password_hash=hash_password("x" * 12),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/account/with/sso?connect=1"),
        ("POST", "/account/connect"),
        ("POST", "/account/ways/1/disconnect"),
        ("GET", "/account/mobile"),
        ("POST", "/account/mobile/code"),
        ("POST", "/account/mobile/drop"),
    ],
)
def test_who_signed_in_long_ago_proves_it_again_first(app, session, ada, method, path):
    ada_id = ada.id
    session.rollback()
    write(lambda s: connect(s, Actor(ada_id), ADA, NOW))
    client = browser(app, ada)
    session.scalars(select(UserSession)).one().proven_at = NOW - timedelta(minutes=16)
    session.commit()
    answer = client.open(path, method=method)
    assert answer.headers["Location"].startswith("/account/confirm?next=")
    session.rollback()
    assert session.scalars(select(Identity.id)).all() == [1]


def test_the_person_is_told_of_each_change(app, session, ada):
    ada_id = ada.id
    session.rollback()
    write(lambda s: connect(s, Actor(ada_id), ADA, NOW))
    assert browser(app, ada).post("/account/ways/1/disconnect").status_code == 302
    session.rollback()
    deliver_due()
    letters = [
        stored(app.instance_path, number).decode()
        for number in session.scalars(select(Outbox.id).order_by(Outbox.id))
    ]
    assert "An account elsewhere was connected" in letters[0]
    assert "An account elsewhere was disconnected" in letters[1]
