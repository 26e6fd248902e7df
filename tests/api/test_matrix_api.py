"""Every API route × role × {one's own, another's, missing, malformed}: the statuses expected.

`a` is Ada's reservation in west's shared pool (Mei's lab), `b` Cy's in east's (Dee's lab);
for pools and units `a` is shared, `b` is west's without an agreement.
"""

from types import SimpleNamespace

import pytest
from sqlalchemy.orm import object_session

from booking.core.period import Period
from booking.notices.models import Notice
from booking.policies.models import Agreement
from tests import factories
from tests.answers import lacking
from tests.api.caller import Caller, series, timed, waited, wanted
from tests.cast import cast, others
from tests.conftest import NOW
from tests.reservations.steps import at
from tests.training.given import create_session

ROLES = ("ada", "kim", "fin", "bo", "cy", "mei", "dee", "rep", "rae", "ops", "adm", "aud")
EVERYONE = "200 200 200 200 200 200 200 200 200 200 200 200"
SENT = "200 200 200 200 200 200 200 200 200 200 200 403"
INSIDERS = "404 404 404 404 404 200 404 200 404 200 404 200"
INSIDERS_SENT = "404 404 404 404 404 200 404 200 404 200 404 403"
#           ada kim fin bo  cy  mei dee rep rae ops adm aud
A_SEEN = "200 200 200 200 404 200 404 200 404 200 404 200"
B_SEEN = "404 404 404 404 200 404 200 404 200 200 404 200"
A_CHANGED = "200 200 403 403 404 200 404 403 404 200 404 403"
B_CHANGED = "404 404 404 404 200 404 200 404 403 200 404 403"
A_DECIDED = "403 403 403 403 404 200 404 403 404 200 404 403"
B_DECIDED = "404 404 404 404 403 404 200 404 403 200 404 403"
# Of a pending request `a`: nothing to use, nobody to hand it to, nothing to take back.
A_USED = "409 403 403 403 404 409 404 403 404 409 404 403"
B_USED = "404 404 404 404 409 404 409 404 403 409 404 403"
A_HANDED = "422 422 403 422 404 422 404 403 404 422 404 403"
B_HANDED = "404 404 404 404 422 404 422 404 403 422 404 403"
A_RESTORED = "403 403 403 403 404 409 404 403 404 409 404 403"
B_RESTORED = "404 404 404 404 403 404 409 404 403 409 404 403"
# Dee, Ops and Adm belong nowhere for which they could book it: party_needed
A_BOOKED = "201 201 201 201 201 201 422 201 201 422 422 403"
B_BOOKED = "404 404 404 404 404 201 404 201 404 422 404 403"
A_WAITED = "200 404 404 404 404 200 404 200 404 200 404 200"
B_WAITED = "404 404 404 404 200 404 200 404 200 200 404 200"

OWN_A = "200 404 404 404 404 404 404 404 404 404 404 403"
OWN_B = "404 404 404 404 200 404 404 404 404 404 404 403"

