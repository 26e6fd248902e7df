"""The delivery log and the letters in Chromium, in both languages, widths and themes."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import expect

from booking.core.period import Period
from booking.infra import outbox
from booking.infra.outbox import Outbox
from booking.infra.passwords import hash_password
from booking.infra.transports import stored
from booking.reminders.jobs.deliver import deliver_due
from tests import factories
from tests.browser import AXE_RULES, WCAG, screenshot, violations
from tests.cast import cast
from tests.reminders.steps import put, rows

pytestmark = pytest.mark.e2e
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
LOOKS = [(WIDE, "light", "zh-CN"), (NARROW, "dark", "en")]
KINDS = ("request_received", "approved", "moved", "cancelled", "reminder")


@pytest.fixture(params=LOOKS, ids=["wide", "narrow"])
def browser_settings(request):
    """Return a wide light page in Chinese, then a narrow dark one in English."""
    viewport, scheme, locale = request.param
    return {"viewport": viewport, "color_scheme": scheme, "locale": locale}


@pytest.fixture
def language(browser_settings):
    """Return the language in file names."""
    return browser_settings["locale"][:2]


@pytest.fixture
def letters(app, session, now, language):
    """Return the ids of messages of five kinds, one of them failed."""
    park = cast(session)
    park.ops.password_hash = hash_password("let me read")
    park.ada.locale = "en" if language == "en" else "zh_Hans_CN"
    session.commit()
    period = Period(now + timedelta(hours=30), now + timedelta(hours=32))
    row = factories.create_reservation(
        session, park.confocal, period, user_id=park.ada.id, company_id=park.company_a.id,
        source="booked", note="Three samples; please keep the laser warm.",
    )  # fmt: skip
    earlier = {
        "old_start": row.start_at - timedelta(hours=2),
        "old_end": row.end_at - timedelta(hours=2),
    }
    for kind in KINDS:
        put(kind, park.ada, row, **(earlier if kind == "moved" else {}), by="梅")
    deliver_due()
    last = session.get(Outbox, rows(session)[-1].id)
    last.state, last.attempts, last.error = outbox.DEAD, 10, "451 mailbox busy"
    session.commit()
    return [one.id for one in rows(session)]


def faults(page, rules=AXE_RULES):
    """Return what axe finds against some rules."""
    found = violations(page, rules)
    return [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in found]


def fits(page):
    """Return whether nothing is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_operator_finds_reads_and_sends_again(page, live_url, letters, language):
    page.goto(f"{live_url}/account/sign-in?next=/messages")
    page.fill("[name=email]", "ops@test.example")
    page.fill("[name=password]", "let me read")
    page.click("main button[type=submit]")
    expect(page.locator("tbody tr")).to_have_count(len(letters))
    assert fits(page)
    assert faults(page) == []
    screenshot(page, f"messages-log-{language}")

    page.goto(f"{live_url}/messages?state=dead")
    page.locator("tbody a").click()
    again = page.locator("form[action$='send-again'] button")
    expect(again).to_be_visible()
    assert fits(page)
    assert faults(page) == []
    screenshot(page, f"messages-one-{language}")

    again.click()
    expect(page.locator(".callout.good")).to_be_visible()
    expect(again).to_have_count(0)


@pytest.mark.parametrize("position", range(len(KINDS)), ids=KINDS)
def test_a_letter_can_be_read_anywhere(page, app, letters, language, position):
    content = stored(app.instance_path, letters[position])
    message = message_from_bytes(content, policy=policy.default)
    html = message.get_body(("html",)).get_content()

    page.set_content(html)

    assert fits(page)
    assert faults(page, WCAG) == []  # landmarks are for pages
    screenshot(page, f"mail-{KINDS[position]}-{language}")
