"""Pages and lists: server time, and SQL statements, which may not grow with the park."""

import contextvars
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from flask.testing import FlaskClient
from sqlalchemy import text

from bench import park
from bench.bookings import tokens
from bench.clocks import Cost
from bench.ground import Ground, ground
from bench.report import Figure
from booking.accounts.services.sessions import start_session
from booking.core.actor import Actor
from booking.core.period import to_epoch
from booking.infra import clock
from booking.infra.db import db, transaction, write
from booking.web.api.blueprint import PREFIX as API
from tests.statements import statements

SMALL = 12
SMALL_RESERVATIONS = 84
REQUESTS = 4  # that wait in Mei's inbox
NOTHING = "no-op"
WHO = ("ada", "mei", "ops")


@dataclass(frozen=True)
class Page:
    """A page, who opens it, and the target of its server time, if there is one."""

    name: str
    who: str
    path: str
    target: str = ""


@dataclass(frozen=True)
class Opened:
    """What opening a page took."""

    cost: Cost
    statements: int


def measure(large: Ground) -> Iterator[Figure]:
    """Yield each page's server time, and its statements here and in a park of 12 units."""
    here = _opened(large)
    with ground(large.engine, replace(large.sizes, units=SMALL)) as small:
        park.fill(0, SMALL_RESERVATIONS, small.park.now)
        there = _opened(small)
    nothing = here.pop(NOTHING)[1]
    for name, (page, opened) in here.items():
        yield Figure(f"{name}, server CPU", opened.cost.cpu_ms, "ms", "no-op request",
                     nothing.cost.cpu_ms, page.target)  # fmt: skip
        yield _statements(name, opened, there[name][1], large.park.units)


def _statements(name: str, here: Opened, there: Opened, units: int) -> Figure:
    more = here.statements != there.statements
    return Figure(
        f"{name}, statements at {units:,} units", here.statements, "", f"at {SMALL} units",
        there.statements, failed="not equal" if more else "",
    )  # fmt: skip


def _opened(here: Ground) -> dict[str, tuple[Page, Opened]]:
    _requests(here)
    browsers = {name: _browser(here, here.park.people[name]) for name in WHO}
    [key] = tokens([Actor(here.park.people["ops"])])
    return {page.name: (page, _open(here, browsers[page.who], key, page)) for page in _pages(here)}


def _pages(here: Ground) -> list[Page]:
    start, end = here.park.ten_to_twelve()
    week = {"from": start.isoformat(), "to": (start + timedelta(days=7)).isoformat()}
    free = {"start": start.isoformat(), "end": end.isoformat()}
    unit = here.park.unit
    return [
        Page(NOTHING, "ada", "/healthz"),
        Page("home", "ada", "/"),
        Page("home of who decides", "mei", "/"),
        Page("catalogue, first page", "ada", "/pools", "catalogue"),
        Page("catalogue, words", "ada", f"/pools?{urlencode({'q': '离心'})}", "catalogue"),
        Page("a pool with its week", "ada", f"/pools/{here.park.pool}"),
        Page("a unit with its week", "ada", f"/units/{unit}"),
        Page(
            "a unit's week, JSON",
            "ops",
            f"{API}/reservations?{urlencode({'unit': unit} | week)}",
            "a unit's week, JSON",
        ),  # fmt: skip
        Page("pools, JSON", "ops", f"{API}/pools"),
        Page("free of all, JSON", "ops", f"{API}/availability?{urlencode(free)}"),
        Page("inbox", "mei", "/inbox"),
        Page("my reservations", "ada", "/reservations"),
        Page("reservations of the park", "ops", "/reservations?scope=park"),
    ]


def _requests(here: Ground) -> None:
    """Let some reservations of Mei's first pool wait for her decision, as if just requested."""
    with transaction() as session:
        session.execute(
            text(
                "UPDATE reservation SET status = 'pending', decide_by = start_at WHERE id IN "
                "(SELECT id FROM reservation WHERE pool_id = :pool AND start_at > :now "
                "ORDER BY start_at, id LIMIT :most)"
            ),
            {"pool": here.park.pool, "now": to_epoch(here.park.now), "most": REQUESTS},
        )


def _browser(here: Ground, user_id: int) -> FlaskClient:
    client = here.app.test_client()
    token = write(lambda s: start_session(s, user_id, "127.0.0.1", "bench", clock.now()))
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["locale"] = "en"
    return client


def _open(here: Ground, browser: FlaskClient, key: str, page: Page) -> Opened:
    """Return what a page takes, opened as itself: the app lends it no context of ours."""
    headers = {"Authorization": f"Bearer {key}"} if page.path.startswith(API) else {}

    def get(_: int) -> None:
        answer = contextvars.Context().run(browser.get, page.path, headers=headers)
        assert answer.status_code == 200, f"{page.path}: {answer.status}"

    taken = here.time(get, here.sizes.searches)
    with statements(db.engine) as sent:
        get(0)
    return Opened(taken, len(sent))
