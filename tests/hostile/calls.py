"""Every operation of the API that takes fields, as a target: the body's, else the query's."""

import re
from collections.abc import Iterator
from typing import Any

from booking.accounts.services.tokens import SCOPES, create_token
from booking.infra.db import db, write
from booking.web.api.blueprint import PREFIX
from tests.conftest import NOW
from tests.hostile.forms import Target
from tests.matrix import MISSING
from tests.matrix.world import World

# What an id in a path or body is about; nothing where none is named.
THINGS = {
    "pool_id": "shared_pool", "pool": "shared_pool", "unit_id": "unit", "unit": "unit",
    "reservation_id": "pending", "group_id": "series", "entry_id": "kept", "session_id": "training",
    "draw_entry_id": "drawn", "signup_id": "signup",
}  # fmt: skip
# Where nothing else is fit, so that a call gets as far as it can.
FIT = {
    "start": "2026-11-24T06:00:00Z", "end": "2026-11-24T07:00:00Z", "purpose": "research",
    "from": "2026-11-24T06:00:00Z", "to": "2026-11-24T07:00:00Z", "minutes": 60, "reason": "x",
    "duration_minutes": 60, "kind": "series", "rule": "FREQ=DAILY;COUNT=2",
}  # fmt: skip
DECIDING = re.compile(r"/(approve|reject)$")


def calls(world: World) -> list[Target]:
    """Return a target for each operation, sent as who gets far; the world comes back to them."""
    world.restore()
    with world.app.app_context():
        tokens = {
            role: write(lambda s, r=role: create_token(s, None, world.people[r], SCOPES, NOW))
            for role in ("ada", "mei")
        }
        db.session.remove()
    world.come_back_here()
    spec = world.app.test_client().get(f"{PREFIX}/openapi.json").json
    return list(_targets(world, spec, tokens))


def _targets(world: World, spec: dict[str, Any], tokens: dict[str, str]) -> Iterator[Target]:
    for path, item in spec["paths"].items():
        for method in item.keys() & {"get", "post", "patch", "delete"}:
            operation = item[method]
            names = _body(spec, operation) or [
                one["name"] for one in operation.get("parameters", ()) if one.get("in") == "query"
            ]
            role = "mei" if DECIDING.search(path) else "ada"
            ids = {name: _id(world, name) for name in re.findall(r"{(\w+)}", path)}
            known = {name: _id(world, name) if name in THINGS else FIT.get(name) for name in names}
            fields = {name: value for name, value in known.items() if value is not None}
            if names:
                yield Target(
                    role, path.format_map(ids), fields, method=method.upper(), token=tokens[role],
                    more=tuple(names),
                )  # fmt: skip


def _id(world: World, name: str) -> int:
    return world.ids.get(THINGS.get(name, ""), MISSING)


def _body(spec: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    """Return the names of a body's members."""
    content = operation.get("requestBody", {}).get("content", {})
    for kind in content.values():
        schema = kind["schema"]
        if "$ref" in schema:
            schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return list(schema.get("properties", ()))
    return []
