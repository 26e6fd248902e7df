"""The calendar of a group in Chromium: drawn, booked, undone and moved, by mouse and by keys."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from booking.accounts.models import User
from booking.infra import clock
from booking.infra.db import db, write
from booking.inventory.models import Pool
from booking.reservations.models import Reservation
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.requesting import request_reservation
from tests.browser import screenshot
from tests.e2e.looks import cast_with_passwords, enter, faults
from tests.factories import actor

pytestmark = pytest.mark.e2e
LOOKS = [("zh-CN", 1280, "light"), ("en-GB", 390, "dark")]
CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def park(app: Flask) -> dict[str, int]:
    """Return ids: Ada has one of three units next Monday from 10 to 12; it is open by day."""
    ids = cast_with_passwords(app)
    with app.app_context():
        session = db.session()
        pool = session.get_one(Pool, ids["confocal"])
        pool.approval = "auto"
        pool.opening_hours = ";".join(f"{day} 08:00-20:00" for day in range(1, 8))
        session.commit()
        start = monday() + timedelta(hours=10)
        asked = BookingRequest(start, start + timedelta(hours=2), pool_id=pool.id)
        ada, now = actor(session.get_one(User, ids["ada"])), clock.now()
        ids["booked"] = write(lambda s: request_reservation(s, ada, asked, now)).reservation_id
    return ids


def monday() -> datetime:
    """Return next Monday's midnight at the site."""
    today = clock.now().astimezone(CHINA).date()
    return datetime.combine(today + timedelta(days=7 - today.weekday()), time(), tzinfo=CHINA)


def hours(app: Flask, **which: object) -> list[tuple[float, float]]:
    """Return when such reservations begin and end, in hours from next Monday on."""
    with app.app_context():
        rows = db.session.query(Reservation).filter_by(**which).order_by(Reservation.start_at)
        return [
            tuple((moment - monday()) / timedelta(hours=1) for moment in (row.start_at, row.end_at))
            for row in rows
        ]


def test_a_week_is_drawn_booked_undone_and_moved(app: Flask, page: Page, live_url, look, park):
    enter(page, live_url, "ada")
    address = f"{live_url}/pools/{park['confocal']}/calendar?date={monday().date()}"
    page.goto(address)
    if look[1] < 1000:
        expect(page.locator(".cal-agenda").first).to_be_visible()
        expect(page.locator(".cal-host")).to_be_hidden()
        assert faults(page) == []
        page.goto(f"{address}&view=week")
    own = page.locator(".slab.own")
    expect(own).to_be_visible()
    expect(page.locator(".heat").first).to_be_visible()
    screenshot(page, f"calendar-{look[0]}-{look[1]}")
    assert faults(page) == []
    if look[1] > 1000:
        _draw_book_and_undo(app, page)
        _see_what_others_book(app, page, park)
        _carry_to_another_day(app, page, own, park["booked"])
    else:
        _book_by_keys(app, page)
        _move_by_keys(app, page, own, park["booked"])
    page.goto("about:blank")  # nothing is asked again while the test ends


def _draw_book_and_undo(app: Flask, page: Page) -> None:
    tuesday = page.locator('.lane[aria-rowindex="2"] .slab.open').bounding_box()
    assert tuesday is not None
    hour, y = tuesday["width"] / 12, tuesday["y"] + tuesday["height"] / 2
    page.mouse.move(tuesday["x"] + 1.2 * hour, y)
    page.mouse.down()
    page.mouse.move(tuesday["x"] + 3.1 * hour, y, steps=4)
    page.mouse.up()
    card = page.get_by_role("dialog")
    expect(card).to_contain_text("09:00–11:15")
    assert faults(page) == []
    with page.expect_response("**/calendar/book"):
        card.locator("[data-book]").click()
    said = page.locator("[data-lanes-said]")
    expect(said).to_contain_text("09:00–11:15")
    assert hours(app, status="approved") == [(10, 12), (33, 35.25)]
    with page.expect_response("**/calendar/undo"):
        said.get_by_role("button").click()
    assert hours(app, status="approved") == [(10, 12)]


def _see_what_others_book(app: Flask, page: Page, ids: dict[str, int]) -> None:
    thursday = page.locator('.lane[aria-rowindex="4"] .heat')
    expect(thursday.first).to_have_text("3")
    with app.app_context():
        start = monday() + timedelta(days=3, hours=8)
        asked = BookingRequest(start, start + timedelta(hours=1), pool_id=ids["confocal"])
        cy = actor(db.session.query(User).filter_by(email="cy@test.example").one())
        now = clock.now()
        db.session.rollback()
        write(lambda s: request_reservation(s, cy, asked, now))
    # It is asked again every five seconds, and when one comes back to the page.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(thursday.first).to_have_text("2")


def _carry_to_another_day(app: Flask, page: Page, own: Locator, booked: int) -> None:
    expect(own).to_have_count(1)
    box = own.bounding_box()
    assert box is not None
    lane = page.locator(".lane").first.bounding_box()
    assert lane is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + box["width"], middle[1] + 2 * lane["height"], steps=4)
    with page.expect_response("**/timeline/move"):
        page.mouse.up()
    said = page.locator("[data-lanes-said]")
    expect(said).to_contain_text("12:00–14:00")
    assert hours(app, id=booked) == [(60, 62)]
    with page.expect_response("**/timeline/move"):
        said.get_by_role("button").click()
    assert hours(app, id=booked) == [(10, 12)]


def _book_by_keys(app: Flask, page: Page) -> None:
    page.locator('.lane[aria-rowindex="1"] .slab.cal-shut').first.focus()
    expect(page.locator(".cal-tip")).to_contain_text("Outside the opening hours")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator('.lane[aria-rowindex="2"] .slab.open')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").locator("[data-book]")).to_be_focused()
    with page.expect_response("**/calendar/book"):
        page.keyboard.press("Enter")
    expect(page.locator("[data-lanes-said] button")).to_be_focused()
    assert hours(app, status="approved") == [(10, 12), (32, 33)]
    expect(page.locator(".slab.own")).to_have_count(2)


def _move_by_keys(app: Flask, page: Page, own: Locator, booked: int) -> None:
    own.first.focus()
    page.keyboard.press("m")
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    with page.expect_response("**/timeline/move"):
        page.keyboard.press("Enter")
    expect(page.locator("[data-lanes-said]")).to_contain_text(re.compile("10:15–12:30"))
    assert hours(app, id=booked) == [(34.25, 36.5)]
