"""Keeping a slot while a form is open, on both engines."""

from datetime import timedelta

from booking.reservations import jobs
from tests.api.caller import timed


def keep(who, people, start=8, end=10, **more):
    return who.post("/holds", timed(start, end, pool_id=people.sequencer.id, **more))


def test_a_slot_is_kept_and_booked(api, people, clock):
    kept = keep(api.ada, people)
    assert kept.status_code == 201
    assert kept.json["expires_at"] == (clock.now + timedelta(minutes=5)).isoformat()
    assert api.cy.book(9, 10, pool_id=people.sequencer.id).status_code == 409
    assert keep(api.cy, people).status_code == 409
    # Another's hold opens nothing.
    taken = api.cy.book(8, 10, pool_id=people.sequencer.id, hold_id=kept.json["id"])
    assert taken.status_code == 409
    made = api.ada.book(8, 10, pool_id=people.sequencer.id, hold_id=kept.json["id"])
    assert (made.status_code, made.json["unit_ids"]) == (201, kept.json["unit_ids"])
    gone = api.ada._send("DELETE", f"/holds/{kept.json['id']}", None, {})
    assert gone.status_code == 404


def test_it_ends_or_is_given_back(api, people, clock):
    kept = keep(api.ada, people).json
    assert api.cy._send("DELETE", f"/holds/{kept['id']}", None, {}).status_code == 404
    assert api.ada._send("DELETE", f"/holds/{kept['id']}", None, {}).json == {"id": kept["id"]}
    assert keep(api.cy, people).status_code == 201
    clock.shift(minutes=5)
    jobs.offer()
    assert api.ada.book(8, 10, pool_id=people.sequencer.id).status_code == 201


def test_a_refused_booking_leaves_the_slot_kept(api, people):
    kept = keep(api.ada, people).json
    body = {"pool_id": people.sequencer.id, "hold_id": kept["id"]}
    assert api.ada.book(8, 8.1, **body).status_code == 422
    assert api.cy.book(8, 10, pool_id=people.sequencer.id).status_code == 409


def test_rules_are_asked_and_three_at_a_time(api, people):
    broken = keep(api.ada, people, 8, 8.1)
    assert (broken.status_code, broken.json["code"]) == (422, "rule_violation")
    for hour in (8, 9, 10):
        assert keep(api.ada, people, hour, hour + 1).status_code == 201
    refused = keep(api.ada, people, 11, 12)
    assert (refused.status_code, refused.json["reason"]) == (409, "too_many_holds")
