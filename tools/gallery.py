"""Pictures of every page: a demo park is served, walked through as each role, and photographed.

python -m tools.gallery [WORD...]   only pages whose endpoint or address contains a word
    --role ada,mei    only these; --every-role: each page as everybody who reaches it, not as the
                      first of them only
    --minutes 20      stop taking pictures after that; --keep FILE: use this database, or make it

artifacts/gallery/index.html shows them, zh and English, wide and narrow, with what axe, the
console and the width complain about, and the pages no link leads to. Exit 1 with complaints.
"""

import argparse
import logging
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

from booking import create_app
from booking.accounts.models import User
from booking.accounts.services.sessions import start_session
from booking.app import jobs_of
from booking.core.actor import Actor
from booking.infra import clock
from booking.infra.db import db, write
from booking.infra.scheduler import beat
from booking.privacy.queries import policy_in_force
from booking.privacy.services.consenting import agree
from tests.browser import chromium_path, violations, watch
from tools.gallery_index import write_index

OUT = Path(__file__).resolve().parents[1] / "artifacts" / "gallery"
# Who looks first. The last two are not in the demo park: a person of it is made one of them.
ROLES = ("nobody", "ada", "bo", "cy", "wu", "mei", "inst", "ops", "adm", "aud")
MADE = {"adm": ("user03.00", "administrator"), "aud": ("user04.00", "auditor")}
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
WIDTHS = {"wide": 1280, "narrow": 390}
# Looked at as everybody: they differ by who looks.
FOR_ALL = (
    "home", "absence", "pool", "index", "show", "inbox", "new", "together", "passport", "course",
    "mine",
)  # fmt: skip
# Addresses of one page that are followed, so that what only some of them link to is found.
MOST_ALIKE = 4
LINK = re.compile(r'<(?:a|iframe)\b[^>]*\bhref="([^"#]+)"')
# What no short way leads to: ids are the same in every demo park. The first five pools are Mei's.
EXAMPLES = {
    "ada": ("/pools/1", "/pools/2", "/pools/3", "/reservations/1", "/reservations/3",
            "/quiz-attempts/1", "/reserve?pool_id=3", "/reserve/together?pool_id=1",
            "/compare?pools=1,2,3,999999"),
    "bo": ("/reservations/1",),
    "cy": ("/qualifications/3/appeal", "/pools/2"),
    # Belongs to no company.
    "wu": ("/reserve?pool_id=1", "/reserve/together?pool_id=1"),
    "mei": ("/pools/1", "/pools/2", "/pools/3", "/reservations/2"),
    "inst": ("/pools/1", "/reservations/3"),
    "ops": ("/pools/1", "/reservations/1", "/park/sites/1"),
    "adm": ("/pools/1",),
    "aud": ("/pools/1", "/reservations/1"),
}  # fmt: skip
# Files, addresses for programs, and what leads away.
NOT_PAGES = ("static", "health.", "api-", "elsewhere.start", "elsewhere.back")
TALLEST = 6_000


@dataclass
class Shot:
    """A page as somebody sees it, where its pictures lie, and what is wrong with it."""

    endpoint: str
    role: str
    path: str
    title: str = ""
    pictures: dict[str, str] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return the beginning of its files' names."""
        return f"{self.endpoint.replace('.', '-')}-{self.role}"


def main(words: Sequence[str]) -> int:
    """Take the pictures and return 0 when nothing is wrong with any page."""
    options = _options(words)
    until = time.monotonic() + options.minutes * 60
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), options.keep) as (app, url):
        cookies = {role: signed_in(app, role) for role in options.role}
        shots = [shot for role in options.role for shot in walk(app, role, cookies[role]["zh"])]
        unreached = sorted(_pages(app) - {shot.endpoint for shot in shots})
        chosen = _chosen(shots, options)
        with sync_playwright() as playwright:
            arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=arguments)
            done = photograph(
                browser, url, chosen, cookies, app.config["SESSION_COOKIE_NAME"], until
            )
            browser.close()
    write_index(OUT, done, unreached if len(options.role) == len(ROLES) else [])
    wrong = [shot for shot in done if shot.complaints]
    print(f"{len(done)} of {len(chosen)} pages, {len(wrong)} with complaints: {OUT}/index.html")
    for shot in wrong:
        print(f"  {shot.role:<6} {shot.path}: {'; '.join(shot.complaints)}")
    return 1 if wrong or len(done) < len(chosen) else 0


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.gallery")
    parser.add_argument("words", nargs="*")
    parser.add_argument("--role", type=lambda text: text.split(","), default=list(ROLES))
    parser.add_argument("--every-role", action="store_true")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--keep", type=Path)
    return parser.parse_args(words)


@contextmanager
def served(folder: Path, keep: Path | None) -> Iterator[tuple[Flask, str]]:
    """Yield an app with the demo park on a free port, everything due done once, and its address."""
    file = keep.resolve() if keep else folder / "gallery.sqlite"
    made = file.exists()
    settings = {"DATABASE_URL": f"sqlite:///{file}", "WTF_CSRF_ENABLED": False, "REDIS_URL": ""}
    app = create_app("default", settings)
    app.instance_path = str(folder)
    with app.app_context():
        upgrade()
    if not made:
        app.test_cli_runner().invoke(args=["demo"], catch_exceptions=False)
        for job in jobs_of(app):
            job.run()
    with app.app_context():
        beat(clock.now() + timedelta(minutes=180))  # no banner about a scheduler
    logging.disable(logging.WARNING)  # what is hidden from whom is no news here
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def signed_in(app: Flask, role: str) -> dict[str, str]:
    """Return a session cookie in each language with which somebody is signed in."""
    token = None
    if role != "nobody":
        local, park_role = MADE.get(role, (role, None))
        with app.app_context():
            email = f"{local}@demo.example"
            person = db.session.execute(select(User).filter_by(email=email)).scalar_one()
            key = person.id
            db.session.rollback()

            def enter(session: Any) -> str:
                agree_to_policy(session, key)
                if park_role:
                    session.get_one(User, key).park_role = park_role
                return start_session(session, key, "127.0.0.1", "gallery", clock.now())

            token = write(enter)
    cookies = {}
    for name, locale in LOCALES.items():
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["locale"] = locale
            if token:
                cookie["_user_id"] = token
        found = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        cookies[name] = found.value if found else ""
    return cookies