WAITLIST = "/api/v1/waitlist"
ENTRY = f"{WAITLIST}/<id:entry_id>"
DRAWN = "/api/v1/draw-entries/<id:draw_entry_id>"
SESSION = "/api/v1/training-sessions/<id:session_id>/sign-up"
SIGN_UP = "/api/v1/training-sign-ups/<id:signup_id>"
RESERVATION = "/api/v1/reservations/<id:reservation_id>"
GROUPS = "/api/v1/reservation-groups"
GROUP = f"{GROUPS}/<id:group_id>"
# (method, rule) -> target -> status for each role
TABLE = {
    ("GET", "/api/v1/openapi.json"): {"": EVERYONE},
    ("GET", "/api/v1/pools"): {"": EVERYONE},
    ("GET", "/api/v1/pools/<id:pool_id>"): {"a": EVERYONE, "b": INSIDERS},
    ("GET", "/api/v1/pools/<id:pool_id>/like"): {"a": EVERYONE, "b": INSIDERS},
    ("GET", "/api/v1/pools/<id:pool_id>/formalities"): {"a": EVERYONE, "b": INSIDERS},
    ("POST", "/api/v1/agreements/<id:agreement_id>/accept"): {"a": SENT},
    ("GET", "/api/v1/notices"): {"": EVERYONE},
    ("GET", "/api/v1/notices/<id:notice_id>"): {"a": EVERYONE, "b": INSIDERS},
    ("POST", "/api/v1/notices/<id:notice_id>/read"): {"a": SENT, "b": INSIDERS_SENT},
    ("GET", "/api/v1/pools/<id:pool_id>/units"): {"a": EVERYONE, "b": INSIDERS},
    ("GET", "/api/v1/units/<id:unit_id>"): {"a": EVERYONE, "b": INSIDERS},
    ("GET", "/api/v1/availability"): {"a": EVERYONE, "b": INSIDERS},
    ("GET", "/api/v1/availability/next"): {"a": EVERYONE, "b": INSIDERS},
    ("GET", "/api/v1/explain"): {"a": EVERYONE, "b": INSIDERS},
    ("GET", "/api/v1/reservations"): {"": EVERYONE},
    ("POST", "/api/v1/reservations"): {
        "a": A_BOOKED,
        "b": B_BOOKED,
    },
    ("GET", RESERVATION): {"a": A_SEEN, "b": B_SEEN},
    ("PATCH", RESERVATION): {"a": A_CHANGED, "b": B_CHANGED},
    ("POST", f"{RESERVATION}/cancel"): {"a": A_CHANGED, "b": B_CHANGED},
    ("POST", f"{RESERVATION}/check-in"): {
        "a": A_USED,
        "b": B_USED,
    },
    ("POST", f"{RESERVATION}/start-early"): {
        "a": A_USED,
        "b": B_USED,
    },
    ("POST", f"{RESERVATION}/check-out"): {
        "a": A_USED,
        "b": B_USED,
    },
    ("POST", f"{RESERVATION}/extend"): {"a": A_CHANGED, "b": B_CHANGED},
    ("POST", f"{RESERVATION}/transfer"): {
        "a": A_HANDED,
        "b": B_HANDED,
    },
    ("POST", f"{RESERVATION}/undo-cancel"): {
        "a": A_RESTORED,
        "b": B_RESTORED,
    },
    ("GET", f"{RESERVATION}/steps"): {"a": A_SEEN, "b": B_SEEN},
    ("POST", "/api/v1/me/export"): {"": SENT},
    ("POST", f"{RESERVATION}/approve"): {"a": A_DECIDED, "b": B_DECIDED},
    ("POST", f"{RESERVATION}/reject"): {"a": A_DECIDED, "b": B_DECIDED},
    ("POST", "/api/v1/holds"): {
        "a": A_BOOKED,
        "b": B_BOOKED,
    },
    ("DELETE", "/api/v1/holds/<id:hold_id>"): {"a": OWN_A, "b": OWN_B},
    ("POST", WAITLIST): {
        "a": A_BOOKED,
        "b": B_BOOKED,
    },
    ("GET", WAITLIST): {"": EVERYONE},
    ("GET", ENTRY): {"a": A_WAITED, "b": B_WAITED},
    ("DELETE", ENTRY): {"a": OWN_A, "b": OWN_B},
    # Offered at once, as it is free: taken by who waits, and by nobody else.
    ("POST", f"{ENTRY}/accept"): {"a": OWN_A, "b": OWN_B},
    ("POST", f"{ENTRY}/decline"): {"a": OWN_A, "b": OWN_B},
    ("GET", "/api/v1/draw-entries"): {"": EVERYONE},
    ("GET", DRAWN): {"a": A_WAITED, "b": B_WAITED},
    ("DELETE", DRAWN): {"a": OWN_A, "b": OWN_B},
    ("GET", "/api/v1/qualifications"): {"": EVERYONE},
    ("GET", "/api/v1/pools/<id:pool_id>/training"): {"a": EVERYONE, "b": INSIDERS},
    ("POST", SESSION): {"a": SENT, "b": "404 404 404 404 404 200 404 200 404 200 404 403"},
    # Those who hold the session may give a seat up for others.
    ("DELETE", SIGN_UP): {
        "a": "200 404 404 404 404 200 404 404 404 200 404 403",
        "b": "404 404 404 404 404 200 404 200 404 200 404 403",
    },
    ("POST", GROUPS): {
        "a": A_BOOKED,
        "b": B_BOOKED,
    },
    ("GET", GROUP): {"a": A_SEEN, "b": B_SEEN},
    ("PATCH", GROUP): {"a": A_CHANGED, "b": B_CHANGED},
    ("POST", f"{GROUP}/cancel"): {"a": A_CHANGED, "b": B_CHANGED},
    ("POST", f"{GROUP}/rule"): {"a": A_CHANGED, "b": B_CHANGED},
    ("POST", f"{GROUP}/approve"): {"a": A_DECIDED, "b": B_DECIDED},
    ("POST", f"{GROUP}/reject"): {"a": A_DECIDED, "b": B_DECIDED},
}
OPEN = ("/api/v1/openapi.json",)
BODIES = {
    "PATCH": {"note": "x"},
    "/cancel": {"reason": "x"},
    "/reject": {"reason": "x"},
    "/extend": {"minutes": 30},
    "/transfer": {"user_id": 471147},
}
CASES = [
    pytest.param(method, rule, target, id=f"{method} {rule.removeprefix('/api/v1')} {target}")
    for (method, rule), targets in TABLE.items()
    for target in targets
]


