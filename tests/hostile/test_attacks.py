"""Tricks against every route of the URL map: only the plain way changes anything."""

from collections.abc import Iterator

import pytest
import time_machine

from booking.accounts.services.tokens import SCOPES, create_token
from booking.infra.db import db, write
from booking.web.api.blueprint import PREFIX
from tests.conftest import NOW
from tests.matrix import MISSING, SAFE, Case
from tests.matrix.world import World, access

OVERRIDES = dict.fromkeys(("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"), "POST")
FORWARDED = {
    "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/evil",
    "X-Original-URL": "/evil.example", "X-Rewrite-URL": "/evil.example", "X-Host": "evil.example",
    "Forwarded": "host=evil.example", "X-Forwarded-For": "127.0.0.1",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(sqlite_template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return the matrix' world, its clock stopped after everybody was seen."""
    with time_machine.travel(NOW, tick=False) as traveller:
        made = World.build(sqlite_template, tmp_path_factory.mktemp("attacks"))
        traveller.shift(600)
        made.restore(seen=True)
        yield made
    made.close()


def pages(*, safe: bool) -> Iterator[tuple[str, str, Case]]:
    """Yield (method, endpoint, first case) of every page that is read, or is sent to."""
    for key, (case, *_others) in sorted(access().items()):
        method, endpoint = key.split()
        if (method in SAFE) is safe:
            yield method, endpoint, case


def test_no_trick_gets_a_form_past_its_token(world, monkeypatch):
    """Tokens of somebody else, other kinds of body, and headers that scripts of others can set."""
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", True)
    sign_in = world.client("").get("/sign-in").text
    foreign = sign_in.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    assert len(foreign) > 40
    client, before, passed = world.client("ops"), world.digest(), []
    tricks = (
        {"data": {"csrf_token": foreign}},
        {"json": {"csrf_token": foreign}},
        {"data": "csrf_token=x&do=x", "content_type": "text/plain"},
        {"headers": {"X-CSRFToken": foreign, "X-Requested-With": "XMLHttpRequest"}},
    )
    for method, endpoint, case in pages(safe=False):
        address = world.url(endpoint, case.params)
        for number, trick in enumerate(tricks):
            answer = client.open(address, method=method, **trick)
            if answer.status_code != 400:
                passed.append((endpoint, number, answer.status_code))

    assert passed == []
    assert world.digest() == before


def test_no_header_turns_reading_into_changing(world):
    client, before = world.client("ops"), world.digest()
    for _method, endpoint, case in pages(safe=False):
        address = world.url(endpoint, case.params)
        client.get(f"{address}?_method=POST&confirm=1", headers=OVERRIDES)

    assert world.digest() == before


def test_no_page_believes_what_only_a_proxy_may_say(world):
    told = []
    for _method, endpoint, case in pages(safe=True):
        for role in ("ops", "anonymous"):
            answer = world.client(role).get(world.url(endpoint, case.params), headers=FORWARDED)
            if b"evil.ex" in answer.get_data() or "evil.ex" in str(answer.headers):
                told.append((endpoint, role))

    assert told == []


def test_a_token_of_all_other_scopes_opens_no_operation(world):
    with world.app.app_context():
        ops = world.people["ops"]
        tokens = {
            scope: write(lambda s, x=scope: create_token(s, None, ops, tuple({*SCOPES} - {x}), NOW))
            for scope in SCOPES
        }
        db.session.remove()
    client, opened = world.app.test_client(), []
    spec = client.get(f"{PREFIX}/openapi.json").json
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            [scope] = operation["security"][0]["token"]
            names = {part.split("}")[0] for part in path.split("{")[1:]}
            address = path.format_map(dict.fromkeys(names, MISSING))
            headers = {"Authorization": f"Bearer {tokens[scope]}"}
            answer = client.open(address, method=method.upper(), headers=headers)
            if (answer.status_code, answer.json["code"]) != (403, "forbidden"):
                opened.append((method, path, answer.status_code))

    assert opened == []
