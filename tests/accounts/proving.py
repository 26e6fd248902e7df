"""Ada with a password, what she proves herself with beside it, and the steps of doing so."""

import re
from collections.abc import Callable

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.accounts.models import Authenticator, User
from booking.accounts.services.factors import secret_of
from booking.infra.db import db
from booking.infra.outbox import Outbox
from booking.infra.passwords import hash_password
from tests import factories
from tests.accounts.softkey import SoftKey
from tests.pages import browser

RIGHT = "right horse battery"


@pytest.fixture
def ada(any_session, clock) -> User:
    """Return Ada, on each engine, who has a password."""
    return factories.create_user(
        any_session, email="ada@test.example", name="Ada", password_hash=hash_password(RIGHT)
    )


@pytest.fixture
def her(any_app, ada) -> FlaskClient:
    """Return a browser in which Ada is signed in."""
    return browser(any_app, ada)


@pytest.fixture
def code(ada, clock) -> Callable[..., str]:
    """Return a function that says what Ada's app shows, `later` steps from now."""
    ada_id = ada.id

    def shown(later: int = 0) -> str:
        query = select(Authenticator).where(Authenticator.user_id == ada_id)
        secret = secret_of(db.session.scalars(query).one())
        db.session.rollback()
        return str(pyotp.TOTP(secret).at(int(clock.now.timestamp()) + 30 * later))

    return shown


@pytest.fixture
def enrolled(her, code, clock) -> list[str]:
    """Return Ada's recovery codes, after her app was taken into use."""
    assert her.post("/account/authenticator/begin").status_code == 302
    answer = her.post("/account/authenticator", data={"code": code()})
    clock.shift(seconds=60)  # the code it took is used up
    return codes_in(answer.text)


@pytest.fixture
def key(her) -> SoftKey:
    """Return a passkey Ada added."""
    made = SoftKey()
    add_key(her, made)
    return made


def codes_in(text: str) -> list[str]:
    """Return the recovery codes a page shows."""
    return re.findall(r"<li>([0-9A-Z-]{27})</li>", text)


def sign_in(client: FlaskClient, password: str = RIGHT, email: str = "ada@test.example"):
    """Send the sign-in page's form."""
    return client.post("/account/sign-in", data={"email": email, "password": password})


def is_in(client: FlaskClient) -> bool:
    """Return whether somebody is signed in there."""
    return client.get("/account/sessions").status_code == 200


def options(client: FlaskClient, purpose: str):
    """Return what the page's script is told for a purpose."""
    return client.post("/account/passkeys/options", data={"purpose": purpose}).json


def add_key(client: FlaskClient, made: SoftKey, name: str = "laptop"):
    """Add a passkey as the page does."""
    answer = made.create(options(client, "passkey_add"))
    return client.post("/account/passkeys", data={"credential": answer, "name": name})


def letters(user_id: int) -> list[str]:
    """Return the kinds of letters enqueued for a person, oldest first."""
    query = select(Outbox.kind).where(Outbox.recipient_id == user_id).order_by(Outbox.id)
    found = list(db.session.scalars(query))
    db.session.rollback()
    return found
