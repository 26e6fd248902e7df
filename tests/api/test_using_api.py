"""Check-in and -out, extend, transfer, undo of a cancellation: the contract of the API."""

from datetime import timedelta

import pytest

from tests.reservations.ruled import set_rule
from tests.reservations.steps import at
from tests.reservations.test_using import set_rules


@pytest.fixture
def mine(api, people, any_session):
    """Return Ada's approved reservation of 10–12 in a pool where people check in."""
    set_rules(any_session, people.automatic, check_in=True)
    return api.ada.book(10, 12, pool_id=people.automatic.id, quantity=2).json["id"]


def act(who, id_, what, body=None):
    return who.post(f"/reservations/{id_}/{what}", body)


def test_checked_in_and_out_early(api, clock, mine):
    clock.move_to(at(9))
    early = act(api.ada, mine, "check-in")
    assert (early.status_code, early.json["reason"]) == (409, "too_early")
    clock.move_to(at(10))
    assert act(api.ada, mine, "check-in").json["status"] == "in_use"
    clock.move_to(at(11) - timedelta(seconds=10))
    done = act(api.ada, mine, "check-out").json
    assert (done["status"], done["end"]) == ("completed", at(11).isoformat())


def test_started_early_unless_somebody_has_the_unit(api, clock, people, any_session, mine):
    set_rule(any_session, "early_start_minutes", 30, pool=people.automatic)
    other = api.cy.book(9, 9.75, pool_id=people.automatic.id)
    clock.move_to(at(9.5))
    taken = act(api.ada, mine, "start-early")
    assert (taken.status_code, taken.json["code"]) == (409, "conflict")
    assert [c["end"] for c in taken.json["conflicts"]] == [at(9.75).isoformat()]
    assert other.status_code == 201
    clock.move_to(at(9.75))
    begun = act(api.ada, mine, "start-early").json
    assert (begun["status"], begun["start"]) == ("in_use", at(9.75).isoformat())


def test_longer_by_minutes_or_to_an_end(api, mine):
    assert act(api.ada, mine, "extend", {"minutes": 30}).json["end"] == at(12.5).isoformat()
    to = {"end": at(13).isoformat()}
    assert act(api.ada, mine, "extend", to).json["end"] == at(13).isoformat()
    for body in ({}, {"minutes": 30, **to}, to):
        refused = act(api.ada, mine, "extend", body)
        assert (refused.status_code, refused.json["code"]) == (422, "invalid")


def test_not_longer_than_the_next_one(api, people, mine):
    api.cy.book(13, 14, pool_id=people.automatic.id)
    refused = act(api.ada, mine, "extend", {"minutes": 75})
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")


def test_handed_to_a_colleague(api, people, mine):
    assert act(api.ada, mine, "transfer", {"user_id": people.cy.id}).status_code == 422
    handed = act(api.ada, mine, "transfer", {"user_id": people.bo.id})
    assert (handed.status_code, handed.data) == (204, b"")  # done, and hers to see no more
    assert api.ada.get(f"/reservations/{mine}").status_code == 404
    back = act(api.bo, mine, "transfer", {"user_id": people.ada.id})
    assert (back.status_code, back.json["user_id"]) == (200, people.ada.id)  # the admin sees it


def test_a_cancellation_taken_back(api, people, mine):
    assert act(api.ada, mine, "cancel").json["status"] == "cancelled"
    assert act(api.ada, mine, "undo-cancel").json["status"] == "approved"
    act(api.ada, mine, "cancel")
    api.cy.book(11, 12, pool_id=people.automatic.id)
    assert act(api.ada, mine, "undo-cancel").json["code"] == "conflict"
