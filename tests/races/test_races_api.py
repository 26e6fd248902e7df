"""Scenarios 9–12 and 14 through the API of a real server, requests sent at one moment."""

import json
import threading

import pytest

from bench.drills.ground import lay, slot
from bench.drills.servers import Killable, call, free_port, serve, tokens, wait_until_served
from booking.infra.db import db
from booking.reservations.queries.sweep import broken

ROUNDS = 6


class Api:
    """A served app, and requests to it by token."""

    def __init__(self, settings):
        self.settings = settings
        self.port = free_port()
        self.server = Killable(serve, settings, self.port)
        wait_until_served(self.port)

    def call(self, token, method, path, body=None, **headers):
        """Return (status, answer)."""
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers}
        return call(self.port, method, f"/api/v1{path}", json.dumps(body or {}).encode(), sent)

    def book(self, token, number, hours=1, offset=0.0, **wanted):
        start, end = slot(number * 4 + offset, hours)
        body = {"start": start.isoformat(), "end": end.isoformat(), "purpose": "research"}
        return self.call(token, "POST", "/reservations", {**body, **wanted})

    def move(self, token, reservation, number):
        start, end = slot(number * 4)
        body = {"start": start.isoformat(), "end": end.isoformat()}
        return self.call(
            token, "PATCH", f"/reservations/{reservation}", body, **{"If-Match": '"1"'}
        )

    def decide(self, token, reservation, how):
        return self.call(token, "POST", f"/reservations/{reservation}/{how}", {"reason": "race"})


def at_once(*calls):
    """Return what calls sent at one moment are answered, in their order."""
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(position, call):
        gate.wait(30)
        answers[position] = call()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def arena(any_app):
    """Return a function giving (api, ground, tokens of the bookers, token of the manager)."""
    settings = {"DATABASE_URL": any_app.config["DATABASE_URL"]}
    opened = []

    def open_(**more):
        ground = lay(settings, **{"units": 1, "bookers": 2, **more})
        keys = tokens(settings, (*ground.bookers, ground.manager))
        api = Api(settings)
        opened.append(api)
        return api, ground, keys[:-1], keys[-1]

    yield open_
    for api in opened:
        api.server.end()
    with any_app.app_context():
        assert broken(db.session(), slot(0)[0]) == {}


def statuses(answers):
    return sorted(status for status, _ in answers)


def test_one_of_two_gets_the_same_slot(arena):
    api, ground, (ada, cy), _ = arena()
    unit = ground.unit_ids[0]
    for n in range(ROUNDS):
        answers = at_once(
            lambda n=n: api.book(ada, n, unit_id=unit), lambda n=n: api.book(cy, n, unit_id=unit)
        )
        assert statuses(answers) == [201, 409]
        refused = next(answer for status, answer in answers if status == 409)
        assert refused["code"] == "conflict"
        assert "booker" not in json.dumps(refused)  # never whose it is


def test_one_of_two_gets_overlapping_slots(arena):
    api, ground, (ada, cy), _ = arena()
    pool = ground.pool_id
    for n in range(ROUNDS):
        answers = at_once(
            lambda n=n: api.book(ada, n, pool_id=pool),
            lambda n=n: api.book(cy, n, offset=0.5, pool_id=pool),
        )
        assert statuses(answers) == [201, 409]


def test_one_of_two_moves_into_one_slot(arena):
    api, ground, (ada, cy), _ = arena()
    for n in range(ROUNDS):
        _, mine = api.book(ada, n, offset=1, pool_id=ground.pool_id)
        _, theirs = api.book(cy, n, offset=2, pool_id=ground.pool_id)
        answers = at_once(
            lambda n=n, r=mine["id"]: api.move(ada, r, n),
            lambda n=n, r=theirs["id"]: api.move(cy, r, n),
        )
        assert statuses(answers) == [200, 409]


def test_one_of_two_decisions_stands(arena):
    api, ground, (ada, _), mei = arena(approval="manual")
    for n in range(ROUNDS):
        _, asked = api.book(ada, n, pool_id=ground.pool_id)
        assert asked["status"] == "pending"
        answers = at_once(
            lambda r=asked["id"]: api.decide(mei, r, "approve"),
            lambda r=asked["id"]: api.decide(mei, r, "reject"),
        )
        assert statuses(answers) == [200, 409]
        refused = next(answer for status, answer in answers if status == 409)
        assert (refused["code"], refused["reason"]) == ("state", "already_decided")


def test_the_last_two_of_three_units_go_to_one_of_two(arena):
    api, ground, (ada, cy), _ = arena(units=3)
    for n in range(ROUNDS):
        answers = at_once(
            lambda n=n: api.book(ada, n, pool_id=ground.pool_id, quantity=2),
            lambda n=n: api.book(cy, n, pool_id=ground.pool_id, quantity=2),
        )
        assert statuses(answers) == [201, 409]