def test_no_route_is_missing_in_the_table(app):
    routes = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("api") or rule.rule.startswith("/api/")
    }

    assert routes == set(TABLE)


@pytest.fixture
def people(session, clock):
    """Return the cast on SQLite: who may do what does not depend on the engine."""
    return cast(session)


@pytest.fixture
def api(people, client, session):
    """Return a caller for each role by name, and `nobody` without a token."""
    everybody = {**vars(people), **others(session, people)}
    callers = {role: Caller(client, everybody[role]) for role in ROLES}
    return SimpleNamespace(nobody=Caller(client, None), **callers)


@pytest.fixture
def any_client(client):
    """Return the client of the SQLite app."""
    return client


@pytest.fixture
def targets(people, session):
    """Return ids for `a` and `b` by what the rule's last variable names."""
    shared, unshared = people.confocal, people.unshared
    return {
        "pool_id": {"a": shared.id, "b": unshared.id},
        "unit_id": {
            "a": factories.units_of(session, shared)[0].id,
            "b": factories.units_of(session, unshared)[0].id,
        },
    }


@pytest.mark.parametrize(("method", "rule", "target"), CASES)
def test_each_role_gets_the_status_of_the_table(api, people, targets, method, rule, target):
    expected = TABLE[method, rule][target]

    found = [
        _call(getattr(api, role), method, rule, _id(api, people, targets, rule, target, hour))
        for hour, role in enumerate(ROLES)
    ]

    assert " ".join(str(answer.status_code) for answer in found) == expected
    assert [lacking(answer) for answer in found] == [{}] * len(found)


@pytest.mark.parametrize(("method", "rule", "target"), CASES)
def test_nobody_gets_in_without_token_or_scope(api, people, client, targets, method, rule, target):
    thing = _id(api, people, targets, rule, target, 0)
    powerless = Caller(client, people.ops, ())

    statuses = [_call(who, method, rule, thing).status_code for who in (api.nobody, powerless)]

    assert statuses == ([200, 200] if rule in OPEN else [401, 403])


@pytest.mark.parametrize(("method", "rule", "target"), CASES)
def test_another_tenants_thing_answers_byte_for_byte_like_a_missing_one(
    api, people, targets, method, rule, target
):
    missing = {_call(getattr(api, role), method, rule, 10**15).data for role in ROLES[:-1]}
    hidden = {
        answer.data
        for hour, role in enumerate(ROLES)
        for answer in [
            _call(getattr(api, role), method, rule, _id(api, people, targets, rule, target, hour))
        ]
        if answer.status_code == 404
    }

    if hidden:
        assert hidden == {api.ops.get("/pools/1000000").data} <= missing


@pytest.mark.parametrize(
    ("method", "rule"), [key for key in TABLE if "<" in key[1]], ids=lambda part: part[-12:]
)
def test_a_missing_and_a_malformed_id_are_the_same_404(api, people, method, rule):
    for role in ROLES:
        who = getattr(api, role)
        missing = _call(who, method, rule, 10**15)
        if role == "aud" and method != "GET":  # sends nothing, whatever it is about
            assert missing.status_code == 403
            continue
        assert missing.status_code == 404
        for malformed in ("0", "-1", "x", "9" * 100):
            assert _call(who, method, rule, malformed).data == missing.data


