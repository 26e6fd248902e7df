"""The page that finds a time in Chromium: nothing axe finds, nothing too wide, pictures, keys."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser import screenshot
from tests.e2e.looks import cast_with_passwords, faults, sign_in

pytestmark = pytest.mark.e2e
LOOKS = [("zh-CN", 1280, "light"), ("en-GB", 390, "dark")]


def test_it_looks_right_and_is_used_with_the_keyboard(app: Flask, page: Page, live_url, look):
    cast_with_passwords(app)
    sign_in(page, live_url, "ada")
    page.goto(f"{live_url}/pools")
    page.click("a[href^='/find']")
    expect(page.locator(".rows > li").first).to_be_visible()
    name = "-".join(map(str, look))
    for what, path in {
        "find": "/find?minutes=120&weekday=2&weekday=3&sort=best",
        "find-nothing": "/find?q=nothing",
        "find-unread": "/find?day=2026-13-01",
    }.items():
        page.goto(f"{live_url}{path}")
        screenshot(page, f"{what}-{name}")
        assert faults(page) == []
    if page.locator(".filters-open").is_visible():
        page.click(".filters-open")
        screenshot(page, f"find-filters-{name}")
        assert faults(page) == []
    page.goto(f"{live_url}/find")
    page.locator(".rows a.title").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/reserve?**")
