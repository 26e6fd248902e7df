"""The catalogue in real Chromium: found by pinyin, narrowed, a free hour leads to the form."""

import re

import pytest
from playwright.sync_api import expect

from booking.accounts.services.sessions import start_session
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db, write
from booking.inventory.services.search import refresh_search
from tests.browser import screenshot, violations
from tests.cast import cast
from tests.factories import create_reservation

pytestmark = pytest.mark.e2e
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
def park(app):
    """Return the cast's ids that the pages need, with search texts and a taken hour."""
    with app.app_context():
        made = cast(db.session())
        refresh_search(db.session(), None)
        start = clock.now().replace(minute=0, second=0)
        create_reservation(db.session(), made.confocal, Period(start, start.replace(minute=59)))
        db.session.commit()
        return {
            "ada": made.ada.id,
            "confocal": made.confocal.id,
            "unit": made.confocal_units[0].id,
        }


def sign_in(app, page, url, user_id):
    """Sign a person in without the form."""
    with app.app_context():
        token = write(lambda s: start_session(s, user_id, "127.0.0.1", "test", clock.now()))
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    name = app.config["SESSION_COOKIE_NAME"]
    value = client.get_cookie(name).value
    page.context.add_cookies([{"name": name, "value": value, "url": url}])


def faults(page):
    """Return what axe objects to, and whether the page scrolls sideways."""
    found = [violation["id"] for violation in violations(page)]
    root = "document.documentElement"
    wide = page.evaluate(f"{root}.scrollWidth > {root}.clientWidth")
    return [*found, "scrolls sideways"] if wide else found


@pytest.mark.parametrize(("width", "label"), [(WIDE, "wide"), (NARROW, "narrow")])
def test_a_pool_is_found_by_pinyin_and_its_free_hour_leads_to_the_form(
    app, page, live_url, park, width, label
):
    page.set_viewport_size(width)
    sign_in(app, page, live_url, park["ada"])
    page.goto(f"{live_url}/pools")
    assert faults(page) == []
    screenshot(page, f"catalogue-list-{label}")

    page.get_by_role("searchbox").fill("gongjujiao")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="激光共聚焦显微镜")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name="激光共聚焦显微镜").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("激光共聚焦显微镜")
    assert faults(page) == []
    screenshot(page, f"catalogue-pool-{label}")

    page.goto(f"{live_url}/units/{park['unit']}")
    assert faults(page) == []
    screenshot(page, f"catalogue-unit-{label}")

    page.goto(f"{live_url}/pools/{park['confocal']}")
    page.locator("a.slot").nth(20).click()
    expect(page).to_have_url(re.compile(rf"/reserve\?pool_id={park['confocal']}&start="))


def test_ticking_narrows_at_once_and_on_a_phone_in_a_sheet(app, page, live_url, park):
    sign_in(app, page, live_url, park["ada"])
    page.goto(f"{live_url}/pools")
    page.get_by_label("东方大学").check()
    expect(page.get_by_role("link", name="流式细胞仪")).to_be_visible()
    expect(page.get_by_role("link", name="基因测序仪")).to_have_count(0)
    page.get_by_role("link", name=re.compile("移除条件.*东方大学")).click()
    expect(page.get_by_role("link", name="基因测序仪")).to_be_visible()

    page.set_viewport_size(NARROW)
    expect(page.get_by_label("东方大学")).to_be_hidden()
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_label("东方大学")).to_be_visible()
    assert faults(page) == []
    screenshot(page, "catalogue-filters-narrow")


def test_only_the_label_comes_out_on_paper(app, page, live_url, park):
    sign_in(app, page, live_url, park["ada"])
    page.goto(f"{live_url}/units/{park['unit']}")
    page.emulate_media(media="print")
    expect(page.get_by_role("img", name="本页二维码")).to_be_visible()
    for hidden in (page.get_by_role("heading", level=1), page.locator(".week-part"),
                   page.locator("header.bar")):  # fmt: skip
        expect(hidden).to_be_hidden()
    screenshot(page, "catalogue-label-printed")
