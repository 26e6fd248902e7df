"""Each page of reservations in Chromium: nothing axe finds, nothing too wide, a picture."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from booking.accounts.models import User
from booking.approvals.services.deciding import approve
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.rules.dealing import Dealing
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.closing import close_unit
from booking.reservations.services.moving import Change, move
from booking.reservations.services.requesting import request_reservation
from tests.browser import screenshot
from tests.e2e.looks import cast_with_passwords, enter, faults
from tests.factories import actor

pytestmark = pytest.mark.e2e
LOOKS = [("zh-CN", 1280, "light"), ("en-GB", 390, "dark"), ("zh-CN", 390, "light")]


@pytest.fixture
def park(app: Flask) -> dict[str, int]:
    """Return ids: a request, an approved one with a change asked for, a closed unit."""
    ids = cast_with_passwords(app)
    with app.app_context():
        now = clock.now()
        ada, mei = (actor(db.session.get_one(User, ids[who])) for who in ("ada", "mei"))
        start = now.replace(minute=0, second=0) + timedelta(days=2)
        hour = timedelta(hours=1)

        def ask(first: int, **more: Any) -> int:
            times = (start + first * hour, start + (first + 1) * hour)
            asked = BookingRequest(*times, pool_id=ids["confocal"], **more)
            return write(lambda s: request_reservation(s, ada, asked, now)).reservation_id

        ids["pending"] = ask(0, note="第三批样品，请协助上机\n两管，4 ℃", quantity=2)
        ids["agreed"] = ask(2)
        write(lambda s: approve(s, mei, ids["agreed"], now))
        later = Change(start=start + 4 * hour, end=start + 5 * hour)
        write(lambda s: move(s, ada, ids["agreed"], None, later, now))
        ids["cancelled"] = ask(6)
        write(lambda s: cancel(s, ada, ids["cancelled"], "", now))
        unit, day = ids["unit"], Period(start - hour, start + 8 * hour)
        kept = Dealing(rest="keep")
        write(lambda s: close_unit(s, mei, unit, day, "calibration", "年度校准", now, kept))
        db.session.remove()
    return ids


def test_pages_of_who_books_look_right(page: Page, live_url, park, look):
    enter(page, live_url, "ada")
    pages = {
        "reservations": "/reservations",
        "reservations-pending": "/reservations?tab=pending",
        "reservations-past": "/reservations?tab=past",
        "reserve": f"/reserve?pool_id={park['confocal']}",
        "reservation-pending": f"/reservations/{park['pending']}",
        "reservation-changing": f"/reservations/{park['agreed']}",
        "reservation-cancelled": f"/reservations/{park['cancelled']}",
        "move": f"/reservations/{park['agreed']}/move",
        "cancel": f"/reservations/{park['agreed']}/cancel",
    }
    for name, path in pages.items():
        look_at(page, f"{live_url}{path}", name, look)
    page.goto(f"{live_url}/reserve?pool_id={park['confocal']}")
    page.fill("#start", "2020-01-01T00:07")
    page.fill("#end", "2020-01-05T00:00")
    page.click("main .form button[type=submit]")
    expect(page.locator(".broken li")).to_have_count(5)
    keep(page, "reserve-refused", look)


def test_pages_of_who_decides_look_right(page: Page, live_url, park, look):
    enter(page, live_url, "mei")
    pages = {
        "inbox": "/inbox",
        "reservations-lab": "/reservations?scope=lab",
        "reservation-to-decide": f"/reservations/{park['pending']}",
        "close": f"/units/{park['unit']}/close",
        "out-of-service": f"/units/{park['unit']}/out-of-service",
        "care": f"/units/{park['unit']}/care",
        "like": f"/pools/{park['confocal']}/like",
        "reserve-for-others": f"/reserve?pool_id={park['confocal']}",
    }
    for name, path in pages.items():
        look_at(page, f"{live_url}{path}", name, look)
    page.goto(f"{live_url}/inbox")
    page.locator("button[name=reject]").first.click()
    expect(page.locator("#reason")).to_be_focused()
    keep(page, "reject", look)


def test_cancelling_asks_in_a_dialog_and_enter_in_the_inbox_decides_nothing(
    page: Page, live_url, park, look
):
    enter(page, live_url, "mei")
    page.goto(f"{live_url}/reservations/{park['agreed']}")
    page.locator("[data-ask]").click()
    expect(page.locator("dialog.ask")).to_be_visible()
    keep(page, "cancel-dialog", look)
    page.keyboard.press("Escape")
    expect(page.locator("dialog.ask")).to_be_hidden()

    page.goto(f"{live_url}/inbox")
    page.locator("[data-one]").first.check()
    page.locator("[data-one]").first.press("Enter")
    page.goto(f"{live_url}/inbox")
    expect(page.locator("[data-one]")).to_have_count(2)


def look_at(page: Page, url: str, name: str, look: tuple[str, int, str]) -> None:
    """Open a page, keep its picture, and find nothing wrong with it."""
    assert page.goto(url).status == 200
    keep(page, name, look)


def keep(page: Page, name: str, look: tuple[str, int, str]) -> None:
    """Keep a picture of the open page, and find nothing wrong with it."""
    locale, width, _colours = look
    screenshot(page, f"{name}-{locale[:2]}-{width}")
    assert faults(page) == [], name
