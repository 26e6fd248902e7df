"""The lab manager's desk in Chromium: the inbox by keys alone, and how its pages look."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from booking.accounts.models import User
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.requesting import request_reservation
from tests.browser import screenshot
from tests.e2e.looks import cast_with_passwords, enter, faults
from tests.factories import actor

pytestmark = pytest.mark.e2e


@pytest.fixture(params=[("en-GB", 1280), ("zh-CN", 390)], ids=("wide", "narrow"))
def browser_settings(request) -> dict[str, Any]:
    """Return how the pages are opened."""
    locale, width = request.param
    return {"locale": locale, "viewport": {"width": width, "height": 800}}


@pytest.fixture
def park(app: Flask) -> dict[str, int]:
    """Return ids; three requests of Ada's wait for Mei."""
    ids = cast_with_passwords(app)
    with app.app_context():
        ada = actor(db.session.get_one(User, ids["ada"]))
        first = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
        for hours in (0, 2, 4):
            start = first + timedelta(hours=hours)
            wish = BookingRequest(
                start=start, end=start + timedelta(hours=1), pool_id=ids["confocal"]
            )
            write(lambda s, wish=wish: request_reservation(s, ada, wish, clock.now()))
        db.session.remove()
    return ids


def test_the_inbox_is_walked_and_decided_by_keys(page: Page, live_url, park):
    enter(page, live_url, "mei")
    page.goto(f"{live_url}/inbox")
    assert faults(page) == []
    screenshot(page, f"desk-inbox-{page.viewport_size['width']}")
    boxes = page.locator("tbody .tick input")

    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    assert faults(page) == []
    screenshot(page, f"desk-keys-{page.viewport_size['width']}")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(boxes.nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(boxes.nth(1)).to_be_checked()
    page.keyboard.press("k")
    page.keyboard.press("a")
    expect(page.locator("tbody > tr")).to_have_count(2)
    expect(boxes.first).to_be_focused()  # on to the next
    page.keyboard.press("r")
    page.wait_for_url("**/inbox/decide")
    assert faults(page) == []
    screenshot(page, f"desk-reject-{page.viewport_size['width']}")
