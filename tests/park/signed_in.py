"""Browsers of people who are signed in already."""

from flask import Flask
from flask.testing import FlaskClient

from booking.accounts.models import User
from booking.accounts.services import start_session
from booking.infra import clock
from booking.infra.db import write


def browser(app: Flask, user: User, locale: str = "en") -> FlaskClient:
    """Return a browser in which `user` is signed in. Needs the app's context."""
    user_id, now = user.id, clock.now()
    token = write(lambda session: start_session(session, user_id, "127.0.0.1", "test", now))
    client = app.test_client()
    with client.session_transaction() as kept:
        kept["_user_id"], kept["locale"] = token, locale
    return client
