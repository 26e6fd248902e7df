"""Hostile requests: every answer is a refusal in problem+json, none a fault, nothing is written."""

import json

import pytest
from sqlalchemy import func, select

from booking.accounts.services.tokens import create_token
from booking.infra.db import write
from booking.reservations.models import Idempotency, Reservation
from tests.api.caller import wanted
from tests.conftest import NOW
from tests.reservations.steps import at

DEEP = 100_000


def refused(answer, *statuses):
    assert answer.status_code in (statuses or (400, 404, 413, 415, 422)), answer.text[:300]
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    assert answer.json["code"]
    return answer.json


def send(caller, raw, content_type="application/json", path="/reservations", **headers):
    return caller.client.post(
        f"/api/v1{path}",
        data=raw,
        content_type=content_type,
        headers={**caller.headers, **headers},
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"17",
        b"{'pool_id': 1}",
        b'{"pool_id": NaN}',
        b'{"pool_id": Infinity}',
        b'{"pool_id": -Infinity}',
        b'{"pool_id": 1}}',
        b"\xff\xfe\x00",
        b'{"note": "\xff"}',
        b"[" * DEEP + b"]" * DEEP,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"quantity": ' + b"9" * 5000 + b"}",  # Python refuses to read more than 4,300 digits
    ],
    ids=range(17),
)
def test_what_is_no_json_object_is_malformed(api, raw):
    assert refused(send(api.ada, raw), 400, 413)["code"] in ("malformed", "too_large")


@pytest.mark.parametrize("path", ["cancel", "approve", "reject"])
def test_optional_bodies_are_read_as_strictly(api, people, path):
    made = api.ada.book(10, 11, pool_id=people.confocal.id)
    path = f"/reservations/{made.json['id']}/{path}"

    refused(send(api.mei, b"[]", path=path), 400)
    refused(send(api.mei, b"[" * 30_000, path=path), 400)
    refused(send(api.mei, b'{"reason": 1}', path=path), 422)
    refused(send(api.mei, b'{"status": "approved"}', path=path), 422)
    refused(send(api.mei, b"reason=x", "application/x-www-form-urlencoded", path), 415)
    assert api.ada.get(f"/reservations/{made.json['id']}").json == made.json


def test_a_body_is_bounded_and_has_a_type(api):
    assert refused(send(api.ada, b" " * 70_000), 413)["code"] == "too_large"
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = refused(send(api.ada, b'{"pool_id": 1}', kind), 415)
        assert answer["code"] == "unsupported_media_type"
    assert refused(send(api.ada, b"{}", "application/json; charset=utf-8"), 422)


VALUES = [
    None,
    True,
    False,
    "",
    "1",
    "x",
    "a\x00b",
    "\ud800",
    1.0,
    1.5,
    1e308,
    0,
    -1,
    2**31,
    2**63,
    -(2**63) - 1,
    10**100,
    [],
    [1],
    {},
    {"$gt": 0},
    "0001-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2026-11-24T10:00:00",
    "2026-11-24T10:00:00+25:00",
    "2026-11-24T10:00:00+08",
    "2026-11-24",
    "2026-W48-2T10:00:00Z",
    "2026-02-30T10:00:00Z",
    "2026-11-24T24:00:00Z",
    "2026-11-24T10:00:60Z",
    "2026-11-24T10:00:30Z",
    "２026-11-24T10:00:00Z",
]
FIELDS = [
    "pool_id",
    "unit_id",
    "quantity",
    "start",
    "end",
    "purpose",
    "note",
    "company_id",
    "institution_id",
    "on_behalf_of",
    "override_reason",
    "no_such_field",
]


@pytest.mark.parametrize("field", FIELDS)
def test_no_value_of_any_field_makes_a_fault(api, people, any_session, field):
    for value in VALUES:
        body = {**wanted(10, 11, pool_id=people.confocal.id), field: value}
        answer = send(api.ada, json.dumps(body).encode())
        if answer.status_code == 201:
            api.ada.post(f"/reservations/{answer.json['id']}/cancel")
        else:
            refused(answer, 404, 422)


@pytest.mark.parametrize("field", ["start", "end", "quantity", "note", "override_reason", "status"])
def test_no_value_of_a_change_makes_a_fault(api, people, field):
    made = api.ada.book(10, 11, pool_id=people.confocal.id)
    version = 1
    for value in VALUES:
        answer = api.ada.client.patch(
            f"/api/v1/reservations/{made.json['id']}",
            data=json.dumps({field: value}).encode(),
            content_type="application/json",
            headers={**api.ada.headers, "If-Match": f'"{version}"'},
        )
        if answer.status_code == 200:
            version = answer.json["version"]
        else:
            refused(answer, 409, 422)


def test_refused_bodies_leave_nothing_behind(api, people, any_session):
    for number, body in enumerate(
        [
            {"note": "x" * 2001},
            {"note": "\x00"},
            {"purpose": "pleasure"},
            {"end": at(10)},
            {"end": at(11, day=400)},
            {"quantity": 0},
            {"unit_id": people.confocal_units[0].id},
            {"status": "approved"},
            {"user_id": people.cy.id},
        ]
    ):
        whole = {**wanted(10, 11, pool_id=people.confocal.id), **body}
        answer = send(
            api.ada, json.dumps(whole, default=str).encode(), **{"Idempotency-Key": f"k{number}"}
        )
        assert refused(answer, 422)["code"] in ("invalid", "rule_violation")

    for table in (Reservation, Idempotency):
        assert any_session.execute(select(func.count()).select_from(table)).scalar() == 0


