"""The pages of rules as a browser shows them: axe, width, what only matters when chosen."""

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from booking.core.period import Period
from booking.infra.db import write
from booking.infra.passwords import hash_password
from booking.policies.cli import load
from booking.policies.rules.settings import Change
from booking.policies.services.settings import change_rules
from tests import factories
from tests.browser import enter, screenshot
from tests.cast import Cast, cast
from tests.park.test_look import LOOKS, PASSWORD, faults

pytestmark = pytest.mark.e2e


@pytest.fixture
def park(app: Flask, session: Session, now) -> Cast:
    """Return the cast with rules at several places, a calendar, and a long reservation."""
    everyone = cast(session)
    for user in (everyone.ops, everyone.mei):
        user.password_hash = hash_password(PASSWORD)
    start = now + timedelta(days=1)
    factories.create_reservation(
        session, everyone.confocal, Period(start, start + timedelta(hours=4)),
        user_id=everyone.ada.id, company_id=everyone.company_a.id, created_at=now,
    )  # fmt: skip
    session.commit()
    ops, lab = factories.actor(everyone.ops), ("lab", str(everyone.west_lab.id))
    group = f"company:{everyone.company_a.id}"
    changes = [Change("cancel_latest_minutes", 1440), Change("level", 0, "tier:resident"),
               Change("horizon_days", 90, group, grants=True)]  # fmt: skip
    write(lambda s: change_rules(s, ops, lab, changes, now))
    app.test_cli_runner().invoke(load, ["2026", "2027"])
    return everyone


@pytest.mark.parametrize(("locale", "width", "theme"), LOOKS)
class TestLook:
    """Each page, wide and Chinese, narrow and English."""

    @pytest.fixture
    def browser_settings(self, locale: str, width: int, theme: str) -> dict[str, object]:
        """Return how pages are opened."""
        size = {"width": width, "height": 844}
        return {"locale": locale, "viewport": size, "color_scheme": theme}

    def test_no_page_has_faults(self, page: Page, live_url: str, park: Cast, width: int) -> None:
        enter(page, live_url, park.ops.email, PASSWORD)
        pool, lab = park.confocal.id, park.west_lab.id
        for name, path in {
            "pool": f"/manage/pools/{pool}/rules", "lab": f"/manage/labs/{lab}/rules",
            "group": f"/manage/labs/{lab}/rules?group=company:{park.company_a.id}",
            "park": "/park/rules", "calendar": "/park/calendar?year=2026",
            "import": "/park/calendar/import", "tags": f"/manage/labs/{lab}/tags",
            "explain": f"/pools/{pool}/explain?start=2026-11-29T10:00&end=2026-12-01T10:07",
        }.items():  # fmt: skip
            page.goto(live_url + path)
            screenshot(page, f"rules-{name}-{width}")
            assert faults(page) == [], name

    def test_what_a_change_does_is_shown_and_agreed_to(
        self, page: Page, live_url: str, park: Cast, width: int
    ) -> None:
        enter(page, live_url, park.mei.email, PASSWORD)
        page.goto(f"{live_url}/manage/pools/{park.confocal.id}/rules")
        assert page.locator("#create_latest_minutes_number").is_hidden()
        page.select_option("#create_latest_minutes", "own")
        page.fill("#create_latest_minutes_number", "30")
        page.fill("#max_minutes", "60")
        page.click("main .submit button.btn-primary")
        assert page.locator("#effects").is_visible()
        assert faults(page) == []
        screenshot(page, f"rules-effects-{width}")
        page.click("#effects button[name=agreed]")
        assert page.input_value("#max_minutes") == "60"
        assert page.locator("#effects").count() == 0
