"""The timeline in Chromium: lanes come and go with scrolling, keys and mouse do the same."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from booking.accounts.models import User
from booking.infra import clock
from booking.infra.db import db, write
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Reservation
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.requesting import request_reservation
from tests.browser import screenshot
from tests.e2e.looks import cast_with_passwords, enter, faults
from tests.factories import actor

pytestmark = pytest.mark.e2e
LOOKS = [("zh-CN", 1280, "light"), ("en-GB", 390, "dark")]
CHINA = ZoneInfo("Asia/Shanghai")
MANY = 300


@pytest.fixture
def park(app: Flask) -> dict[str, int]:
    """Return ids: Mei leads hundreds of units; Ada has one of them tomorrow from 10 to 12."""
    ids = cast_with_passwords(app)
    with app.app_context():
        session = db.session()
        pool = session.get_one(Pool, ids["confocal"])
        pool.approval = "auto"
        session.add_all(
            Unit(pool_id=pool.id, institution_id=pool.institution_id, created_at=clock.now())
            for _ in range(MANY)
        )
        session.commit()
        start = day() + timedelta(hours=10)
        asked = BookingRequest(start, start + timedelta(hours=2), unit_id=ids["unit"])
        ada = actor(session.get_one(User, ids["ada"]))
        now = clock.now()
        ids["booked"] = write(lambda s: request_reservation(s, ada, asked, now)).reservation_id
    return ids


def day() -> datetime:
    """Return tomorrow's midnight at the site."""
    today = clock.now().astimezone(CHINA).date()
    return datetime.combine(today + timedelta(days=1), time(), tzinfo=CHINA)


def times(app: Flask, reservation_id: int) -> tuple[float, float]:
    """Return when a reservation begins and ends, in hours of tomorrow."""
    with app.app_context():
        row = db.session.get_one(Reservation, reservation_id)
        return tuple((moment - day()) / timedelta(hours=1) for moment in (row.start_at, row.end_at))


def test_hundreds_of_lanes_are_walked_moved_and_booked(
    app: Flask, page: Page, live_url, look, park
):
    enter(page, live_url, "mei")
    page.goto(f"{live_url}/timeline?from={day().date()}")
    booked = page.locator(".slab.held.approved")
    expect(booked).to_be_visible()
    assert page.locator(".lane").count() < 40
    screenshot(page, f"timeline-{look[0]}-{look[1]}")
    assert faults(page) == []

    _walk_to_the_last_lane(page)
    _move_by_keys(app, page, park["booked"])
    if look[1] > 1000:
        _move_by_mouse_and_undo(app, page, park["booked"])
        _book_by_mouse(page)
    page.goto("about:blank")  # nothing is asked again while the test ends


def _walk_to_the_last_lane(page: Page) -> None:
    page.locator('.lane [role=gridcell][tabindex="0"]').focus()
    page.keyboard.press("Control+End")
    last = page.locator(f'.lane[aria-rowindex="{MANY + 8 - 1}"] [role=gridcell]').first
    expect(last).to_be_focused()
    assert page.locator(".lane").count() < 60
    page.keyboard.press("Control+Home")
    first = page.locator('.lane[aria-rowindex="1"] [role=gridcell]:focus')
    expect(first).to_be_visible()


def _lies(page: Page, at: str) -> None:
    """Wait until the reservation is shown to begin there, as it was read again."""
    expect(page.locator(".slab.held.approved")).to_have_attribute("aria-label", re.compile(at))


def _move_by_keys(app: Flask, page: Page, booked: int) -> None:
    slab = page.locator(".slab.held.approved")
    slab.focus()
    page.keyboard.press("m")
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    with page.expect_response("**/timeline/move"):
        page.keyboard.press("Enter")
    _lies(page, "10:30")
    assert times(app, booked) == (10.5, 12.75)


def _move_by_mouse_and_undo(app: Flask, page: Page, booked: int) -> None:
    slab = page.locator(".slab.held.approved")
    expect(slab).to_contain_text("甲生物")
    _lies(page, "10:30")
    box = slab.bounding_box()
    assert box is not None
    hour = box["width"] / 2.25
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 2 * hour, middle[1], steps=4)
    with page.expect_response("**/timeline/move"):
        page.mouse.up()
    said = page.locator("[data-lanes-said]")
    expect(said).to_contain_text("12:30")
    assert times(app, booked) == (12.5, 14.75)
    with page.expect_response("**/timeline/move"):
        said.get_by_role("button").click()
    _lies(page, "10:30")
    assert times(app, booked) == (10.5, 12.75)


def _book_by_mouse(page: Page) -> None:
    box = page.locator(".slab.held.approved").bounding_box()
    assert box is not None
    hour = box["width"] / 2.25
    y = box["y"] + box["height"] / 2
    start = box["x"] + box["width"] + 1.3 * hour  # 14:03
    # The form itself is another test's; it would go on keeping the time while this one ends.
    page.route("**/reserve?**", lambda route: route.fulfill(body="", content_type="text/html"))
    page.mouse.move(start, y)
    page.mouse.down()
    page.mouse.move(start + hour, y, steps=4)
    page.mouse.up()
    page.wait_for_url("**/reserve?**")
    assert "T14%3A00" in page.url
    assert "T15%3A15" in page.url
