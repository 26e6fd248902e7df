"""The lab manager's desk in Chromium: the inbox by keys alone, and how its pages look."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from booking.accounts.models import User
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db, write
from booking.inventory.models import Pool
from booking.policies.models import RuleEdition, RuleValue
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.requesting import request_reservation
from tests.browser import screenshot
from tests.e2e.looks import cast_with_passwords, enter, faults
from tests.factories import actor, create_reservation, units_of

pytestmark = pytest.mark.e2e
STATES = ("approved", "in_use", "approved")


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
        session, now = db.session(), clock.now().replace(second=0, microsecond=0)
        pool = session.get_one(Pool, ids["confocal"])
        booked = {"user_id": ids["ada"], "company_id": ada.parties[0].company_id}
        scope = {"scope_kind": "pool", "scope_key": str(pool.id), "set_at": now}
        session.add(RuleValue(rule="check_in", value="true", **scope))
        session.add(RuleEdition(id=1, number=4711))
        for unit, begin, state in zip(units_of(session, pool), (-10, -60, 90), STATES, strict=True):
            start = now + timedelta(minutes=begin)
            period = Period(start, start + timedelta(hours=2))
            checked = {"checked_in_at": start} if state == "in_use" else {}
            create_reservation(session, pool, period, [unit], status=state, **checked, **booked)
        session.commit()
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


def test_the_day_and_the_door_look_right(page: Page, live_url, park):
    enter(page, live_url, "mei")
    width = page.viewport_size["width"]
    with page.expect_response("**/today"):
        page.goto(f"{live_url}/today")
    assert faults(page) == []
    screenshot(page, f"desk-today-{width}")
    page.locator("tbody .btn-link").first.focus()
    page.evaluate("document.querySelector('[data-fresh]').append('old')")
    with page.expect_response("**/today"):  # what changed is swapped, the focus stays
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-fresh]")).not_to_contain_text("old")
    expect(page.locator("tbody .btn-link").first).to_be_focused()
    for name, query in (("door", "?names=0"), ("door-names", "")):
        page.goto(f"{live_url}/units/{park['unit']}/door{query}")
        assert faults(page) == []
        screenshot(page, f"desk-{name}-{width}")
