"""The OpenAPI document: whole, resolvable, and true of what is answered."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import object_session

from booking.core.period import Period
from booking.notices.rules import Wording
from booking.notices.services import draft_notice, publish_notice
from tests import factories
from tests.api.caller import series, waited
from tests.conftest import NOW
from tests.reservations.steps import at

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = "/api/v1/openapi.json"


@pytest.fixture
def spec(client):
    return client.get(DOCUMENT).json


def operations(spec):
    return {
        (method.upper(), path): operation
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post", "patch", "put", "delete")
    }


def resolved(spec, part):
    while "$ref" in part:
        _, *path = part["$ref"].split("/")
        part = spec
        for name in path:
            part = part[name]
    return part


def test_every_operation_is_described(app, spec):
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.rule != DOCUMENT
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert spec["openapi"] == "3.1.0"
    assert served == set(operations(spec))


def test_every_operation_is_in_the_guide(spec):
    guide = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([A-Z]+) (/api/\S+)` \| (\w+) \|", guide, re.MULTILINE))

    assert rows == {
        (method, path, operation["security"][0]["token"][0])
        for (method, path), operation in operations(spec).items()
    }


def test_every_reference_leads_somewhere(spec):
    def walk(part):
        if isinstance(part, dict):
            if "$ref" in part:
                assert resolved(spec, part)
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(spec)


def test_every_operation_says_what_it_takes_and_answers(spec):
    names = set()
    for (method, path), operation in operations(spec).items():
        assert operation["summary"], path
        names.add(operation["operationId"])
        [need] = operation["security"]
        assert need["token"] in (["read"], ["book"], ["approve"], ["export"])
        parameters = operation.get("parameters", []) + spec["paths"][path].get("parameters", [])
        assert {p["name"] for p in parameters if p["in"] == "path"} == set(
            re.findall(r"{(\w+)}", path)
        )
        assert ("requestBody" in operation) == (method not in ("GET", "DELETE"))
        for status, answer in operation["responses"].items():
            content = resolved(spec, answer).get("content", {})
            if status == "204":
                assert not content, path
                continue
            kind = "json" if status in ("200", "201", "202") else "problem+json"
            assert list(content) == [f"application/{kind}"], (path, status)
        assert {"401", "403", "429", "503", "default"} < set(operation["responses"])
    assert len(names) == len(operations(spec))
    patch = spec["paths"]["/api/v1/reservations/{reservation_id}"]["patch"]
    assert {"404", "409", "412", "415", "422", "428"} < set(patch["responses"])


def test_answers_have_the_members_that_are_described(api, people, spec):
    made = api.ada.book(10, 11, pool_id=people.confocal.id).json
    group = api.ada.post("/reservation-groups", series(12, 13, pool_id=people.confocal.id)).json
    entry = api.ada.post("/waitlist", waited(8, 10, pool_id=people.confocal.id)).json
    day = Period(at(0, 9), at(24, 9))
    drawn = factories.create_draw_entry(
        object_session(people.ada), people.confocal, people.ada, day
    )
    notice_id = _announced(object_session(people.ops), people.ops)
    asked = {
        "/notices": {},
        "/notices/{notice_id}": {},
        "/pools": {},
        "/pools/{pool_id}": {},
        "/pools/{pool_id}/like": {},
        "/pools/{pool_id}/units": {},
        "/pools/{pool_id}/formalities": {},
        "/units/{unit_id}": {},
        "/reservations": {},
        "/reservations/{reservation_id}": {},
        "/reservations/{reservation_id}/steps": {},
        "/reservation-groups/{group_id}": {},
        "/waitlist": {},
        "/waitlist/{entry_id}": {},
        "/qualifications": {},
        "/pools/{pool_id}/training": {},
        "/draw-entries": {},
        "/draw-entries/{draw_entry_id}": {},
        "/availability": {"start": at(10), "end": at(11), "quantity": 1},
        "/availability/next": {"pool": people.confocal.id, "duration_minutes": 60},
        "/explain": {"pool": people.confocal.id, "start": at(10), "end": at(11)},
    }
    described = {path for method, path in operations(spec) if method == "GET"}
    assert described == {f"/api/v1{path}" for path in asked}

    for path, query in asked.items():
        ids = {
            "pool_id": people.confocal.id,
            "unit_id": 1,
            "reservation_id": made["id"],
            "group_id": group["group"]["id"],
            "entry_id": entry["id"],
            "draw_entry_id": drawn.id,
            "notice_id": notice_id,
        }
        answer = api.mei.get(path.format(**ids), **query)
        operation = spec["paths"][f"/api/v1{path}"]["get"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        _is_as_described(spec, schema, answer.json)


def _announced(session, operator) -> int:
    words = Wording("停机清洁", "周五下午停机。", NOW, NOW + timedelta(days=7), must_read=True)
    key = draft_notice(session, factories.actor(operator), (None, None), words, NOW)
    publish_notice(session, factories.actor(operator), key, 1, NOW)
    session.commit()
    return key


def test_a_refusal_has_only_members_that_are_described(api, people, spec):
    unit = people.confocal_units[0].id
    api.cy.book(10, 11, unit_id=unit)
    problem = spec["components"]["schemas"]["ProblemAnswer"]
    refusals = [
        api.ada.book(10, 11, unit_id=unit),
        api.ada.book(10, 36, unit_id=unit),
        api.ada.book(10, 11),
        api.ada.get("/reservations/1000"),
        api.ada.post("/reservation-groups", series(9, 10, unit_id=unit, rule="FREQ=DAILY")),
        api.ada.post("/reservation-groups", series(9, 11, unit_id=unit)),
        api.nobody.get("/pools"),
    ]

    for answer in refusals:
        _is_as_described(spec, problem, answer.json, whole=False)


def _is_as_described(spec, schema, value, *, whole=True):
    schema = resolved(spec, schema)
    if isinstance(value, dict) and "properties" in schema:
        assert set(value) <= set(schema["properties"])
        assert set(schema["properties"] if whole else schema.get("required", ())) <= set(value)
        for name, member in value.items():
            _is_as_described(spec, schema["properties"][name], member, whole=whole)
    elif isinstance(value, dict) and "additionalProperties" in schema:
        for member in value.values():
            _is_as_described(spec, schema["additionalProperties"], member, whole=whole)
    elif isinstance(value, list):
        for member in value:
            _is_as_described(spec, schema["items"], member, whole=whole)
    elif "type" in schema:
        kinds = {str: "string", bool: "boolean", int: "integer", type(None): "null"}
        allowed = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        assert kinds[type(value)] in allowed, (schema, value)
