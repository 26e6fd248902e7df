"""The contract of /reservations: what it shows, statuses, versions, retries, lists."""

from datetime import timedelta

import pytest

from tests import factories
from tests.api.caller import Caller, wanted
from tests.conftest import NOW
from tests.reservations.ruled import set_rule
from tests.reservations.steps import at

SHOWN = [
    "id", "reference", "pool_id", "unit_ids", "units_final", "quantity", "start", "end", "status",
    "version", "company_id", "institution_id", "user_id", "purpose", "created_at",
]  # fmt: skip


@pytest.fixture
def pool(people):
    return people.confocal.id


def test_a_new_reservation_is_shown_whole_with_its_version(api, people, pool):
    made = api.ada.book(10, 11, pool_id=pool, quantity=2, note="样品 3 号")

    assert made.status_code == 201
    assert list(made.json) == SHOWN
    assert made.json | {"id": 0, "reference": ""} == {
        "id": 0,
        "reference": "",
        "pool_id": pool,
        "unit_ids": [unit.id for unit in people.confocal_units[:2]],
        "units_final": False,
        "quantity": 2,
        "start": at(10).isoformat(),
        "end": at(11).isoformat(),
        "status": "pending",
        "version": 1,
        "company_id": people.company_a.id,
        "institution_id": None,
        "user_id": people.ada.id,
        "purpose": "research",
        "created_at": NOW.isoformat(),
    }
    assert made.headers["ETag"] == '"1"'
    assert made.headers["Location"] == f"/api/v1/reservations/{made.json['id']}"
    assert api.ada.get(f"/reservations/{made.json['id']}").json == made.json


def test_units_are_final_when_named_or_near(api, people, pool, clock):
    any_unit = api.ada.book(10, 11, pool_id=pool)
    named = api.ada.book(12, 13, unit_id=people.confocal_units[0].id)

    assert (any_unit.json["units_final"], named.json["units_final"]) == (False, True)
    clock.move_to(at(10) - timedelta(hours=24))
    assert api.ada.get(f"/reservations/{any_unit.json['id']}").json["units_final"] is True


def test_preferred_units_are_taken_where_free(api, people, pool):
    one, _two, three = (unit.id for unit in people.confocal_units)
    first = api.ada.book(10, 11, pool_id=pool, preferred_unit_ids=[three, one])
    second = api.ada.book(10, 11, pool_id=pool, preferred_unit_ids=[three, one])

    assert (first.json["unit_ids"], second.json["unit_ids"]) == ([three], [one])


@pytest.mark.parametrize(
    ("units", "code"),
    [("1", "not_a_list"), (["1"], "not_whole"), ([10**6], "not_of_pool"), ([1] * 21, "too_many")],
)
def test_unfit_preferences_are_refused(api, pool, units, code):
    answer = api.ada.book(10, 11, pool_id=pool, preferred_unit_ids=units)

    said = [answer.json["code"], *(v["code"] for v in answer.json.get("violations", ()))]
    assert answer.status_code == 422
    assert any(code in one for one in said), answer.json


def test_a_manager_books_inside_a_buffer_with_a_reason(api, people, any_session):
    people.automatic.cleanup_minutes = 30
    any_session.commit()
    unit = factories.units_of(any_session, people.automatic)[0].id
    api.ada.book(10, 11, unit_id=unit)
    whose = {"unit_id": unit, "on_behalf_of": people.cy.id, "company_id": people.company_b.id}

    assert api.mei.book(11.25, 12.25, **whose).status_code == 409
    inside = api.mei.book(11.25, 12.25, **whose, override_reason="加急样品")
    assert (inside.status_code, inside.json["unit_ids"]) == (201, [unit])


def test_times_are_read_in_any_offset(api, pool):
    made = api.ada.post(
        "/reservations",
        {
            "pool_id": pool,
            "start": "2026-11-24T10:00:00+08:00",
            "end": "2026-11-24T03:00:00.000Z",
            "purpose": "teaching",
        },
    )

    assert (made.json["start"], made.json["end"]) == (at(10).isoformat(), at(11).isoformat())


def test_a_conflict_names_what_is_in_the_way_and_what_is_free_but_no_person(api, people):
    unit = people.confocal_units[0].id
    api.ada.book(10, 11, unit_id=unit, note="secret plan")

    refused = api.cy.book(10.5, 11.5, unit_id=unit)

    assert refused.content_type == "application/problem+json"
    assert refused.json["conflicts"] == [
        {"unit_id": unit, "start": at(10).isoformat(), "end": at(11).isoformat()}
    ]
    offers = refused.json["alternatives"]
    assert [offer["reason"] for offer in offers] == [
        "sibling_now",
        "same_unit_later",
        "next_in_pool",
    ]
    for word in ("Ada", "Alpha", "甲生物", "secret"):
        assert word not in refused.text


