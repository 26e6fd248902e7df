"""The parts in Chromium: no fault of accessibility, nothing too wide, scripts that help."""

import pytest
from playwright.sync_api import expect

from tests.browser import screenshot, violations

pytestmark = pytest.mark.e2e
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
SKELETONS = {
    "guide": "",
    "guide-en": "lang=en",
    "sign-in": "page=accounts/sign_in&as=&wrong=1",
    "set-password": "page=accounts/set_password&as=",
    "change-password": "page=accounts/change_password",
    "error-404": "page=error&status=404&banner=x&flash=1",
}


# The style guide in all four settings; each other skeleton in both widths and both themes.
ALL = [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light"), (NARROW, "dark")]
BOTH = [(WIDE, "dark"), (NARROW, "light")]
LOOKS = [(name, *look) for name in SKELETONS for look in (ALL if name == "guide" else BOTH)]


def faults(page):
    return [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in violations(page)]


class TestLook:
    @pytest.fixture
    def browser_settings(self, viewport, theme):
        return {"locale": "zh-CN", "viewport": viewport, "color_scheme": theme}

    @pytest.mark.parametrize(("name", "viewport", "theme"), LOOKS)
    def test_a_skeleton_has_no_fault_axe_can_find(self, page, live_url, name, viewport, theme):
        page.goto(f"{live_url}/show?{SKELETONS[name]}")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        screenshot(page, f"design-{name}-{viewport['width']}-{theme}")


class TestScripts:
    @pytest.fixture
    def browser_settings(self):
        return {"locale": "zh-CN", "viewport": WIDE}

    def test_a_moved_start_takes_the_end_along(self, page, live_url):
        page.goto(f"{live_url}/show")
        page.fill("#start", "2025-11-25T13:00")
        page.locator("#start").blur()
        assert page.input_value("#end") == "2025-11-25T15:00"
        page.click("[data-minutes='240']")
        assert page.input_value("#end") == "2025-11-25T17:00"
        assert page.locator("[data-period] output").inner_text() == "4小时"

    def test_a_question_opens_where_you_are_and_closes_again(self, page, live_url):
        page.goto(f"{live_url}/show")
        page.click("[data-ask]")
        dialog = page.locator("dialog")
        assert dialog.is_visible()
        assert faults(page) == []
        page.click("[data-close]")
        assert not dialog.is_visible()

    def test_one_tick_takes_all_and_an_empty_choice_cannot_be_sent(self, page, live_url):
        page.goto(f"{live_url}/show")
        approve = page.locator("button[value=approve]")
        assert approve.is_hidden()
        page.check("[data-all]")
        assert page.locator("[data-one]:checked").count() == 3
        assert page.locator("[data-selected]").inner_text() == "3"
        assert approve.is_visible()

    def test_a_form_is_sent_once(self, page, live_url):
        sent = []
        page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
        page.route("**/show*", lambda r: r.abort() if r.request.method == "POST" else r.continue_())
        page.goto(f"{live_url}/show?page=accounts/change_password")
        page.evaluate(
            "f = document.querySelector('main form'); f.requestSubmit(); f.requestSubmit()"
        )
        page.wait_for_timeout(200)
        assert len(sent) == 1

    def test_arrow_keys_walk_the_week(self, page, live_url):
        page.goto(f"{live_url}/show")
        page.locator("a.slot").first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.matches('a.slot')")

    def test_a_ticked_filter_asks_at_once_and_keeps_the_focus(self, page, live_url):
        page.goto(f"{live_url}/show")
        page.check("#platform-3")
        page.wait_for_url("**platform=2**")
        assert "q=" in page.url
        expect(page.locator("#platform-3")).to_be_focused()

    def test_the_account_menu_closes_on_escape(self, page, live_url):
        page.goto(f"{live_url}/show")
        page.click("[data-menu] summary")
        assert page.locator(".sheet").is_visible()
        page.keyboard.press("Escape")
        assert not page.locator(".sheet").is_visible()


class TestWithoutScripts:
    @pytest.fixture
    def browser_settings(self):
        return {"locale": "zh-CN", "viewport": NARROW, "java_script_enabled": False}

    def test_filters_open_and_a_question_is_a_link(self, page, live_url):
        page.goto(f"{live_url}/show")
        page.click(".filters-open")
        assert page.locator("#filters").is_visible()
        assert page.locator("[data-ask]").get_attribute("href") == "#fallback"
