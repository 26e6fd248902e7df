"""What is free, for whom, and the slots offered: what is offered can be booked."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import event

from booking.core.errors import Refusal
from booking.infra.db import db
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.requesting import look_before
from tests import factories
from tests.conftest import NOW
from tests.reservations.steps import at


def free(caller, start, end, **narrowed):
    answer = caller.get("/availability", start=at(start), end=at(end), **narrowed)
    assert answer.status_code == 200, answer.json
    assert answer.json["free_count"] == len(answer.json["free_unit_ids"])
    return answer.json["free_unit_ids"]


def slots(caller, **asked):
    answer = caller.get("/availability/next", **asked)
    assert answer.status_code == 200, answer.json
    return answer.json["slots"]


def test_no_slot_is_offered_that_nobody_could_agree_to_in_time(api, people):
    asked = {"duration_minutes": 60, "limit": 1}
    now, next_quarter = at(-15).isoformat(), at(-14.75).isoformat()

    def first(caller, pool):
        return slots(caller, pool=pool.id, **asked)[0]["start"]

    assert first(api.ada, people.sequencer) == next_quarter
    assert first(api.ada, people.automatic) == first(api.mei, people.sequencer) == now
    assert api.ada.book(-14.75, -13.75, pool_id=people.sequencer.id).json["status"] == "pending"


# --- /availability ----------------------------------------------------------------------


def test_held_units_are_not_free_and_touching_times_are(api, people):
    units = [unit.id for unit in people.confocal_units]
    api.cy.book(10, 11, unit_id=units[0])
    pool = people.confocal.id

    assert free(api.ada, 10, 11, pool=pool) == units[1:]
    assert free(api.ada, 9, 10.5, pool=pool) == units[1:]
    assert free(api.ada, 11, 12, pool=pool) == units
    assert free(api.ada, 10, 11, unit=units[0]) == []
    assert free(api.ada, 10, 11, unit=units[1]) == [units[1]]


def test_buffers_of_pool_and_unit_keep_their_distance(api, people, any_session):
    people.sequencer.warmup_minutes, people.sequencer.cleanup_minutes = 15, 30
    any_session.commit()
    api.cy.book(10, 11, pool_id=people.sequencer.id)
    pool = people.sequencer.id

    assert free(api.ada, 11.5, 12, pool=pool) == []
    assert len(free(api.ada, 11.75, 12, pool=pool)) == 1
    assert free(api.ada, 9, 9.5, pool=pool) == []
    assert len(free(api.ada, 8.5, 9.25, pool=pool)) == 1


def test_without_narrowing_all_units_one_may_see_are_looked_at(api, people, any_session):
    down, limited = people.confocal_units[:2]
    down.state, limited.state = "down", "limited"
    any_session.commit()
    shared = [people.confocal, people.sequencer, people.automatic, people.east_pool]
    seen = sorted(u.id for pool in shared for u in factories.units_of(any_session, pool))
    unshared = factories.units_of(any_session, people.unshared)[0].id

    assert free(api.ada, 10, 11) == [unit for unit in seen if unit != down.id]
    assert unshared in free(api.mei, 10, 11)
    assert unshared in free(api.rep, 10, 11)
    assert unshared not in free(api.dee, 10, 11)


def test_a_category_holds_what_is_below_it(api, people, any_session):
    part = factories.create_category(any_session, parent_code=people.category.code, level=2)
    other = factories.create_category(any_session)
    people.sequencer.category_code = part.code
    any_session.commit()
    [sequencer] = factories.units_of(any_session, people.sequencer)

    assert sequencer.id in free(api.ada, 10, 11, category=people.category.code)
    assert free(api.ada, 10, 11, category=part.code) == [sequencer.id]
    assert free(api.ada, 10, 11, category=other.code) == []


def test_outsiders_find_units_only_inside_the_shared_windows(api, people, any_session):
    pool = factories.create_pool(any_session, lab_id=people.west_lab.id, site_id=people.site.id)
    factories.create_contribution(any_session, pool, shared_hours="2 09:00-12:00")

    assert len(free(api.ada, 10, 12, pool=pool.id)) == 1
    assert free(api.ada, 11, 13, pool=pool.id) == []
    assert len(free(api.mei, 11, 13, pool=pool.id)) == 1  # her own lab's
    assert len(free(api.rep, 11, 13, pool=pool.id)) == 1  # his own institution's


def test_an_agreement_must_hold_the_whole_time(api, people, any_session):
    pool = factories.create_pool(any_session, lab_id=people.west_lab.id, site_id=people.site.id)
    factories.create_contribution(any_session, pool, until_at=at(12))

    assert len(free(api.ada, 10, 12, pool=pool.id)) == 1
    assert free(api.ada, 11, 13, pool=pool.id) == []


def test_a_quantity_only_adds_whether_it_is_enough(api, people):
    asked = {"start": at(10), "end": at(11), "pool": people.confocal.id}

    three = api.ada.get("/availability", quantity=3, **asked).json
    four = api.ada.get("/availability", quantity=4, **asked).json

    assert (three["enough"], four["enough"]) == (True, False)
    assert three["free_unit_ids"] == four["free_unit_ids"]
    assert "enough" not in api.ada.get("/availability", **asked).json


@pytest.mark.parametrize("path", ["/availability", "/availability/next"])
def test_what_one_may_not_see_answers_like_what_is_missing(api, people, path):
    asked = {"start": at(10), "end": at(11)} if path == "/availability" else {}
    asked = asked or {"duration_minutes": 60}

    foreign = api.ada.get(path, pool=people.unshared.id, **asked)
    missing = api.ada.get(path, pool=10**9, **asked)

    assert (foreign.status_code, foreign.data) == (404, missing.data)
    assert api.ada.get(path, category="nope", **asked).data == missing.data


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"start": at(10)}, "required"),
        ({"start": at(11), "end": at(10)}, "end_before_start"),
        ({"start": at(10), "end": at(10)}, "end_before_start"),
        ({"start": at(10), "end": at(11, day=367)}, "too_long_period"),
        ({"start": "2026-11-24T10:00:00", "end": at(11)}, "offset_needed"),
        ({"start": "tomorrow", "end": at(11)}, "not_an_instant"),
        ({"start": at(10), "end": at(11), "quantity": 0}, "number_range"),
        ({"start": at(10), "end": at(11), "pool": 1, "unit": 1}, "one_of_three"),
        ({"start": at(10), "end": at(11), "pol": 1}, "unknown_field"),
    ],
)
def test_an_unfit_question_is_refused(api, query, code):
    refused = api.ada.get("/availability", **query)

    assert (refused.status_code, refused.json["code"]) == (422, "invalid")
    assert [v["code"] for v in refused.json["violations"]] == [code]


# --- /availability/next -----------------------------------------------------------------


def test_the_next_slots_go_around_what_is_held(api, people):
    pool = people.sequencer.id
    api.cy.book(10, 11, pool_id=pool)
    [unit] = free(api.ada, 12, 13, pool=pool)

    found = slots(api.ada, pool=pool, duration_minutes=60, from_=at(9.5), limit=2)

    assert [(slot["start"], slot["end"], slot["unit_ids"]) for slot in found] == [
        (at(11).isoformat(), at(12).isoformat(), [unit]),
        (at(12).isoformat(), at(13).isoformat(), [unit]),
    ]


def test_until_is_when_the_last_slot_is_over(api, people):
    asked = {"pool": people.sequencer.id, "duration_minutes": 60, "from_": at(10)}

    found = slots(api.ada, until=at(12), **asked)

    assert [slot["end"] for slot in found] == [at(11).isoformat(), at(12).isoformat()]
    assert slots(api.ada, until=at(10.5), **asked) == []
    assert slots(api.ada, pool=people.sequencer.id, duration_minutes=60, until=at(1, -5),
                 from_=at(0, -5)) == []  # fmt: skip


def test_what_no_rule_allows_is_never_offered(api, people, any_session):
    people.sequencer.max_minutes = 120
    any_session.commit()
    pool = people.sequencer.id

    assert slots(api.ada, pool=pool, duration_minutes=180) == []
    assert slots(api.ada, pool=pool, duration_minutes=50) == []
    assert slots(api.ada, pool=pool, duration_minutes=60, quantity=2) == []
    assert len(slots(api.ada, pool=pool, duration_minutes=60)) == 10


def test_a_category_offers_the_soonest_of_all_its_pools(api, people):
    for pool in (people.sequencer, people.automatic, people.east_pool):
        for unit in free(api.ada, 0, 23, pool=pool.id):
            api.cy.book(0, 12, unit_id=unit)
    category = people.category.code

    found = slots(api.ada, category=category, duration_minutes=60, from_=at(11), limit=3)

    confocal = {unit.id for unit in people.confocal_units}
    assert found[0]["start"] == at(11).isoformat()
    assert set(found[0]["unit_ids"]) <= confocal
    assert [slot["start"] for slot in found] == [at(11).isoformat(), *[at(12).isoformat()] * 2]
    assert slots(api.ada, category=category, duration_minutes=60, quantity=9) == []


@pytest.mark.parametrize(
    "query",
    [
        {"duration_minutes": 60, "pool": 1, "category": "x"},
        {"duration_minutes": 60, "weekdays": "0"},
        {"duration_minutes": 60, "weekdays": "mon"},
        {"duration_minutes": 60, "day_from": 1440},
        {"duration_minutes": 60, "together": "1,2,3,4,5,6"},
        {"duration_minutes": 60, "together": "9223372036854775808"},
        {"duration_minutes": 60, "pool": 1, "together": "1"},
        {"duration_minutes": 60, "sort": "worst"},
        {"pool": 1},
        {"pool": 1, "duration_minutes": 0},
        {"pool": 1, "duration_minutes": 60, "limit": 51},
        {"pool": 1, "duration_minutes": 60, "from_": at(10), "until": at(9)},
        {"pool": 1, "duration_minutes": 60, "from_": "9999-12-31T23:59:59Z"},
        {"pool": 1, "duration_minutes": 10**9},
    ],
)
def test_an_unfit_search_is_refused(api, query):
    assert api.ada.get("/availability/next", **query).status_code == 422


RULES = {
    "granularity_minutes": (None, 15, 30, 60),
    "min_minutes": (None, 30, 60),
    "max_minutes": (None, 120, 240),
    "horizon_days": (1, 3, 10),
    "warmup_minutes": (None, 15, 20),
    "cleanup_minutes": (None, 30, 10),
    "opening_hours": (None, "1 08:00-18:00;2 08:00-18:00;3 10:00-16:00", "2 22:00-30:00"),
    "approval": ("manual", "auto"),
}


@pytest.mark.parametrize("seed", range(8))
def test_every_slot_offered_can_be_booked_and_none_earlier(api, people, any_session, seed):
    chance = random.Random(seed)
    rules = {name: chance.choice(values) for name, values in RULES.items()}
    pool = factories.create_pool(
        any_session, units=chance.randint(1, 3), site_id=people.site.id,
        lab_id=people.west_lab.id, **rules,
    )  # fmt: skip
    shared = chance.choice([None, "1 00:00-24:00;2 06:00-12:00;3 06:00-20:00"])
    factories.create_contribution(any_session, pool, shared_hours=shared)
    for _ in range(12):
        start = chance.randrange(-14, 70)
        api.cy.book(start, start + chance.choice([0.5, 1, 2, 3]), pool_id=pool.id)
    minutes, quantity = chance.choice([30, 60, 90, 120]), chance.randint(1, 2)

    found = slots(api.ada, pool=pool.id, duration_minutes=minutes, quantity=quantity, limit=12)

    for slot in found:
        body = {"pool_id": pool.id, "start": slot["start"], "end": slot["end"]}
        made = api.ada.post("/reservations", {**body, "purpose": "other", "quantity": quantity})
        assert made.status_code == 201, (rules, slot, made.json)
        assert len(slot["unit_ids"]) == quantity
        # By the lab: one that starts now has started.
        api.mei.post(f"/reservations/{made.json['id']}/cancel", {"reason": "test"})
    before = found[0]["start"] if found else (NOW + timedelta(days=2)).isoformat()
    _nothing_is_free_before(people.ada, pool, minutes, quantity, before)


def _nothing_is_free_before(user, pool, minutes, quantity, before):
    who, length = factories.actor(user), timedelta(minutes=minutes)
    start = NOW
    while start.isoformat() < before:
        wanted = BookingRequest(start, start + length, pool_id=pool.id, quantity=quantity)
        with pytest.raises(Refusal):
            look_before(db.session(), who, wanted, NOW)
        start += timedelta(minutes=5)


# --- cost -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/availability?start=2026-11-24T02:00:00Z&end=2026-11-24T03:00:00Z", 5),
        ("/availability/next?category=990000&duration_minutes=60&limit=2", 7),
        ("/reservations", 6),
    ],
)
def test_the_number_of_statements_does_not_grow_with_the_park(api, people, any_session, path, most):
    path = path.replace("990000", people.category.code)
    assert api.ada.book(12, 13, pool_id=people.automatic.id).status_code == 201
    few = _statements(api.mei, path)
    common = {"lab_id": people.west_lab.id, "site_id": people.site.id}
    for n in range(5):
        pool = factories.create_pool(
            any_session, units=4, category_code=people.category.code, **common
        )
        factories.create_contribution(any_session, pool, shared_hours=f"2 0{n}:00-20:00")
        api.ada.book(10, 11, pool_id=pool.id, quantity=3)

    assert few == _statements(api.mei, path) <= most


def _statements(caller, path):
    # the token's last use is written, the book of rules read: once
    caller.client.get(f"/api/v1{path}", headers=caller.headers)
    counted = []

    def count(_connection, _cursor, statement, *_rest):
        if statement != "BEGIN":
            counted.append(statement)

    with caller.client.application.app_context():
        engine = db.engine
    event.listen(engine, "after_cursor_execute", count)
    answer = caller.client.get(f"/api/v1{path}", headers=caller.headers)
    event.remove(engine, "after_cursor_execute", count)
    assert answer.status_code == 200, answer.json
    return len(counted)