def test_each_alternative_can_be_booked_at_once(api, people):
    unit = people.confocal_units[0].id
    api.ada.book(10, 11, unit_id=unit)
    for offer in api.cy.book(10, 11, unit_id=unit).json["alternatives"]:
        body = {"unit_id": offer["unit_id"], "start": offer["start"], "end": offer["end"]}
        made = api.cy.post("/reservations", {**body, "purpose": "research"})
        assert made.status_code == 201
        api.cy.post(f"/reservations/{made.json['id']}/cancel")


def test_violations_name_the_limit_and_the_nearest_time(api, people, any_session):
    people.confocal.max_minutes = 60
    any_session.commit()

    refused = api.ada.book(10, 12, pool_id=people.confocal.id)

    assert refused.json["violations"] == [
        {
            "code": "too_long",
            "message": "At most 1 h; this is 2 h.",
            "field": "end",
            "limit": 60,
            "actual": 120,
            "source": "pool",
            "overridable_by": ["lab_manager", "operator"],
            "nearest": {"start": at(10).isoformat(), "end": at(11).isoformat()},
        }
    ]
    people.confocal.opening_hours = "2 08:00-18:00"
    any_session.commit()
    late = api.ada.book(17.5, 18.5, pool_id=people.confocal.id).json["violations"]
    near = {"start": at(17.5).isoformat(), "end": at(18).isoformat()}
    assert [(v["code"], v["nearest"]) for v in late] == [("closed_hours", near)]


@pytest.mark.parametrize(
    ("asked", "word"), [("zh-CN,zh;q=0.9", "整数"), ("en", "whole number"), ("fr", "整数")]
)
def test_refusals_speak_the_callers_language(api, pool, asked, word):
    api.ada.headers["Accept-Language"] = asked

    refused = api.ada.book(10, 11, pool_id=pool, quantity="two")

    assert word in refused.json["violations"][0]["message"]


# --- retries ----------------------------------------------------------------------------


def test_the_same_key_and_body_again_give_the_same_reservation(api, pool):
    first = api.ada.book(10, 11, pool_id=pool, key="k-1")
    again = api.ada.book(10, 11, pool_id=pool, key="k-1")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert "Location" not in again.headers


def test_a_body_spelled_otherwise_is_the_same_body(api, pool):
    body = wanted(10, 11, pool_id=pool)
    first = api.ada.post("/reservations", body, Idempotency_Key="k")
    turned = dict(reversed(body.items())) | {"start": "2026-11-24T10:00:00+08:00"}

    again = api.ada.post("/reservations", turned, Idempotency_Key="k")

    assert (again.status_code, again.json) == (200, first.json)


def test_the_same_key_with_another_body_is_refused(api, pool):
    api.ada.book(10, 11, pool_id=pool, key="k")

    refused = api.ada.book(12, 13, pool_id=pool, key="k")

    assert (refused.status_code, refused.json["code"]) == (409, "idempotency_mismatch")


def test_a_key_belongs_to_its_person(api, pool):
    api.ada.book(10, 11, pool_id=pool, key="k")

    assert api.cy.book(10, 11, pool_id=pool, key="k").status_code == 201


def test_a_refusal_is_not_kept(api, people):
    unit = people.confocal_units[0].id
    taken = api.cy.book(10, 11, unit_id=unit)
    assert api.ada.book(10, 11, unit_id=unit, key="k").status_code == 409
    api.cy.post(f"/reservations/{taken.json['id']}/cancel")

    assert api.ada.book(10, 11, unit_id=unit, key="k").status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "schlüssel"])
def test_an_unfit_key_is_refused(api, pool, key):
    refused = api.ada.book(10, 11, pool_id=pool, key=key)

    assert refused.status_code == 422
    assert refused.json["violations"][0]["field"] == "Idempotency-Key"


# --- versions ---------------------------------------------------------------------------


def test_a_change_needs_the_version_that_was_read(api, pool):
    made = api.ada.book(10, 11, pool_id=pool)
    path = f"/reservations/{made.json['id']}"

    none = api.ada.patch(path, {"note": "x"}, None)
    changed = api.ada.patch(path, {"note": "x"}, 1)
    stale = api.ada.patch(path, {"note": "y"}, 1)

    assert (none.status_code, none.json["code"]) == (428, "precondition_required")
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert (stale.status_code, stale.json["code"]) == (412, "stale")


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ('"1"', 200),
        ("*", 200),  # whatever its version
        ('"2"', 412),
        ('W/"1"', 412),  # weak tags never match
        ('"abc"', 412),
        (f'"{"9" * 40}"', 412),
        ("1", 400),
        ('"1', 400),
        ('"1", "2"', 400),
        ("\u00e9", 400),
    ],
)
def test_if_match_is_read_as_an_entity_tag(api, pool, header, status):
    path = f"/reservations/{api.ada.book(10, 11, pool_id=pool).json['id']}"

    answer = api.ada._send("PATCH", path, {"note": "x"}, {"If_Match": header})

    assert answer.status_code == status