def test_a_period_of_centuries_is_refused_at_once(api, people, any_session):
    people.confocal.opening_hours = ";".join(f"{day} 08:00-18:00" for day in range(1, 8))
    any_session.commit()

    answer = api.ada.post(
        "/reservations",
        wanted(10, 11, pool_id=people.confocal.id) | {"end": "8999-12-31T00:00:00Z"},
    )

    assert refused(answer, 422)["violations"][0]["code"] == "too_long_period"


def test_all_unfit_fields_are_named_at_once(api):
    body = {"pool_id": "x", "start": "2026-11-24T10:00:00", "purpose": 1, "colour": "red"}

    answer = refused(api.ada.post("/reservations", body), 422)

    found = {v["field"]: v["code"] for v in answer["violations"]}
    assert found == {
        "pool_id": "not_whole",
        "start": "offset_needed",
        "end": "required",
        "purpose": "not_text",
        "colour": "unknown_field",
    }


QUERIES = [
    "unit=0", "unit=-1", "unit=abc", "unit=", "unit=99999999999999999999", "unit=1.0", "unit=١",
    "pool=" + "9" * 100, "from=x", "from=", "from=2026-11-24T10:00:00", "from=0001-01-01T00:00:00Z",
    "to=9999-12-31T23:59:59Z", "to=0001-01-01T00:00:00%2B14:00", "status=done", "status=%00",
    "mine=maybe", "mine=", "page=0", "page=-1", "page=9223372036854775807", "page=1e3",
    "per_page=0", "per_page=201", "order=id", "unit=1&unit=2", "status=%ff%fe", "%00=1",
    "q=%00", "q=" + "a" * 10_000, "q=%ED%A0%80", "category=%00", "site=x", "free_from=x",
    "start=x", "quantity=-1", "duration_minutes=9999999999999999999999", "limit=0",
]  # fmt: skip


@pytest.mark.parametrize(
    "path", ["/reservations", "/pools", "/availability", "/availability/next", "/pools/1/units"]
)
def test_no_query_string_makes_a_fault(api, people, path):
    for query in QUERIES:
        answer = api.mei.client.get(f"/api/v1{path}?{query}", headers=api.mei.headers)
        if answer.status_code != 200:
            refused(answer, 422)


@pytest.mark.parametrize(
    "path",
    [
        "/reservations/{}",
        "/reservations/{}/cancel",
        "/reservations/{}/approve",
        "/pools/{}",
        "/pools/{}/units",
        "/units/{}",
        "/{}",
    ],
)
def test_no_id_makes_a_fault(api, path):
    method = "POST" if path.endswith(("cancel", "approve")) else "GET"
    for value in (
        "0",
        "-1",
        "x",
        "1.0",
        "1e3",
        "9" * 100,
        str(2**63),
        "%00",
        "%ff",
        "1%2F..",
        " 1",
    ):
        answer = api.mei.client.open(
            f"/api/v1{path.format(value)}", method=method, headers=api.mei.headers
        )
        refused(answer, 404)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "bearer \u00e9",
        "Basic YWRhOmFkYQ==",
        "Bearer " + "x" * 8000,
        "Token abc",
    ],
)
def test_without_a_live_token_nobody_is_let_in(api, header):
    headers = {} if header is None else {"Authorization": header}
    answer = api.ada.client.get("/api/v1/reservations", headers=headers)

    assert refused(answer, 401)["code"] == "unauthorized"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_wrong_tokens_are_counted_and_right_ones_are_not(api, any_app):
    any_app.config["SIGN_IN_TRIES_PER_ADDRESS"] = 3
    wrong = {"Authorization": "Bearer wrong"}
    statuses = [
        api.ada.client.get("/api/v1/reservations", headers=wrong).status_code for _ in range(4)
    ]

    assert statuses == [401, 401, 401, 429]
    assert api.ada.get("/reservations").status_code == 200


def test_a_cookie_opens_nothing_here(api, people, any_app):
    """Also not together with the CSRF protection of the pages, which bearer tokens do not need."""
    any_app.config["WTF_CSRF_ENABLED"] = True
    client = any_app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "anything"
    assert client.get("/api/v1/reservations").status_code == 401
    assert client.post("/api/v1/reservations", json={}).status_code == 401
    made = api.ada.book(10, 11, pool_id=people.confocal.id)
    assert made.status_code == 201


def test_a_wrong_method_says_which_are_right(api):
    answer = api.ada.client.delete("/api/v1/reservations", headers=api.ada.headers)

    assert refused(answer, 405)["code"] == "method_not_allowed"
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_an_expired_or_revoked_token_is_refused(api, people, any_session, clock):
    token = write(lambda s: create_token(s, None, people.ada.id, ("read",), NOW))
    headers = {"Authorization": f"Bearer {token}"}
    assert api.ada.client.get("/api/v1/pools", headers=headers).status_code == 200
    people.ada.retired_at = NOW
    any_session.commit()

    assert api.ada.client.get("/api/v1/pools", headers=headers).status_code == 401