def _id(api, people, targets, rule, target, hour):
    """Return the id of the thing; reservations are made anew for each role."""
    if "reservation_id" in rule:
        caller, pool = (api.ada, people.confocal) if target == "a" else (api.cy, people.east_pool)
        made = caller.book(2 * hour, 2 * hour + 1, pool_id=pool.id)  # room to be made longer
        assert made.status_code == 201, made.json
        return made.json["id"]
    if "agreement_id" in rule:
        text = {"scope_kind": "park", "version": hour + 1, "title": "x", "text": "x"}
        return factories.keep(object_session(people.ada), Agreement(**text, set_at=NOW)).id
    if "notice_id" in rule:
        session, pool = (
            object_session(people.ada),
            people.confocal if target == "a" else people.unshared,
        )
        said = {"title_zh": "x", "text_zh": "x", "from_at": NOW, "published_at": NOW, "version": 1}
        return factories.keep(session, Notice(pool_id=pool.id, created_at=NOW, **said)).id
    if "group_id" in rule:
        caller, pool = (api.ada, people.confocal) if target == "a" else (api.cy, people.east_pool)
        made = caller.post("/reservation-groups", series(hour, hour + 1, pool_id=pool.id))
        assert made.status_code == 201, made.json
        return made.json["group"]["id"]
    if "hold_id" in rule:
        caller, pool = (api.ada, people.confocal) if target == "a" else (api.cy, people.east_pool)
        for before in range(1, len(ROLES) + 1):  # three at a time
            caller._send("DELETE", f"/holds/{before}", None, {})
        made = caller.post("/holds", timed(2 * hour, 2 * hour + 1, pool_id=pool.id))
        assert made.status_code == 201, made.json
        return made.json["id"]
    if rule == DRAWN:
        who, pool = (
            (people.ada, people.confocal) if target == "a" else (people.cy, people.east_pool)
        )
        day = Period(at(0, 5 + hour), at(24, 5 + hour))
        return factories.create_draw_entry(object_session(who), pool, who, day).id
    if rule in (SESSION, SIGN_UP):
        pool, who = (
            (people.confocal, people.ada) if target == "a" else (people.unshared, people.rep)
        )
        return create_session(object_session(who), pool, who if rule == SIGN_UP else None)
    if "entry_id" in rule:
        caller, pool = (api.ada, people.confocal) if target == "a" else (api.cy, people.east_pool)
        if hour > 8:  # ten at a time
            for before in range(1, hour + 1):
                caller._send("DELETE", f"/waitlist/{before}", None, {})
        made = caller.post("/waitlist", waited(2 * hour, 2 * hour + 1, pool_id=pool.id))
        assert made.status_code == 201, made.json
        return made.json["id"]
    name = "unit_id" if "unit_id" in rule else "pool_id"
    return targets[name].get(target, "")


def _call(who, method, rule, thing):
    """Return the answer to a call that is right in all but who makes it."""
    path = rule.removeprefix("/api/v1").split("<")[0]
    if "<" in rule:
        path += str(thing) + rule.split(">")[1]
    if rule.endswith("/availability"):
        return who.get(path, pool=thing, **{k: v for k, v in wanted(20, 21).items() if len(v) > 9})
    if rule.endswith("/next"):
        return who.get(path, pool=thing, duration_minutes=60)
    if rule.endswith("/explain"):
        return who.get(path, pool=thing)
    if method == "GET":
        return who.get(path)
    if path == "/reservations":
        free = who.get("/availability/next", pool=thing, duration_minutes=60, limit=1).json or {}
        slot = {
            k: v for s in free.get("slots", [{}]) for k, v in s.items() if k in ("start", "end")
        }
        return who.post(path, {**wanted(20, 21, pool_id=thing), **slot})
    if path == "/holds":
        free = who.get("/availability/next", pool=thing, duration_minutes=60, limit=1).json or {}
        times = {
            k: v for s in free.get("slots", [{}]) for k, v in s.items() if k in ("start", "end")
        }
        return who.post(path, {**timed(20, 21, pool_id=thing), **times})
    if path == "/waitlist":
        return who.post(path, waited(20, 21, pool_id=thing))
    if path == "/reservation-groups":
        free = who.get("/availability/next", pool=thing, duration_minutes=60, limit=1).json or {}
        slot = {
            k: v for s in free.get("slots", [{}]) for k, v in s.items() if k in ("start", "end")
        }
        return who.post(path, {**series(20, 21, pool_id=thing), **slot})
    if path.endswith("/rule"):
        days = {"rule": "FREQ=DAILY;COUNT=2", "reason": "x", "dry_run": True}
        return who.post(path, {**timed(20, 21), **days})
    if method == "PATCH" and "group_id" in rule:
        return who._send(method, path, {"scope": "all", "note": "x"}, {"If_Match": "*"})
    body = next((body for end, body in BODIES.items() if end in (method, rule[-len(end) :])), None)
    return who._send(method, path, body, {"If_Match": '"1"'} if method == "PATCH" else {})