def test_a_change_that_needs_a_decision_leaves_the_old_times(api, pool):
    made = api.ada.book(10, 11, pool_id=pool)
    approved = api.mei.post(f"/reservations/{made.json['id']}/approve")

    asked = api.ada.move(approved, 13, 14)

    assert (asked.status_code, asked.json["start"]) == (200, at(10).isoformat())
    assert (asked.json["status"], asked.json["version"]) == ("approved", 3)
    applied = api.mei.post(f"/reservations/{made.json['id']}/approve")
    assert (applied.json["start"], applied.json["end"]) == (at(13).isoformat(), at(14).isoformat())


def test_a_change_by_someone_who_may_only_see_is_forbidden(api, pool):
    made = api.ada.book(10, 11, pool_id=pool)

    refused = api.bo.move(made, 12, 13)

    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")


# --- deciding and cancelling ------------------------------------------------------------


def test_a_rejection_needs_a_reason(api, pool):
    path = f"/reservations/{api.ada.book(10, 11, pool_id=pool).json['id']}/reject"

    refused = api.mei.post(path)

    assert refused.status_code == 422
    assert refused.json["violations"][0]["code"] == "reason_needed"
    assert api.mei.post(path, {"reason": "停电"}).json["status"] == "rejected"


def test_cancelling_twice_is_a_state_of_its_own(api, pool):
    path = f"/reservations/{api.ada.book(10, 11, pool_id=pool).json['id']}/cancel"

    assert api.ada.post(path).json["status"] == "cancelled"
    again = api.ada.post(path)
    assert (again.status_code, again.json["reason"]) == (409, "already_cancelled")


def test_a_manager_books_for_another_person(api, people, pool):
    made = api.mei.book(10, 11, pool_id=pool, on_behalf_of=people.ada.id)

    assert (made.status_code, made.json["user_id"]) == (201, people.ada.id)
    refused = api.bo.book(12, 13, pool_id=pool, on_behalf_of=people.ada.id)
    assert refused.json["violations"][0]["code"] == "not_for_others"


def test_an_override_without_the_right_changes_nothing_in_the_answer(api, people, any_session):
    people.confocal.max_minutes = 60
    any_session.commit()
    pool = people.confocal.id

    plain = api.ada.book(10, 12, pool_id=pool)
    tried = api.ada.book(10, 12, pool_id=pool, override_reason="please")

    assert (tried.status_code, tried.json) == (422, plain.json)
    assert api.mei.book(10, 12, pool_id=pool, override_reason="夜间实验").status_code == 201


def test_with_several_memberships_one_must_be_named(api, people, pool, any_session):
    factories.create_membership(any_session, people.ada, people.company_b)

    refused = api.ada.book(10, 11, pool_id=pool)

    assert refused.status_code == 422
    assert refused.json["violations"][0]["code"] == "party_needed"
    named = api.ada.book(10, 11, pool_id=pool, company_id=people.company_b.id)
    assert named.json["company_id"] == people.company_b.id
    foreign = api.cy.book(12, 13, pool_id=pool, company_id=people.company_a.id)
    assert foreign.json["violations"][0]["code"] == "not_your_party"


# --- tokens -----------------------------------------------------------------------------


def test_each_scope_opens_its_own_operations(people, any_client, api):
    pool = people.confocal.id
    path = f"/reservations/{api.ada.book(10, 11, pool_id=pool).json['id']}"
    read, book = (Caller(any_client, people.mei, (scope,)) for scope in ("read", "book"))

    assert read.get(path).status_code == 200
    refused = read.book(12, 13, pool_id=pool)
    assert (refused.status_code, refused.json["reason"]) == (403, "scope_needed")
    assert book.get(path).status_code == 403
    assert book.post(f"{path}/approve").status_code == 403
    assert book.book(12, 13, pool_id=pool).status_code == 201


def test_one_joined_with_ones_own_says_so(api, people, any_session):
    set_rule(any_session, "merge_minutes", 15, pool=people.automatic)
    first = api.ada.book(10, 11, pool_id=people.automatic.id)
    joined = api.ada.book(11, 12, pool_id=people.automatic.id)

    assert (joined.status_code, list(joined.json)) == (200, [*SHOWN, "joined"])
    assert (joined.json["id"], joined.json["joined"]) == (first.json["id"], True)
    assert joined.json["end"] == at(12).isoformat()
    assert "joined" not in api.ada.get(f"/reservations/{first.json['id']}").json

    third = api.ada.book(14, 15, pool_id=people.automatic.id)
    longer = api.ada.post(f"/reservations/{first.json['id']}/extend", {"end": at(14).isoformat()})
    assert (longer.json["joined"], longer.json["end"]) == (True, at(15).isoformat())
    assert api.ada.get(f"/reservations/{third.json['id']}").json["status"] == "cancelled"
