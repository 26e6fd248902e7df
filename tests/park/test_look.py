"""The park's pages in Chromium: nothing axe finds wrong, nothing too wide, a picture of each."""

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import Building, Room
from booking.infra.passwords import hash_password
from booking.inventory.models import Contribution
from tests import factories
from tests.browser import enter, screenshot, violations
from tests.cast import Cast, cast

pytestmark = pytest.mark.e2e
PASSWORD = "correct horse battery"
LOOKS = [("zh-CN", 1280, "light"), ("en-GB", 390, "dark")]
# Axe takes a second a page: narrow pages differ from wide ones where tables stack and forms fold.
ALSO_NARROW = ("start", "people", "sharing", "rules", "units")


@pytest.fixture
def park(app: Flask, session: Session) -> Cast:
    """Return the cast, with a building, and passwords for the operator and Mei."""
    everyone = cast(session)
    building = factories.keep(session, Building(site_id=everyone.site.id, name_zh="A座"))
    factories.keep(session, Room(building_id=building.id, name="101", floor="1"))
    # Longer than a phone is wide, in a select.
    long = "Mass Spectrometry and Chromatography Laboratory of the Faculty"
    factories.create_lab(session, name_zh="质谱室", name_en=long, institution_id=everyone.east.id)
    for user in (everyone.ops, everyone.mei):
        user.password_hash = hash_password(PASSWORD)
    session.commit()
    return everyone


def addresses(session: Session, park: Cast) -> dict[str, str]:
    """Return page name → path, for every page of the operator."""
    agreement = session.scalars(select(Contribution.id).order_by(Contribution.id)).first()
    pool, unit = park.confocal.id, park.confocal_units[0].id
    return {
        "start": "/park", "sites": "/park/sites", "site": f"/park/sites/{park.site.id}",
        "new-site": "/park/sites/new", "building": "/park/buildings/1", "room": "/park/rooms/1",
        "institutions": "/park/institutions", "institution": f"/park/institutions/{park.west.id}",
        "companies": "/park/companies", "company": f"/park/companies/{park.company_a.id}",
        "labs": "/park/labs", "lab": f"/park/labs/{park.west_lab.id}",
        "people": "/park/people", "person": f"/park/people/{park.ada.id}",
        "invite": "/park/people/new", "platforms": "/park/platforms",
        "sharing": f"/park/sharing?institution={park.west.id}",
        "agreement": f"/park/sharing/{agreement}", "end": f"/park/sharing/{agreement}/end",
        "retire": f"/manage/pools/{pool}/retire", "pools": "/manage/pools",
        "new-pool": "/manage/pools/new", "pool": f"/manage/pools/{pool}",
        "rules": f"/manage/pools/{pool}/rules", "units": f"/manage/pools/{pool}/units",
        "unit": f"/manage/units/{unit}", "picture": f"/manage/pools/{pool}/picture",
    }  # fmt: skip


def faults(page: Page) -> list[object]:
    """Return what axe finds, and whether the page is wider than the window."""
    told = [(v["id"], [node["html"][:160] for node in v["nodes"]]) for v in violations(page)]
    return [*told, *too_wide(page)]


def too_wide(page: Page) -> list[object]:
    """Return by how much the page is wider than the window, if it is."""
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [("too wide", wide)] if wide > 0 else []


@pytest.mark.parametrize(("locale", "width", "theme"), LOOKS)
class TestLook:
    """Each page once wide and once narrow, in the other language and theme."""

    @pytest.fixture
    def browser_settings(self, locale: str, width: int, theme: str) -> dict[str, object]:
        """Return how pages are opened."""
        size = {"width": width, "height": 844}
        return {"locale": locale, "viewport": size, "color_scheme": theme}

    def test_the_operators_pages_have_no_fault_axe_can_find(
        self, page: Page, live_url: str, session: Session, park: Cast, width: int
    ) -> None:
        enter(page, live_url, park.ops.email, PASSWORD)
        wrong = {}
        for name, path in addresses(session, park).items():
            page.goto(live_url + path)
            screenshot(page, f"park-{name}-{width}")
            thorough = width > 1000 or name in ALSO_NARROW
            if found := faults(page) if thorough else too_wide(page):
                wrong[name] = found
        assert wrong == {}

    def test_a_refused_form_is_clear(
        self, page: Page, live_url: str, park: Cast, width: int
    ) -> None:
        enter(page, live_url, park.mei.email, PASSWORD)
        page.goto(f"{live_url}/manage/pools/{park.confocal.id}/rules")
        page.check("input[name=opening_hours][value=own]")
        page.fill("#day1", "nine to five")
        page.click("main .submit button")
        assert page.locator("#day1").is_visible()
        assert page.input_value("#day1") == "nine to five"
        assert faults(page) == []
        screenshot(page, f"park-refused-{width}")

    def test_hours_of_each_day_appear_when_they_matter(
        self, page: Page, live_url: str, park: Cast, width: int
    ) -> None:
        enter(page, live_url, park.mei.email, PASSWORD)
        page.goto(f"{live_url}/manage/pools/{park.confocal.id}/rules")
        assert page.locator("#day1").is_hidden()
        page.check("input[name=opening_hours][value=own]")
        assert page.locator("#day1").is_visible()
