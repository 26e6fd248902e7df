"""Pages of signing in, in Chromium: nothing axe finds, nothing too wide, in both languages."""

from collections.abc import Iterator
from itertools import chain
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page

from booking.accounts.models import Authenticator, KnownDevice, User
from booking.accounts.services.factors import SEALED_FOR
from booking.accounts.services.sessions import start_session
from booking.infra import clock
from booking.infra.db import write
from booking.infra.secret import seal
from booking.web.login import PENDING
from tests.e2e.looks import cast_with_passwords, enter, faults

pytestmark = pytest.mark.e2e
LOOKS = [("zh-CN", 390, "light"), ("en-GB", 1280, "dark")]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OWN = (
    "security", "sessions", "tokens", "ways", "mobile", "confirm", "email", "password", "connect",
)  # fmt: skip


@pytest.fixture
def settings() -> dict[str, Any]:
    """Open every way in; none of them is asked anything."""
    opened = {"WECOM_CORP_ID": "corp", "WECOM_AGENT_ID": "7", "WECOM_SECRET": "s"}
    return {**opened, "SMS_GATEWAY": "log"}


@pytest.fixture
def hers(app: Flask) -> dict[str, Any]:
    """Return the cookie of Ada, who comes from WeCom and has another device; Mei has an app."""
    ids, now = cast_with_passwords(app), clock.now()

    def work(session: Any) -> str:
        session.get_one(User, ids["mei"]).factor_since = now
        sealed = seal(SECRET, SEALED_FOR)
        session.add_all([
            Authenticator(user_id=ids["mei"], secret=sealed, created_at=now, confirmed_at=now),
            KnownDevice(
                user_id=ids["ada"], token_hash="x", user_agent="Firefox Windows",
                address="10.1.2.3", created_at=now, last_used_at=now,
            ),
        ])  # fmt: skip
        return start_session(session, ids["ada"], "127.0.0.1", "Chrome Linux", now)

    with app.app_context():
        token = write(work)
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
        session[PENDING] = {
            "issuer": "wecom:corp", "subject": "ada", "email": None, "name": "Ada Li",
            "until": now.timestamp() + 600,
        }  # fmt: skip
    name = app.config["SESSION_COOKIE_NAME"]
    return {"name": name, "value": client.get_cookie(name).value}


def test_pages_of_signing_in_look_right(page: Page, live_url: str, hers: dict[str, Any]):
    wrong = {}
    for name in chain(outside(page, live_url), inside(page, live_url, hers)):
        if told := faults(page):
            wrong[name] = told

    assert wrong == {}


def outside(page: Page, url: str) -> Iterator[str]:
    """Open what nobody has to be signed in for, one after the other."""
    for name in ("sign-in", "forgotten", "sms"):
        page.goto(f"{url}/account/{name}")
        yield name
    page.fill("#account", "+8613912345678")
    send(page)
    yield "sms-code"
    page.fill("#code", "123456")
    send(page)
    yield "sms-code-wrong"
    page.goto(f"{url}/account/forgotten")
    page.fill("#email", "nobody@test.example")
    send(page)
    yield "forgotten-sent"
    begun = page.request.get(f"{url}/account/with/wecom", max_redirects=0)
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    # It sends itself on: seen only where scripts are off.
    page.route("**/*.js", lambda route: route.abort())
    page.goto(f"{url}/account/with/wecom/back?code=x&state={state}")
    yield "coming-back"
    page.unroute("**/*.js")
    page.goto(f"{url}/account/with/wecom/back?state={state}")
    yield "refused"
    enter(page, url, "mei")
    page.goto(f"{url}/account/second-factor")
    page.fill("#code", "000000")
    send(page)
    yield "second-factor-wrong"


def inside(page: Page, url: str, cookie: dict[str, Any]) -> Iterator[str]:
    """Open what belongs to who is signed in."""
    page.context.add_cookies([{**cookie, "url": url}])
    for name in OWN:
        page.goto(f"{url}/account/{name}")
        yield name
    page.goto(f"{url}/account/tokens")
    page.fill("#name", "script")
    send(page)
    yield "token-made"
    page.goto(f"{url}/account/mobile")
    page.fill("#number", "13912345678")
    send(page)
    yield "mobile-code"
    page.goto(f"{url}/account/security")
    with page.expect_navigation():
        page.locator("form[action$='/authenticator/begin'] button").click()
    yield "app"


def send(page: Page) -> None:
    """Send the page's form by the keyboard."""
    with page.expect_navigation():
        page.keyboard.press("Enter")
