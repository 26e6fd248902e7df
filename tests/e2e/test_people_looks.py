"""Pages of people and trust in Chromium, as who may open them: nothing axe finds, nothing too wide.

The pages are those of the route matrix, with the rows it prepares.
"""

import pytest
from flask import Flask
from playwright.sync_api import Page

from booking.accounts.services.sessions import start_session
from booking.infra import clock
from booking.infra.db import db, write
from tests.browser import screenshot
from tests.cast import cast
from tests.e2e.looks import faults
from tests.matrix import audit, companies, deciders, park, privacy, reservations

pytestmark = pytest.mark.e2e
MODULES = (companies, deciders, privacy, audit)
# Who opens a page: the first of these that may.
READERS = ("bo", "mei", "ops")
LOOKS = [("zh-CN", 390, "light"), ("en-GB", 1280, "dark")]


@pytest.fixture
def pages(app: Flask) -> dict[str, list[tuple[str, str]]]:
    """Return (name, address) of every page by the cookie of who opens it."""
    with app.app_context():
        people = cast(db.session())
        ids: dict[str, int] = {}
        for module in (reservations, park, *MODULES):
            if hasattr(module, "prepare"):
                ids |= module.prepare(db.session(), people)
        readers = {name: getattr(people, name).id for name in READERS}
        db.session.rollback()
    found: dict[str, list[tuple[str, str]]] = {_cookie(app, readers[r]): [] for r in READERS}
    cookies = dict(zip(READERS, found, strict=True))
    for module in MODULES:
        for key, cases in module.ACCESS.items():
            method, endpoint = key.split()
            who = next((r for r in READERS if cases[0].expected(r, key) == 200), None)
            if method != "GET" or who is None:
                continue
            values = {k: ids.get(v, v) for k, v in cases[0].params.items()}
            with app.test_request_context():
                path = app.url_for(endpoint, **values).removeprefix("http://localhost")
            if not endpoint.endswith(("export", "licence")):
                found[cookies[who]].append((endpoint, path))
    return found


def test_pages_of_people_look_right(page: Page, app, live_url, pages, look):
    wrong = {}
    for cookie, mine in pages.items():
        named = {"name": app.config["SESSION_COOKIE_NAME"], "value": cookie, "url": live_url}
        page.context.add_cookies([named])
        for name, path in mine:
            page.goto(f"{live_url}{path}")
            assert page.url.endswith(path), name
            if told := faults(page):
                wrong[name] = told
            screenshot(page, f"{name}-{look[0]}-{look[1]}")

    assert sum(map(len, pages.values())) > 15
    assert wrong == {}


def _cookie(app: Flask, user_id: int) -> str:
    with app.app_context():
        token = write(lambda s: start_session(s, user_id, "127.0.0.1", "test", clock.now()))
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    return cookie.value