def agree_to_policy(session: Any, user_id: int) -> None:
    """Agree in somebody's name to the demo's policy, which stands before every page."""
    policy = policy_in_force(session)
    if policy is not None:
        agree(session, Actor(user_id), policy.version, clock.now())


def _pages(app: Flask) -> set[str]:
    """Return the endpoints that may be pages: read by GET, and not by programs."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.rule.startswith("/api/")
        and not rule.endpoint.startswith(NOT_PAGES)
    }  # fmt: skip


def walk(app: Flask, role: str, cookie: str) -> list[Shot]:
    """Return one address of every page that somebody reaches by links, nearest first."""
    client = app.test_client()
    client.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie)
    router = app.url_map.bind("localhost")
    pages = _pages(app)
    plain = [
        rule.rule for rule in app.url_map.iter_rules()
        if rule.endpoint in pages and not rule.arguments
    ]  # fmt: skip
    waiting = [*EXAMPLES.get(role, ()), "/", *sorted(plain)]
    seen = set(waiting)
    alike: dict[str, int] = {}
    found: dict[str, Shot] = {}
    linked: dict[str, Shot] = {}  # address -> the page that links to it
    for path in waiting:  # grows while it is gone through
        endpoint = _endpoint(router, path)
        if endpoint not in pages or alike.get(endpoint, 0) >= MOST_ALIKE:
            continue
        alike[endpoint] = alike.get(endpoint, 0) + 1
        answer = client.get(path)
        if answer.status_code in (302, 303) and (leads := answer.location) not in seen:
            seen.add(leads)
            waiting.append(leads)
        if answer.status_code in (403, 404) and path in linked:
            linked[path].complaints.append(f"links to {path}: {answer.status_code}")
        if answer.status_code != 200 or not answer.content_type.startswith("text/html"):
            continue
        found.setdefault(endpoint, Shot(endpoint, role, path))
        for link in LINK.findall(answer.text):
            target = urljoin(path, unescape(link))
            if target.startswith("/") and target not in seen:
                seen.add(target)
                waiting.append(target)
                linked[target] = found[endpoint]
    return list(found.values())


def _endpoint(router: Any, path: str) -> str:
    try:
        return str(router.match(urlsplit(path).path, "GET")[0])
    except HTTPException:
        return ""


def _chosen(shots: list[Shot], options: argparse.Namespace) -> list[Shot]:
    """Return each page as who comes first to it, those FOR_ALL as everybody."""
    seen: set[str] = set()
    chosen = []
    for shot in shots:
        if options.words and not any(w in shot.endpoint or w in shot.path for w in options.words):
            continue
        for_all = options.every_role or shot.endpoint.rpartition(".")[2] in FOR_ALL
        if for_all or shot.endpoint not in seen:
            chosen.append(shot)
        seen.add(shot.endpoint)
    return chosen


def photograph(
    browser: Browser,
    url: str,
    shots: Sequence[Shot],
    cookies: dict[str, dict[str, str]],
    cookie: str,
    until: float,
) -> list[Shot]:
    """Return the shots taken until the time is over, in all languages and widths."""
    done = []
    for role in dict.fromkeys(shot.role for shot in shots):
        contexts, faults = {}, {}
        for locale in LOCALES:
            context = browser.new_context(viewport={"width": WIDTHS["wide"], "height": 800})
            faults[locale] = watch(context)
            if cookies[role][locale]:
                context.add_cookies([{"name": cookie, "value": cookies[role][locale], "url": url}])
            contexts[locale] = context.new_page()
        for shot in (one for one in shots if one.role == role):
            if time.monotonic() > until:
                break
            for locale, page in contexts.items():
                _take(page, url, shot, locale)
                shot.complaints += [f"{locale}: {fault}" for fault in faults[locale]]
                faults[locale].clear()
            done.append(shot)
        for page in contexts.values():
            page.context.close()
    return done


def _take(page: Page, url: str, shot: Shot, locale: str) -> None:
    page.set_viewport_size({"width": WIDTHS["wide"], "height": 800})
    page.goto(f"{url}{shot.path}")
    if page.url != f"{url}{shot.path}":
        shot.complaints.append(f"{locale}: leads to {page.url.removeprefix(url)}")
    shot.title = page.title()
    for width, pixels in WIDTHS.items():
        page.set_viewport_size({"width": pixels, "height": 800})
        told = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        if told[0] > pixels:
            shot.complaints.append(f"{locale} {width}: {told[0]} px wide")
        if (locale, width) in (("zh", "wide"), ("en", "narrow")):
            shot.complaints += [
                f"{locale} {width}: {v['id']} {v['nodes'][0]['html'][:80]}"
                for v in violations(page)
            ]
        name = f"{shot.name}-{locale}-{width}.png"
        # As tall as the page: what clings to the window's edge would hide something else.
        page.set_viewport_size({"width": pixels, "height": min(max(told[1], 800), TALLEST)})
        page.screenshot(path=OUT / name)
        shot.pictures[f"{locale} {width}"] = name


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
