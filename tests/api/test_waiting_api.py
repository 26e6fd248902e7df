"""Waiting for time through the API: scenarios 46–48, on both engines."""

from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.reservations.rules.dealing import Dealing
from booking.reservations.services.breakdown import take_out_of_service
from tests.api.caller import waited
from tests.conftest import NOW
from tests.factories import actor, units_of
from tests.reservations.ruled import set_rule
from tests.reservations.steps import at


def taken(api, people, start=8, end=10):
    """Return a reservation of the only sequencer by the lab, which decides for itself."""
    return api.mei.book(start, end, pool_id=people.sequencer.id).json["id"]


def wait(who, people, start=8, end=10, **more):
    made = who.post("/waitlist", waited(start, end, pool_id=people.sequencer.id, **more))
    assert made.status_code == 201, made.json
    return made.json


def test_an_entry_holds_nothing_until_a_cancellation(api, people):
    mine = taken(api, people)
    entry = wait(api.ada, people, minutes=120)
    assert (entry["state"], entry["place"], entry["offer"]) == ("waiting", 1, None)
    path = f"/waitlist/{entry['id']}"
    refused = api.ada.post(f"{path}/accept")
    assert (refused.status_code, refused.json["reason"]) == (409, "no_offer")

    api.mei.post(f"/reservations/{mine}/cancel", {"reason": "frei"})

    offer = api.ada.get(path).json["offer"]
    assert (offer["start"], offer["end"]) == (at(8).isoformat(), at(10).isoformat())
    assert api.cy.book(8, 9, pool_id=people.sequencer.id).status_code == 409
    made = api.ada.post(f"{path}/accept").json
    assert (made["status"], made["user_id"]) == ("pending", people.ada.id)  # approval as usual
    assert made["unit_ids"] == offer["unit_ids"]
    assert [e["what"] for e in api.ada.get(path).json["events"]] == ["joined", "offered", "taken"]


def test_the_turn_goes_to_the_next_and_says_why(api, people):
    mine = taken(api, people, 8, 18)
    long, short = wait(api.ada, people, 8, 18, minutes=600), wait(api.cy, people, 8, 10)
    assert [long["place"], short["place"]] == [1, 2]
    moved = {"start": at(9).isoformat(), "end": at(18).isoformat()}
    api.mei.patch(f"/reservations/{mine}", moved, 1)
    seen = api.mei.get("/waitlist", pool=people.sequencer.id).json["items"]
    assert [(e["state"], e["events"][-1]["why"]) for e in seen] == [
        ("waiting", ["no_slot"]), ("offered", []),
    ]  # fmt: skip
    next_ = wait(api.bo, people, 8, 9)
    assert api.cy.post(f"/waitlist/{short['id']}/decline").json["state"] == "declined"
    assert api.bo.get(f"/waitlist/{next_['id']}").json["state"] == "offered"
    assert api.bo._send("DELETE", f"/waitlist/{next_['id']}", None, {}).json["state"] == "left"
    assert api.cy.get("/waitlist", mine=1).json["items"][0]["id"] == short["id"]


def test_freed_time_is_told_but_not_to_who_freed_it(api, people, any_session):
    mine = taken(api, people)
    for who in (api.mei, api.cy):
        entry = wait(who, people, kind="notice")
        assert (entry["kind"], entry["place"]) == ("notice", None)
    api.mei.post(f"/reservations/{mine}/cancel", {"reason": "frei"})
    any_session.rollback()
    told = any_session.query(Outbox.recipient_id).filter(Outbox.kind == "time_freed")
    assert [row.recipient_id for row in told] == [people.cy.id]


def test_moving_up(api, people):
    early = taken(api, people)
    mine = api.mei.book(10, 12, pool_id=people.sequencer.id).json["id"]
    wish = {"kind": "move_up", "reservation_id": mine, "start": at(8).isoformat()}
    entry = api.mei.post("/waitlist", wish).json
    assert (entry["minutes"], entry["state"]) == (120, "waiting")
    api.mei.post(f"/reservations/{early}/cancel", {"reason": "frei"})
    made = api.mei.post(f"/waitlist/{entry['id']}/accept").json
    assert (made["id"], made["start"]) == (mine, at(8).isoformat())


def test_what_is_missing_is_named(api, people):
    body = {"pool_id": people.sequencer.id, "minutes": 60}
    refused = api.ada.post("/waitlist", body)
    assert (refused.status_code, refused.json["code"]) == (422, "invalid")
    refused = api.ada.post("/waitlist", waited(8, 10, pool_id=people.sequencer.id, minutes=180))
    assert (refused.status_code, refused.json["code"]) == (422, "invalid")
    assert refused.json["detail"].startswith("The slot does not fit")


def test_whose_time_a_fault_took_says_so(api, people, any_session):
    set_rule(any_session, "priority_after_fault", value=True)
    unit = units_of(any_session, people.sequencer)[0].id
    mine = api.mei.book(8, 10, unit_id=unit, on_behalf_of=people.ada.id).json["id"]
    decided = Dealing(rest="cancel", reason="故障")
    write(lambda s: take_out_of_service(s, actor(people.mei), unit, "", decided, NOW))

    [entry] = api.ada.get("/waitlist").json["items"]
    assert (entry["priority"], entry["replaces_id"], entry["place"]) == (True, mine, 1)
    assert wait_of(api.cy, people)["priority"] is False


def wait_of(who, people):
    """Return an entry that nobody's fault caused."""
    return who.post("/waitlist", waited(8, 10, pool_id=people.confocal.id)).json
