"""What a tenant writes is nowhere in what the API answers others, however they ask for it."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from booking.accounts.services.tokens import SCOPES, create_token
from booking.infra.db import db, write
from booking.web.api.blueprint import PREFIX
from tests.conftest import NOW
from tests.matrix import MISSING
from tests.matrix.world import World
from tests.privacy.canaries import START
from tests.privacy.test_leaks import FOREIGN, NONSENSE, STRANGERS
from tests.privacy.test_leaks import world as world  # the matrix' world

HOUR = {"start": START.isoformat(), "end": (START + timedelta(hours=1)).isoformat()}
NEEDED = {"duration_minutes": "60", **{k: v.replace("+", "%2B") for k, v in HOUR.items()}}


@pytest.fixture(scope="module")
def tokens(world: World) -> dict[str, str]:
    """Return a token of each stranger."""
    with world.app.app_context():
        made = {
            role: write(lambda s, r=role: create_token(s, None, world.people[r], SCOPES, NOW))
            for role in STRANGERS
        }
        db.session.remove()
    return made


def things(role: str) -> dict[str, str]:
    """Return the names of ids that are not for this role, by the API's name."""
    whose, side = ("cy", "east") if role in ("ada", "mei") else ("ada", "west")
    pool = "east_hidden" if side == "east" else "unshared_pool"
    found = {
        "reservation": f"{whose}_booking", "group": f"{whose}_group", "entry": f"{whose}_wish",
        "draw_entry": f"{whose}_entry", "pool": pool, "unit": f"{side}_unit", "user": f"{whose}_id",
        "notice": f"{side}_notice",
    }  # fmt: skip
    return {**found, **{f"{name}_id": thing for name, thing in found.items()}}


def pairs(world: World, role: str, path: str, operation: dict) -> Iterator[tuple[str, str]]:
    """Yield two addresses whose answers must not differ: of what is foreign, and of nothing."""
    ids = {name: world.ids[thing] for name, thing in things(role).items()}
    named = re.findall(r"{(\w+)}", path)
    if named:
        yield path.format_map(ids), path.format_map(dict.fromkeys(ids, MISSING))
        return
    names = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"}
    given = "&".join(f"{name}={value}" for name, value in NEEDED.items() if name in names)
    for name in sorted(names & ids.keys()):
        yield f"{path}?{given}&{name}={ids[name]}", f"{path}?{given}&{name}={MISSING}"
    for word in FOREIGN[role] if "q" in names else ():
        yield f"{path}?{given}&q={word}", f"{path}?{given}&q={NONSENSE[: len(word)]}"


@pytest.mark.parametrize("role", STRANGERS)
def test_no_api_answer_tells_what_is_foreign_from_what_is_not_there(world, tokens, role):
    client, told, asked = world.app.test_client(), [], 0
    headers = {"Authorization": f"Bearer {tokens[role]}", "Accept-Language": "en"}
    spec = client.get(f"{PREFIX}/openapi.json").json
    for path, item in spec["paths"].items():
        for foreign, missing in pairs(world, role, path, item["get"]) if "get" in item else ():
            for more in ({}, {"If-None-Match": "*"}):
                sent = {**headers, **more}
                first, second = (client.get(a, headers=sent) for a in (foreign, missing))
                asked += 1
                assert world.leaks(role, first) == set(), foreign
                if (first.status_code, first.data) != (second.status_code, second.data):
                    told.append((foreign, first.status_code, second.status_code))

    assert asked > 40
    assert told == []


@pytest.mark.parametrize("role", STRANGERS)
def test_no_change_of_what_is_foreign_tells_that_it_is_there(world, tokens, role):
    client, told = world.app.test_client(), []
    headers = {"Authorization": f"Bearer {tokens[role]}", "Accept-Language": "en"}
    ids = {name: world.ids[thing] for name, thing in things(role).items()}
    spec = client.get(f"{PREFIX}/openapi.json").json
    bodies = ({}, {"note": "x"}, {"no_such_field": 1}, {"reason": "x"}, {"minutes": 15})
    matches = ({}, {"If-Match": '"1"'}, {"If-Match": '"99"'}, {"If-Match": "*"})
    for path, item in spec["paths"].items():
        named = re.findall(r"{(\w+)}", path)
        for method in item.keys() & {"post", "patch", "delete"} if set(named) & ids.keys() else ():
            for number in range(5):
                more = {**headers, **matches[number % 4]}
                body = {} if method == "delete" else {"json": bodies[number]}
                first, second = (
                    client.open(path.format_map(which), method=method, headers=more, **body)
                    for which in (ids, dict.fromkeys(ids, MISSING))
                )
                if (first.status_code, first.data) != (second.status_code, second.data):
                    told.append((method, path, first.status_code, second.status_code))

    assert told == []


def test_a_taken_slot_does_not_tell_by_whom(world, tokens):
    wanted = {"pool_id": world.ids["their_pool"], "purpose": "research", **HOUR}
    headers = {"Authorization": f"Bearer {tokens['ada']}", "Accept-Language": "en"}

    refused = world.app.test_client().post(f"{PREFIX}/reservations", json=wanted, headers=headers)

    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    assert world.leaks("ada", refused) == set()
