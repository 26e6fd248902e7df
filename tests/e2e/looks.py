"""What every test in a browser needs: signing in by the page, and what axe finds."""

from flask import Flask
from playwright.sync_api import Page

from booking.infra.db import db
from booking.infra.passwords import hash_password
from booking.inventory.services.search import refresh_search
from tests import browser
from tests.cast import Cast, cast

PASSWORD = "correct horse battery"


def cast_with_passwords(app: Flask, locale: str | None = None) -> dict[str, int]:
    """Return the ids of the cast's people and pools; everybody can sign in, all can be found.

    `locale` is the language everybody has chosen for their mail.
    """
    with app.app_context():
        session = db.session()
        people: Cast = cast(session)
        hashed = hash_password(PASSWORD)
        for who in (people.ada, people.bo, people.cy, people.mei, people.ops):
            who.password_hash, who.locale = hashed, locale
        refresh_search(session, None)
        session.commit()
        return {
            "confocal": people.confocal.id,
            "unit": people.confocal_units[0].id,
            "ada": people.ada.id,
            "mei": people.mei.id,
        }


def sign_in(page: Page, url: str, who: str) -> None:
    """Sign in by the page, and land on the first one."""
    page.goto(f"{url}/account/sign-in")
    page.fill("#email", f"{who}@test.example")
    page.fill("#password", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(f"{url}/")


def enter(page: Page, url: str, who: str) -> None:
    """Sign in without looking at the page."""
    browser.enter(page, url, f"{who}@test.example", PASSWORD)


def faults(page: Page) -> list[object]:
    """Return what axe finds, and whether the page is wider than the window."""
    told: list[object] = [
        (v["id"], [n["html"][:160] for n in v["nodes"]]) for v in browser.violations(page)
    ]
    wide = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return [*told, "scrolls sideways"] if wide else told
