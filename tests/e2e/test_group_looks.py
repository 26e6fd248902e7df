"""Each page of series and groups in Chromium: nothing axe finds, nothing too wide, a picture."""

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from booking.accounts.models import User
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.rules.groups import SeriesWanted
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.rules.rrule import parse_rule
from booking.reservations.services.series import make_series
from tests.browser import screenshot
from tests.e2e.looks import cast_with_passwords, enter, faults
from tests.factories import actor

pytestmark = pytest.mark.e2e
LOOKS = [("zh-CN", 1280, "light"), ("en-GB", 390, "dark"), ("zh-CN", 390, "light")]


@pytest.fixture
def park(app: Flask) -> dict[str, int]:
    """Return ids: a series of Ada's that waits for the lab."""
    ids = cast_with_passwords(app)
    with app.app_context():
        now = clock.now()
        start = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        ada = actor(db.session.get_one(User, ids["ada"]))
        request = BookingRequest(start, start + timedelta(hours=1), pool_id=ids["confocal"])
        rule = parse_rule("FREQ=WEEKLY;INTERVAL=1;COUNT=6")
        wanted = SeriesWanted(request, rule, title="每周活细胞成像")
        ids["series"] = write(lambda s: make_series(s, ada, wanted, now)).group_id
        db.session.remove()
    return ids


def test_pages_of_series_look_right(page: Page, live_url, park, look):
    enter(page, live_url, "ada")
    for name, path in {
        "series-list": "/reservations?tab=pending",
        "series-form": f"/reserve/series?pool_id={park['confocal']}",
        "group": f"/reservation-groups/{park['series']}",
        "group-move": f"/reservation-groups/{park['series']}/move",
        "group-cancel": f"/reservation-groups/{park['series']}/cancel",
        "together-empty": "/reserve/together",
    }.items():
        assert page.goto(f"{live_url}{path}").status == 200
        keep(page, name, look)

    page.goto(f"{live_url}/reserve?pool_id={park['confocal']}")
    page.click("[formaction]")
    expect(page.locator("#repeats")).to_have_value("weekly")
    page.select_option("#repeats", "daily")
    page.fill("#count", "90")
    page.click(".submit .btn-primary")
    expect(page.locator(".occurrences li")).to_have_count(90)
    expect(page.locator("#preview-title")).to_be_visible()
    keep(page, "series-preview", look)


def test_putting_instruments_together_looks_right(page: Page, live_url, park, look):
    enter(page, live_url, "ada")
    page.goto(f"{live_url}/reserve/together?pool_id={park['confocal']}")
    page.fill("#find", "基因" if look[0] == "zh-CN" else "Seq")
    page.press("#find", "Enter")
    page.click("button[value^='add:']")
    expect(page.locator("fieldset.part")).to_have_count(2)
    keep(page, "together", look)


def test_the_lab_decides_on_a_series(page: Page, live_url, park, look):
    enter(page, live_url, "mei")
    page.goto(f"{live_url}/reservation-groups/{park['series']}")
    keep(page, "group-to-decide", look)
    page.click("button[value=approve]")
    expect(page.locator(".flashes")).to_be_visible()


def keep(page: Page, name: str, look: tuple[str, int, str]) -> None:
    """Keep a picture of the open page, and find nothing wrong with it."""
    locale, width, _colours = look
    screenshot(page, f"{name}-{locale[:2]}-{width}")
    assert faults(page) == [], name
