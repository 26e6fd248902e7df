"""A passkey and an authenticator app in real Chromium, with a device in software (CDP)."""

import time
from typing import Any

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser import screenshot
from tests.e2e.looks import cast_with_passwords, faults, sign_in

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


def looked_at(page: Page, name: str) -> None:
    """Keep a picture; nothing is to be found fault with."""
    screenshot(page, f"factors-{name}")
    assert faults(page) == [], name


def sign_out(page: Page, url: str) -> None:
    """Sign out without looking."""
    page.evaluate("document.querySelector('form[action$=\"/sign-out\"]').requestSubmit()")
    page.wait_for_url(f"{url}/account/sign-in")


def test_a_passkey_and_an_app_in_chromium(page: Page, url: str, device: Any):
    sign_in(page, url, "ada")
    page.goto(f"{url}/account/security")
    page.get_by_label("名称").fill("办公室笔记本")
    page.get_by_role("button", name="添加通行密钥").press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    looked_at(page, "1-codes-zh")
    page.goto(f"{url}/account/security")
    expect(page.locator("main")).to_contain_text("办公室笔记本")

    page.get_by_role("button", name="设置验证器").click()
    secret = page.locator("strong.mono").inner_text().replace(" ", "")
    page.set_viewport_size(NARROW)
    looked_at(page, "2-app-zh-narrow")
    page.fill("#code", pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    expect(page.locator(".flashes")).to_contain_text("身份验证器已启用")
    looked_at(page, "3-security-zh-narrow")

    sign_out(page, url)
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url(f"{url}/")

    sign_out(page, url)
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    looked_at(page, "4-sign-in-en-narrow")
    page.fill("#email", "ada@test.example")
    page.fill("#password", "correct horse battery")
    page.keyboard.press("Enter")
    page.fill("#code", "000000")
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_contain_text("not right")
    looked_at(page, "5-second-en-narrow")
    page.fill("#code", pyotp.TOTP(secret).at(int(time.time()) + 30))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/")


def test_where_one_is_signed_in_and_what_the_script_says(page: Page, url: str, device: Any):
    sign_in(page, url, "ada")
    page.goto(f"{url}/account/sessions")
    looked_at(page, "6-sessions-zh")
    device.send("WebAuthn.disable")
    device.send("WebAuthn.enable")
    for name in ("confirm", "email", "forgotten"):
        page.goto(f"{url}/account/{name}")
        looked_at(page, f"7-{name}-zh")
