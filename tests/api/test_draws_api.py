"""A day that opens fairly through the API: 202 while it is collected, then who used least."""

from datetime import timedelta

import pytest

from booking.reservations import jobs
from tests.api.caller import wanted
from tests.conftest import NOW
from tests.reservations.ruled import set_rule
from tests.reservations.steps import at


@pytest.fixture
def fair(people, any_session):
    """Return the sequencer of one unit, whose Wednesday opens fairly until 09:30."""
    people.sequencer.horizon_days = 2
    set_rule(any_session, "opens_at_minute", 9 * 60, pool=people.sequencer)
    set_rule(any_session, "fair_opening_minutes", 30, pool=people.sequencer)
    return people.sequencer


def body(pool, start, end, day=1, **more):
    times = {"start": at(start, day).isoformat(), "end": at(end, day).isoformat()}
    return {**wanted(0, 1), **times, "pool_id": pool.id, **more}


def test_too_early_says_when_it_opens(api, fair):
    refused = api.ada.post("/reservations", body(fair, 9, 10, day=5)).json["violations"]
    assert [(v["code"], v["opens"]) for v in refused] == [
        ("horizon", (NOW + timedelta(days=4)).isoformat())
    ]  # fmt: skip


def test_requests_are_collected_and_decided_together(api, fair, clock):
    made = api.ada.post("/reservations", body(fair, 9, 10), Idempotency_Key="a")
    entry = made.json
    assert (made.status_code, entry["state"], entry["rank"]) == (202, "waiting", None)
    assert made.headers["Location"] == f"/api/v1/draw-entries/{entry['id']}"
    assert entry["draws_at"] == (NOW + timedelta(minutes=30)).isoformat()
    again = api.ada.post("/reservations", body(fair, 9, 10), Idempotency_Key="a")
    assert (again.status_code, again.json["id"]) == (202, entry["id"])
    rival = api.cy.post("/reservations", body(fair, 9, 10)).json
    dropped = api.cy.post("/reservations", body(fair, 15, 16)).json
    path = f"/draw-entries/{dropped['id']}"
    assert api.cy._send("DELETE", path, None, {}).json["state"] == "withdrawn"
    # No search offers what cannot be booked at once, nor does a series get in.
    query = {"pool": fair.id, "duration_minutes": 60, "from_": at(20), "limit": 50}
    slots = api.ada.get("/availability/next", **query).json["slots"]
    assert slots
    assert max(slot["start"] for slot in slots) < at(0, 1).isoformat()
    explained = api.ada.get("/explain", pool=fair.id, start=at(9, 1), end=at(10, 1)).json
    [rule] = [r for r in explained["rules"] if r["rule"] == "fair_opening_minutes"]
    assert rule["passes"] is False

    clock.shift(minutes=30)
    jobs.draw()
    found = api.mei.get("/draw-entries", pool=fair.id).json["items"]
    ranked = sorted((e["rank"], e["state"], e["of"], e["why"]) for e in found if e["rank"])
    assert ranked == [(1, "won", 2, []), (2, "lost", 2, ["conflict"])]
    [won] = [e for e in found if e["state"] == "won"]
    assert {entry["id"], rival["id"]} > {won["id"]}
    winner = api.ada if won["user_id"] == entry["user_id"] else api.cy
    booked = winner.get(f"/reservations/{won['reservation_id']}").json
    assert (booked["status"], booked["start"]) == ("pending", at(9, 1).isoformat())
    assert entry["seed"] is None
    assert won["seed"]
    assert api.ada.get("/draw-entries", mine=1).json["total"] == 1
    gone = winner._send("DELETE", f"/draw-entries/{won['id']}", None, {})
    assert (gone.status_code, gone.json["reason"]) == (409, "already_drawn")


def test_a_key_enters_once_and_answers_the_same_ever_after(api, fair, clock, people, any_session):
    """Of equal wishes only; while it is collected, once withdrawn, and once the day is open."""
    made = api.ada.post("/reservations", body(fair, 9, 10), Idempotency_Key="k")

    def again(**more):
        return api.ada.post("/reservations", body(fair, 9, 10, **more), Idempotency_Key="k")

    other = again(note="x")
    assert (other.status_code, other.json["code"]) == (409, "idempotency_mismatch")
    api.ada._send("DELETE", made.headers["Location"].removeprefix("/api/v1"), None, {})
    twice = again()
    assert (twice.status_code, twice.json) == (202, {**made.json, "state": "withdrawn"})
    assert twice.headers["Location"] == made.headers["Location"]
    clock.shift(minutes=30)
    jobs.draw()
    assert again().json["id"] == made.json["id"]
    assert api.ada.get("/draw-entries", mine=1).json["total"] == 1
    assert api.ada.get("/reservations", mine=1).json["total"] == 0
    # A refusal keeps no key; without one, the free time is booked as ever.
    assert api.ada.post("/reservations", body(fair, 9, 10)).status_code == 201
