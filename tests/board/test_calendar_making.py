"""Booking on the calendar: asked first, made at once, undone; a refusal tells what is free."""

import pytest
from sqlalchemy import select

from booking.infra.db import db
from booking.inventory.models import Unit
from booking.reservations.models import Reservation
from tests.cast import cast
from tests.factories import actor
from tests.pages import browser
from tests.reservations.steps import ask, at

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def people(session, clock):
    """Return the cast."""
    return cast(session)


def times(start, end, **more):
    """Return those hours of Tuesday as the script sends them."""
    return {"start": int(at(start).timestamp()), "end": int(at(end).timestamp()), **more}


def asked(app, who, pool, start, end, **more):
    """Return what is said of those hours of Tuesday."""
    path = f"/pools/{pool.id}/calendar/ask"
    return browser(app, who).get(path, query_string=times(start, end, **more)).get_json()


def test_what_is_free_and_allowed_can_be_booked_at_once_and_undone(app, people):
    client, pool = browser(app, people.ada), people.automatic
    told = asked(app, people.ada, pool, 10, 12)
    assert (told["ok"], told["direct"], told["verb"]) == (True, True, "Book")
    assert told["where"] == "2 units are free"
    assert "start=2026-11-24T10:00" in told["page"].replace("%3A", ":")

    made = client.post(f"/pools/{pool.id}/calendar/book", data=times(10, 12, purpose="teaching"))
    undo = made.get_json()["undo"]
    row = db.session.get_one(Reservation, undo["id"])
    assert (made.status_code, row.status, row.purpose) == (200, "approved", "teaching")

    undone = client.post(f"/pools/{pool.id}/calendar/undo", data=undo)
    db.session.expire_all()
    assert (undone.status_code, db.session.get_one(Reservation, undo["id"]).status) == (
        200, "cancelled",
    )  # fmt: skip


def test_what_is_sent_twice_makes_one_reservation(app, people):
    key = asked(app, people.ada, people.automatic, 10, 12)["key"]
    client, path = browser(app, people.ada), f"/pools/{people.automatic.id}/calendar/book"

    first, again = (client.post(path, data=times(10, 12, key=key)).get_json() for _ in range(2))

    assert first["undo"]["id"] == again["undo"]["id"]
    assert db.session.query(Reservation).count() == 1


def test_a_lab_that_has_to_agree_is_asked(app, people):
    assert asked(app, people.ada, people.confocal, 10, 12)["verb"] == "Send the request"

    made = browser(app, people.ada).post(
        f"/pools/{people.confocal.id}/calendar/book", data=times(10, 12)
    )

    assert made.get_json()["text"].startswith("Requested: ")


def test_taken_time_says_so_with_times_that_are_free(app, people):
    for who in (people.ada, people.bo):
        ask(actor(who), 10, 12, pool_id=people.automatic.id)

    told = asked(app, people.cy, people.automatic, 10, 12)

    assert (told["ok"], told["lines"]) == (False, ["This time is already taken."])
    assert told["offers"][0]["start"] == int(at(12).timestamp())
    refused = browser(app, people.cy).post(
        f"/pools/{people.automatic.id}/calendar/book", data=times(10, 12)
    )
    assert refused.status_code == 409
    assert refused.get_json()["offers"] == told["offers"]


def test_a_taken_unit_is_offered_beside_another_at_the_same_time(app, people, session):
    ask(actor(people.ada), 10, 12, pool_id=people.automatic.id)
    units = session.scalars(select(Unit.id).where(Unit.pool_id == people.automatic.id)).all()
    told = [asked(app, people.cy, people.automatic, 10, 12, unit=unit) for unit in units]

    (taken,) = [one for one in told if not one["ok"]]
    assert taken["offers"][0]["start"] == int(at(10).timestamp())
    assert taken["offers"][0]["text"].endswith(", another unit")


def test_what_rules_forbid_names_each_rule_and_the_next_time_that_passes(app, people, session):
    people.automatic.opening_hours = "2 09:00-17:00"
    session.commit()

    told = asked(app, people.cy, people.automatic, 7, 8)

    assert "Outside the opening hours" in told["lines"][0]
    assert told["offers"][0]["start"] == int(at(9).timestamp())


UNREADABLE = [{}, {"start": "x", "end": "y"}, times(12, 10), {"start": "9" * 18, "end": "1"}]


@pytest.mark.parametrize("sent", UNREADABLE)
def test_what_cannot_be_read_is_refused(app, people, sent):
    client, path = browser(app, people.ada), f"/pools/{people.automatic.id}/calendar"

    looked = client.get(f"{path}/ask", query_string=sent)
    for answer in (looked, client.post(f"{path}/book", data=sent)):
        assert answer.status_code == 422
        assert answer.get_json()["lines"]


def test_only_what_is_as_it_was_made_is_undone(app, people):
    booked = ask(actor(people.ada), 10, 12, pool_id=people.automatic.id).reservation_id

    def undo(who, pool, **form):
        return browser(app, who).post(f"/pools/{pool.id}/calendar/undo", data=form).status_code

    assert undo(people.ada, people.automatic, id=booked, version=99) == 412
    assert undo(people.cy, people.automatic, id=booked, version=1) == 404
    assert undo(people.ada, people.automatic, id=booked) == 404
    assert undo(people.ada, people.confocal, id=booked, version=1) == 404
    assert db.session.get_one(Reservation, booked).status == "approved"
