"""Requests that ask for as much as can be asked: every page, and the worst known of each."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from bench.park import Park
from booking.companies.models import Building, Company, Institution, Lab, Room, Site
from booking.core.period import to_epoch
from booking.infra.db import db
from booking.inventory.models import Contribution, Platform
from booking.reservations.models import STATUSES, Reservation
from booking.web.api.blueprint import PREFIX as API

MISSING = 471_147
REGEX = "(a+)+$" * 20
LONG = "显微 " * 500
WILD = "%_" * 200
BOMBS = (
    "FREQ=SECONDLY",
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=DAILY;COUNT=999999999",
    "FREQ=DAILY;COUNT=366",
    "FREQ=DAILY;UNTIL=99991231T235959Z",
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=366",
    "FREQ=WEEKLY;BYDAY=" + ",".join(["MO", "TU", "WE", "TH", "FR", "SA", "SU"] * 30),
    "FREQ=DAILY;" * 500,
)
_ROWS: dict[str, Any] = {
    "site_id": Site, "building_id": Building, "room_id": Room, "institution_id": Institution,
    "company_id": Company, "lab_id": Lab, "platform_id": Platform,
    "contribution_id": Contribution, "reservation_id": Reservation,
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """What is asked; a body makes it a POST of JSON."""

    path: str
    body: Any = None


def requests(app: Flask, park: Park) -> Iterator[Request]:
    """Yield every page and API address that can be read, and then the worst of them."""
    known = _known(park)
    with app.test_request_context():
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
            if "GET" in (rule.methods or ()) and rule.endpoint != "static":
                yield Request(_address(app, rule, known))
    yield from _lists(park)
    yield from _free(park)
    yield from _next(park)
    yield from _pages(park)
    yield from _posts(park)


def _known(park: Park) -> dict[str, Any]:
    """Return an id for every name in an address."""
    found: dict[str, Any] = {
        name: db.session.scalar(select(model.id).order_by(model.id).limit(1)) or MISSING
        for name, model in _ROWS.items()
    }
    return found | {
        "pool_id": park.largest, "unit_id": park.unit, "user_id": park.people["ada"],
        "code": park.category, "token": "x" * 64,
    }  # fmt: skip


def _address(app: Flask, rule: Rule, known: dict[str, Any]) -> str:
    values = {name: known.get(name, MISSING) for name in rule.arguments}
    return str(app.url_map.bind("localhost").build(rule.endpoint, values))


def _of(path: str, **query: Any) -> Request:
    given = {name.rstrip("_"): value for name, value in query.items() if value is not None}
    return Request(f"{path}?{urlencode(given)}")


def _lists(park: Park) -> Iterator[Request]:
    path, now = f"{API}/reservations", park.now
    times = [None, *((now + timedelta(days=days)).isoformat() for days in (-3650, 0, 20, 3650))]
    for status, since, until in itertools.product((None, *STATUSES), times, (None, *times[2:])):
        yield _of(path, status=status, from_=since, to=until)
    for page in (2, 199, 10**9):
        yield _of(path, page=page, per_page=200)
        yield _of(path, page=page, per_page=200, from_=times[2])
        yield _of("/reservations", scope="park", tab="past", page=page)
        yield _of("/pools", page=page)
        yield _of(f"{API}/pools", page=page)
        yield _of("/messages", page=page)
    yield _of(path, unit=park.unit, from_=times[1], to=times[-1], per_page=200)
    yield _of(path, pool=park.largest, from_=times[1], to=times[-1], per_page=200)
    yield _of(path, mine=1, status="completed", from_=times[2])


def _free(park: Park) -> Iterator[Request]:
    start, end = park.ten_to_twelve()
    for last in (end, end + timedelta(days=300), start + timedelta(days=3650)):
        times = {"start": start.isoformat(), "end": last.isoformat()}
        yield _of(f"{API}/availability", **times)
        yield _of(f"{API}/availability", category=park.category, **times)
        yield _of(f"{API}/availability", pool=park.largest, **times)
        yield _of("/pools", free_from=times["start"][:16], free_to=times["end"][:16])
        yield _of(f"{API}/pools", free_from=times["start"], free_to=times["end"])


def _next(park: Park) -> Iterator[Request]:
    path = f"{API}/availability/next"
    mornings = {"day_from": 480, "day_until": 720}
    for minutes, quantity in itertools.product((15, 240, 720, 1440, 10_080), (1, 2, 20, 10**6)):
        for sort in ("soonest", "best"):
            yield _of(path, duration_minutes=minutes, quantity=quantity, sort=sort, limit=50)
    for minutes, hours in itertools.product(
        (60, 239, 240, 241), (mornings, {"day_from": 1320, "day_until": 360})
    ):
        yield _of(path, duration_minutes=minutes, **hours)
        yield _of(path, duration_minutes=minutes, weekdays="7", **hours)
        yield _of(path, duration_minutes=minutes, category=park.category, **hours)
        yield _of(path, duration_minutes=minutes, together=park.pool, **hours)
        yield _of(path, duration_minutes=minutes, quantity=2, **hours)
        clocks = {name: f"{minute // 60:02}:00" for name, minute in hours.items()}
        yield _of("/find", minutes=minutes, **clocks)
    far = (park.now + timedelta(days=3650)).isoformat()
    yield _of(path, duration_minutes=60, from_=far)
    yield _of(path, duration_minutes=60, q=REGEX)
    yield _of(path, duration_minutes=60, together="1,2,3,4,5", limit=50, sort="best")


def _pages(park: Park) -> Iterator[Request]:
    for words in (REGEX, LONG, WILD, "离心", "e", "x" * 5000):
        yield _of("/pools", q=words)
        yield _of(f"{API}/pools", q=words)
        yield _of("/park/people", q=words)
        yield _of("/manage/pools", q=words)
        yield _of("/reservations", scope="park", tab="past", q=words)
    for day in ("0001-01-01", "2036-01-01", "9999-12-31"):
        yield _of(f"/pools/{park.largest}", from_=day)
        yield _of(f"/units/{park.unit}", from_=day)
    yield _of(f"{API}/explain", pool=park.largest, start=park.now.isoformat(),
              end=(park.now + timedelta(days=3650)).isoformat())  # fmt: skip
    yield _of("/park/calendar", year="9999")


def _posts(park: Park) -> Iterator[Request]:
    start = park.now.replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    decade = {"start": start.isoformat(), "end": (start + timedelta(days=3650)).isoformat()}
    hour = {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
    common: dict[str, Any] = {"purpose": "research", "company_id": None}
    for times, quantity in itertools.product((hour, decade), (1, 200, 10**6)):
        body: dict[str, Any] = {"pool_id": park.largest, "quantity": quantity, **times, **common}
        yield Request(f"{API}/reservations", body)
    for rule in BOMBS:
        body = {"kind": "series", "pool_id": park.largest, "rule": rule, "dry_run": True}
        yield Request(f"{API}/reservation-groups", {**body, **hour, **common})
    parts = [{"pool_id": pool, "minutes": 60} for pool in park.bookable[:20]]
    for kind in ("bundle", "chain"):
        body = {"kind": kind, "parts": parts, "dry_run": True, **hour, **common}
        if kind == "chain":
            body["until"] = decade["end"]
            del body["end"]
        yield Request(f"{API}/reservation-groups", body)
    nested: Any = []
    for _ in range(900):
        nested = [nested]
    yield Request(f"{API}/reservations", nested)
    yield Request(f"{API}/reservations", {"note": "x" * 900_000, "at": to_epoch(start)})
