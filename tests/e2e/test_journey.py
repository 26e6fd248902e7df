"""From a search to the mail in the booker's hand, in real Chromium and in both languages."""

import email
import email.policy
import re
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


def test_found_by_pinyin_booked_refused_approved_and_told(
    app: Flask, browser: Browser, browser_settings, page: Page, live_url: str, locale: str
):
    words, ids = WORDS[locale], cast_with_passwords(app, LOCALES[locale])
    shots = locale[:2]

    # Ada finds the instrument by pinyin and books its first unit.
    sign_in(page, live_url, "ada")
    page.get_by_role("searchbox").fill("gongjujiao")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile(words["pool"])).first.click()
    page.get_by_role("link", name=words["book"], exact=True).first.click()
    expect(page.locator("#start")).to_be_visible()
    screenshot(page, f"journey-{shots}-1-form")
    book(page, words, ids["unit"])
    expect(page.locator(".flashes")).to_contain_text(words["asked"])
    screenshot(page, f"journey-{shots}-2-requested")
    ada_at = page.url

    # Cy wants the same unit at the same time: refused, and one click books its sibling.
    other = browser.new_context(**browser_settings)
    complaints = watch(other)
    cy = other.new_page()
    sign_in(cy, live_url, "cy")
    cy.goto(f"{live_url}/reserve?pool_id={ids['confocal']}")
    book(cy, words, ids["unit"])
    expect(cy.locator(".error-summary")).to_contain_text(words["taken"])
    expect(cy.locator("main")).not_to_contain_text("Ada")
    expect(cy.locator("#note")).to_have_value("第三批样品 <b>")
    screenshot(cy, f"journey-{shots}-3-refused")
    assert faults(cy) == []
    cy.locator(".offer", has_text=words["another"]).click()
    expect(cy.locator(".flashes")).to_contain_text(words["asked"])
    cy.goto(ada_at)
    expect(cy.locator("main")).to_contain_text("404")
    leave(other)
    assert complaints == []

    # Mei approves both at once.
    managers = browser.new_context(**browser_settings)
    mei = managers.new_page()
    sign_in(mei, live_url, "mei")
    mei.goto(f"{live_url}/inbox")
    screenshot(mei, f"journey-{shots}-4-inbox")
    expect(mei.get_by_role("button", name=words["approve"])).to_be_hidden()
    mei.locator("[data-all]").check()
    mei.get_by_role("button", name=words["approve"]).click()
    expect(mei.locator(".flashes")).to_contain_text(words["approved"])
    leave(managers)

    # Ada sees it, and the mail with its calendar file lies in instance/mail.
    page.goto(ada_at)
    expect(page.locator("main")).to_contain_text(words["yours"])
    screenshot(page, f"journey-{shots}-5-approved")
    with app.app_context():
        deliver_due()
    assert calendar_of(Path(app.instance_path), "ada@test.example", words["mail"])


def calendar_of(instance: Path, recipient: str, subject: str) -> str:
    """Return the calendar file of the mail to `recipient` whose subject names `subject`."""
    for file in sorted(transports.folder(str(instance)).glob("*.eml")):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        if recipient in message["To"] and subject in message["Subject"]:
            for part in message.walk():
                if part.get_content_type() == "text/calendar":
                    return part.get_content()
    return ""
