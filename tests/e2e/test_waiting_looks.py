"""The pages of waiting in Chromium: nothing axe finds, nothing too wide, a picture."""

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page

from booking.accounts.models import User
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db, write
from booking.inventory.models import Pool
from booking.reservations.rules.waiting import Wish
from booking.reservations.services.waiting import join
from tests.browser import screenshot
from tests.e2e.looks import cast_with_passwords, enter, faults
from tests.factories import actor, create_draw_entry

pytestmark = pytest.mark.e2e
LOOKS = [("zh-CN", 1280, "light"), ("en-GB", 390, "dark"), ("zh-CN", 390, "light")]


@pytest.fixture
def park(app: Flask) -> dict[str, int]:
    """Return ids; Mei is offered two hours, and waits for two more things."""
    ids = cast_with_passwords(app)
    with app.app_context():
        mei = actor(db.session.get_one(User, ids["mei"]))
        now = clock.now().replace(minute=0, second=0)
        first, pool = now + timedelta(days=2), ids["confocal"]
        for kind, minutes in (("offer", 120), ("notice", 60)):
            wish = Wish(kind, first, first + timedelta(hours=8), minutes, pool_id=pool)
            write(lambda s, wish=wish: join(s, mei, wish, clock.now()))
        asked, day = db.session.get_one(Pool, pool), Period(first, first + timedelta(days=1))
        create_draw_entry(db.session(), asked, db.session.get_one(User, ids["mei"]), day)
        db.session.remove()
    return ids


def test_pages_of_waiting_look_right(page: Page, live_url, park, look):
    enter(page, live_url, "mei")
    pages = {
        "waitlist": "/waitlist",
        "wait": f"/waitlist/new?pool_id={park['confocal']}",
        "queue": f"/pools/{park['confocal']}/waitlist",
        "draws": f"/pools/{park['confocal']}/draws",
        "pool-waiting": f"/pools/{park['confocal']}",
    }
    for name, path in pages.items():
        page.goto(f"{live_url}{path}")
        assert faults(page) == [], name
        screenshot(page, f"{name}-{look[0]}-{look[1]}")
