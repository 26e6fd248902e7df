"""The pages of a company in Chromium: nothing axe finds wrong, nothing too wide, a picture."""

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import Membership
from booking.core.period import Period
from booking.infra.passwords import hash_password
from tests import factories
from tests.browser import enter, screenshot
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.matrix.companies import TOKEN, prepare
from tests.park.test_look import PASSWORD, faults

pytestmark = pytest.mark.e2e


@pytest.fixture
def park(app: Flask, session: Session) -> Cast:
    """Return the cast with what the matrix prepares; Bo has a second company and can sign in."""
    everyone = cast(session)
    prepare(session, everyone)
    factories.create_membership(session, everyone.bo, everyone.company_b)
    everyone.bo.password_hash = hash_password(PASSWORD)
    start = NOW + timedelta(days=400)
    factories.create_reservation(
        session, everyone.automatic, Period(start, start + timedelta(hours=1)),
        user_id=everyone.ada.id, company_id=everyone.company_a.id,
    )  # fmt: skip
    session.commit()
    return everyone


@pytest.mark.parametrize(("locale", "width", "theme"), [("zh-CN", 390, "light")])
class TestLook:
    """Each page as a Chinese telephone shows it; axe finds the same on wide ones."""

    @pytest.fixture
    def browser_settings(self, locale: str, width: int, theme: str) -> dict[str, object]:
        """Return how pages are opened."""
        size = {"width": width, "height": 844}
        return {"locale": locale, "viewport": size, "color_scheme": theme}

    def test_the_pages_of_a_company_have_no_fault_axe_can_find(
        self, page: Page, live_url: str, session: Session, park: Cast
    ) -> None:
        here = f"/companies/{park.company_a.id}"
        of_ada = select(Membership.id).where(Membership.user_id == park.ada.id)
        place = session.scalars(of_ada).one()
        wrong = {}
        pages = {
            "register": "/register", "invitation": f"/invitations/{TOKEN}", "people": here,
            "menu": "", "invitations": f"{here}/invitations",
            "leave": f"{here}/members/{place}/leave",
        }  # fmt: skip
        for name, path in pages.items():
            if name == "people":
                enter(page, live_url, park.bo.email, PASSWORD)
            if path:
                page.goto(live_url + path)
            else:
                page.click("details.menu summary")  # of the page that is open already
            screenshot(page, f"companies-{name}")
            if found := faults(page):
                wrong[name] = found
        assert wrong == {}
