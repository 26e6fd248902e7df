"""A passkey and an authenticator app in real Chromium, with a device in software (CDP)."""

import time
from typing import Any

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser import screenshot
from tests.e2e.looks import PASSWORD, cast_with_passwords, enter, faults

pytestmark = pytest.mark.e2e

NARROW = {"width": 390, "height": 844}
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def url(app: Flask, live_url: str) -> str:
    """Return the server's address by name: browsers know no passkeys for bare addresses."""
    cast_with_passwords(app)
    return live_url.replace("127.0.0.1", "localhost")


@pytest.fixture
def device(page: Page) -> Any:
    """Return the tab's line to a device that makes passkeys and checks who holds it."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    line.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return line


WORDS = {
    "zh-CN": ("名称", "添加通行密钥", "设置验证器", "身份验证器已启用", "用通行密钥登录", "不正确"),
    "en-GB": (
        "Name", "Add a passkey", "Set up an app", "app is in use", "Sign in with a passkey",
        "not right",
    ),
}  # fmt: skip


@pytest.fixture(params=WORDS)
def locale(request: pytest.FixtureRequest) -> str:
    """Return the language of the browser."""
    return str(request.param)


@pytest.fixture
def browser_settings(locale: str) -> dict[str, Any]:
    """Return how the pages are opened."""
    return {"locale": locale, "viewport": NARROW}


def sign_out(page: Page, url: str) -> None:
    """Sign out without looking."""
    page.evaluate("document.querySelector('form[action$=\"/sign-out\"]').requestSubmit()")
    page.wait_for_url(f"{url}/account/sign-in")


def test_a_passkey_and_an_app_sign_in(page: Page, url: str, device: Any, locale: str):
    name, add, begin, in_use, by_passkey, wrong = WORDS[locale]
    enter(page, url, "ada")
    page.goto(f"{url}/account/security")
    page.get_by_label(name).fill("laptop 1")
    page.get_by_role("button", name=add).press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    screenshot(page, f"factors-codes-{locale}")
    assert faults(page) == []
    page.goto(f"{url}/account/security")
    expect(page.locator("main")).to_contain_text("laptop 1")

    page.get_by_role("button", name=begin).click()
    secret = page.locator("strong.mono").inner_text().replace(" ", "")
    page.fill("#code", pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    expect(page.locator(".flashes")).to_contain_text(in_use)

    sign_out(page, url)
    page.get_by_role("button", name=by_passkey).click()
    page.wait_for_url(f"{url}/")

    sign_out(page, url)
    page.fill("#email", "ada@test.example")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.fill("#code", "000000")
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_contain_text(wrong)
    page.fill("#code", pyotp.TOTP(secret).at(int(time.time()) + 30))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/")
