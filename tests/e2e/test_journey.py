"""From a search to the mail in the booker's hand, in real Chromium and in both languages."""

import contextlib
import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from booking.infra import clock, transports
from booking.reminders.jobs.deliver import deliver_due
from tests.browser import leave, screenshot, watch
from tests.e2e.looks import cast_with_passwords, faults, sign_in

pytestmark = pytest.mark.e2e

WORDS: dict[str, dict[str, str]] = {
    "zh-CN": {
        "pool": "激光共聚焦显微镜", "book": "预约", "send": "提交申请", "asked": "已提交申请",
        "taken": "该时段已被预约", "another": "同一时间，另一台", "approve": "同意所选",
        "approved": "已同意 2 项", "yours": "预约成功", "mail": "激光共聚焦显微镜",
    },
    "en-US": {
        "pool": "Confocal microscope", "book": "Book", "send": "Send the request",
        "asked": "Requested: Confocal microscope", "taken": "This time is already taken.",
        "another": "Same time, another unit", "approve": "Approve selected",
        "approved": "2 approved.", "yours": "It is yours.", "mail": "Confocal microscope",
    },
}  # fmt: skip


LOCALES = {"zh-CN": "zh_Hans_CN", "en-US": "en"}


@pytest.fixture(params=list(WORDS))
def locale(request: pytest.FixtureRequest) -> str:
    """Return the language of all browsers of the test."""
    return request.param


@pytest.fixture
def browser_settings(locale: str) -> dict[str, Any]:
    """Return how the pages are opened."""
    return {"locale": locale, "viewport": {"width": 1280, "height": 800}}


def tomorrow(hour: int) -> str:
    """Return an hour of tomorrow in Shanghai, as a form's field has it."""
    day = clock.now().astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)
    return day.strftime(f"%Y-%m-%dT{hour:02d}:00")


def book(page: Page, words: dict[str, str], unit: int) -> None:
    """Fill the form for one unit, tomorrow from ten to twelve, and send it."""
    page.select_option("#unit_id", str(unit))
    page.fill("#start", tomorrow(10))
    page.fill("#end", tomorrow(12))
    page.fill("#note", "第三批样品 <b>")
    page.get_by_role("button", name=words["send"]).click()


@dataclass(frozen=True)
class Journey:
    """One run: the served app, its words, what its pages speak of."""

    app: Flask
    browser: Browser
    settings: dict[str, Any]
    url: str
    words: dict[str, str]
    ids: dict[str, int]

    def shot(self, page: Page, name: str) -> None:
        """Keep a picture of this step."""
        screenshot(page, f"journey-{self.settings['locale'][:2]}-{name}")

    @contextlib.contextmanager
    def person(self, who: str) -> Iterator[Page]:
        """Yield a browser of another person's own; it must not complain."""
        context = self.browser.new_context(**self.settings)
        complaints = watch(context)
        page = context.new_page()
        sign_in(page, self.url, who)
        yield page
        leave(context)
        assert complaints == []


@pytest.fixture
def journey(app: Flask, browser: Browser, browser_settings, live_url: str, locale: str) -> Journey:
    """Return the journey in one language."""
    ids = cast_with_passwords(app, LOCALES[locale])
    return Journey(app, browser, browser_settings, live_url, WORDS[locale], ids)


def test_found_by_pinyin_booked_refused_approved_and_told(journey: Journey, page: Page):
    address = ada_finds_and_books(journey, page)
    cy_is_refused_and_takes_the_sibling(journey, address)
    mei_approves_both(journey)

    page.goto(address)
    expect(page.locator("main")).to_contain_text(journey.words["yours"])
    journey.shot(page, "5-approved")
    with journey.app.app_context():
        deliver_due()
    folder = Path(journey.app.instance_path)
    assert calendar_of(folder, "ada@test.example", journey.words["mail"])


def ada_finds_and_books(journey: Journey, page: Page) -> str:
    """Return the address of the reservation made."""
    words = journey.words
    sign_in(page, journey.url, "ada")
    page.get_by_role("searchbox").fill("gongjujiao")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile(words["pool"])).first.click()
    page.get_by_role("link", name=words["book"], exact=True).first.click()
    expect(page.locator("#start")).to_be_visible()
    journey.shot(page, "1-form")
    book(page, words, journey.ids["unit"])
    expect(page.locator(".flashes")).to_contain_text(words["asked"])
    journey.shot(page, "2-requested")
    return page.url


def cy_is_refused_and_takes_the_sibling(journey: Journey, address: str) -> None:
    """The same unit at the same time: what was typed stays, one click books another unit."""
    words = journey.words
    with journey.person("cy") as cy:
        cy.goto(f"{journey.url}/reserve?pool_id={journey.ids['confocal']}")
        book(cy, words, journey.ids["unit"])
        expect(cy.locator(".error-summary")).to_contain_text(words["taken"])
        expect(cy.locator("main")).not_to_contain_text("Ada")
        expect(cy.locator("#note")).to_have_value("第三批样品 <b>")
        journey.shot(cy, "3-refused")
        assert faults(cy) == []
        cy.locator(".offer", has_text=words["another"]).click()
        expect(cy.locator(".flashes")).to_contain_text(words["asked"])
        cy.goto(address)
        expect(cy.locator("main")).to_contain_text("404")


def mei_approves_both(journey: Journey) -> None:
    """All ticked with one box; what acts on them shows only then."""
    words = journey.words
    with journey.person("mei") as mei:
        mei.goto(f"{journey.url}/inbox")
        journey.shot(mei, "4-inbox")
        button = mei.get_by_role("button", name=words["approve"])
        expect(button).to_be_hidden()
        mei.locator("[data-all]").check()
        button.click()
        expect(mei.locator(".flashes")).to_contain_text(words["approved"])


def calendar_of(instance: Path, recipient: str, subject: str) -> str:
    """Return the calendar file of the mail to `recipient` whose subject names `subject`."""
    for file in sorted(transports.folder(str(instance)).glob("*.eml")):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        if recipient in message["To"] and subject in message["Subject"]:
            for part in message.walk():
                if part.get_content_type() == "text/calendar":
                    return part.get_content()
    return ""
