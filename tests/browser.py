"""Chromium for tests marked `e2e`, and the app served to it on a loopback port."""

import contextlib
import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from playwright.sync_api import Response as PageResponse
from werkzeug.serving import make_server

from tests.required import missing

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARTIFACTS = Path(__file__).resolve().parents[1] / "artifacts" / "screenshots"
# Chromium says this of every 404 or 409 page, which tests open on purpose.
EXPECTED = "Failed to load resource"
# How soon a server notices that it is to stop.
POLL_SECONDS = 0.01
LAST_ANSWERS_SECONDS = 5
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
AXE_RULES = (*WCAG, "best-practice")


def chromium_path() -> str | None:
    """Return Chromium's program: BOOKING_TEST_CHROMIUM, else the first on the path."""
    given = os.environ.get("BOOKING_TEST_CHROMIUM")
    return given or next(filter(None, map(shutil.which, PROGRAMS)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return one headless Chromium for all tests of this worker."""
    path = chromium_path()
    if path is None:
        missing("no Chromium: install it (apt-get install chromium) or set BOOKING_TEST_CHROMIUM")
    # Root may not use Chromium's sandbox, and containers have little /dev/shm.
    arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def browser_settings() -> dict[str, Any]:
    """Return how pages are opened; a module overrides it for another language or width."""
    return {"locale": "zh-CN", "viewport": {"width": 1280, "height": 800}}


@pytest.fixture
def page(browser: Browser, browser_settings: dict[str, Any]) -> Iterator[Page]:
    """Return an empty tab without cookies; a script error or CSP breach on it fails the test."""
    context = browser.new_context(**browser_settings)
    faults = watch(context)
    yield context.new_page()
    leave(context)
    assert not faults, f"the browser complained: {faults}"


def leave(context: BrowserContext) -> None:
    """Close the pages once they are loaded: the server would complain of files half sent."""
    for page in context.pages:
        page.wait_for_load_state()
    context.close()


def watch(context: BrowserContext) -> list[str]:
    """Return a list that fills with what the pages of `context` complain about."""
    faults: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED):
            faults.append(message.text)

    def received(response: PageResponse) -> None:
        if response.status >= 400 and "/static/" in response.url:
            faults.append(f"{response.status} {response.url}")

    context.on("console", heard)
    context.on("weberror", lambda error: faults.append(str(error.error)))
    context.on("response", received)
    return faults


@pytest.fixture
def live_url(app: Flask) -> Iterator[str]:
    """Return the address, without a trailing slash, at which the SQLite app is served."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    answering: set[object] = set()
    server = make_server("127.0.0.1", 0, _counted(app, answering), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    app.config["PUBLIC_BASE_URL"] = url
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    thread.start()
    yield url
    server.shutdown()
    server.server_close()
    thread.join()
    # What a closing page sent (a hold given back) must not write into the next test's database.
    until = time.monotonic() + LAST_ANSWERS_SECONDS
    while answering and time.monotonic() < until:
        time.sleep(POLL_SECONDS)


def _counted(app: Flask, answering: set[object]) -> Callable[..., Iterator[bytes]]:
    """Return `app`, keeping one thing in `answering` for each request it is busy with."""

    def serve(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        request = object()
        answering.add(request)
        try:
            with contextlib.closing(app(environ, start_response)) as answer:
                yield from answer
        finally:
            answering.discard(request)

    return serve


def violations(page: Page, rules: Sequence[str] = AXE_RULES) -> list[dict[str, Any]]:
    """Return what axe finds on the page against these groups of rules.

    What it finds in order is not told: describing each part of it took most of the time.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = json.dumps({"runOnly": list(rules), "resultTypes": ["violations"]})
    found: list[dict[str, Any]] = page.evaluate(f"axe.run({options}).then(r => r.violations)")
    return found


def enter(page: Page, url: str, email: str, password: str) -> None:
    """Sign in as the page does, without showing it."""
    form = {"email": email, "password": password}
    answer = page.request.post(f"{url}/account/sign-in", form=form, max_redirects=0)
    assert answer.status == 302


def screenshot(page: Page, name: str) -> None:
    """Keep a picture of the whole page under artifacts/screenshots/, where somebody will look."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)
