"""Scenarios 1–8, 12, 13, 15 and 17 of the acceptance list, through the API, on both engines."""

import pytest
from sqlalchemy import func, select

from booking.policies.rules.decide import violations
from booking.reservations.models import Reservation
from booking.reservations.queries import asking
from tests.api.caller import wanted
from tests.reservations.steps import at


def rows(session):
    return session.execute(select(func.count()).select_from(Reservation)).scalar_one()


@pytest.fixture
def unit(people):
    return people.confocal_units[0].id


def test_a_taken_slot_is_refused_and_nothing_is_written(api, unit, any_session):
    assert api.ada.book(10, 11, unit_id=unit).status_code == 201

    refused = api.cy.book(10, 11, unit_id=unit)

    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    assert rows(any_session) == 1


def test_touching_reservations_do_not_conflict(api, unit):
    api.ada.book(10, 11, unit_id=unit)

    assert api.cy.book(11, 12, unit_id=unit).status_code == 201
    assert api.cy.book(9, 10, unit_id=unit).status_code == 201


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (9.5, 10.25),  # over the start
        (10.75, 12),  # over the end
        (10.25, 10.75),  # inside
        (9, 12),  # around
    ],
)
def test_any_overlap_is_refused(api, unit, start, end):
    api.ada.book(10, 11, unit_id=unit)

    assert api.cy.book(start, end, unit_id=unit).status_code == 409


def test_the_same_time_on_another_unit_is_free(api, people, unit):
    api.ada.book(10, 11, unit_id=unit)

    assert api.cy.book(10, 11, unit_id=people.confocal_units[1].id).status_code == 201


def test_cancelled_and_rejected_reservations_hold_nothing(api, unit):
    cancelled = api.ada.book(10, 11, unit_id=unit)
    rejected = api.ada.book(12, 13, unit_id=unit)
    api.ada.post(f"/reservations/{cancelled.json['id']}/cancel")
    api.mei.post(f"/reservations/{rejected.json['id']}/reject", {"reason": "维护"})

    assert api.cy.book(10, 11, unit_id=unit).status_code == 201
    assert api.cy.book(12, 13, unit_id=unit).status_code == 201


def test_a_move_may_overlap_the_reservations_old_self(api, unit):
    booked = api.ada.book(10, 11, unit_id=unit)

    moved = api.ada.move(booked, 10.5, 11.5)

    assert (moved.status_code, moved.json["start"]) == (200, at(10.5).isoformat())
    assert moved.json["unit_ids"] == [unit]


def test_a_move_onto_another_is_refused_and_the_old_times_stay(api, unit):
    mine = api.ada.book(10, 11, unit_id=unit)
    api.cy.book(12, 13, unit_id=unit)

    assert api.ada.move(mine, 11.5, 12.5).status_code == 409
    assert api.ada.get(f"/reservations/{mine.json['id']}").json == mine.json
    assert api.cy.book(10, 11, unit_id=unit).status_code == 409  # and still holds them


@pytest.mark.parametrize("first", ["approve", "reject"])
@pytest.mark.parametrize("second", ["approve", "reject"])
def test_one_decision_stands_and_the_other_is_told(api, unit, first, second):
    path = f"/reservations/{api.ada.book(10, 11, unit_id=unit).json['id']}"

    decided = api.mei.post(f"{path}/{first}", {"reason": "one"})
    late = api.ops.post(f"{path}/{second}", {"reason": "two"})

    assert decided.status_code == 200
    assert (late.status_code, late.json["code"]) == (409, "state")
    assert late.json["reason"] == "already_decided"
    assert api.ada.get(path).json == decided.json


def test_the_api_asks_every_rule_of_the_pages(api, people, any_session, monkeypatch):
    people.confocal.opening_hours = "2 09:00-12:00"
    people.confocal.max_minutes = 60
    any_session.commit()
    asked = []

    def counted(rules, proposal):
        asked.append(proposal.period)
        return violations(rules, proposal)

    monkeypatch.setattr(asking, "violations", counted)

    refused = api.ada.book(11, 13, pool_id=people.confocal.id)

    assert [v["code"] for v in refused.json["violations"]] == ["too_long", "closed_hours"]
    assert asked


def test_a_pool_gives_as_many_units_as_it_has(api, people):
    pool = people.confocal.id
    assert api.ada.book(10, 11, pool_id=pool, quantity=2).status_code == 201

    assert api.cy.book(10.5, 11.5, pool_id=pool, quantity=2).status_code == 409
    assert api.cy.book(10.5, 11.5, pool_id=pool, quantity=1).status_code == 201
    assert api.cy.book(11.5, 12.5, pool_id=pool, quantity=3).status_code == 201


def test_three_wrong_quantities_give_three_answers(api, people, any_session):
    people.confocal.max_units = 2
    any_session.commit()
    answers = [
        api.ada.post("/reservations", wanted(10, 11, pool_id=people.confocal.id, quantity=n))
        for n in (0, 3, 4)
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert [answer.json["code"] for answer in answers] == [
        "invalid", "rule_violation", "rule_violation",
    ]  # fmt: skip
    codes = [[v["code"] for v in answer.json["violations"]] for answer in answers]
    assert codes == [
        ["quantity_invalid"],
        ["too_many_units"],
        ["too_many_units", "not_enough_units"],
    ]
