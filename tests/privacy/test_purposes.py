"""A company keeps what it books for from the owners; its own people, and customs, still know."""

import pytest
from sqlalchemy import select, update

from booking.infra.db import write
from booking.inventory.models import Unit
from booking.privacy.services.hiding import hide_purposes
from booking.reminders.queries.subjects import booked
from booking.reservations.models import Reservation
from tests import factories
from tests.api.caller import Caller
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.pages import browser
from tests.reservations.steps import ask


@pytest.fixture
def park(session, clock) -> Cast:
    """Return the cast; Ada's company hides what it books for."""
    people = cast(session)
    bo, company_id = factories.actor(people.bo), people.company_a.id
    write(lambda s: hide_purposes(s, bo, company_id, NOW, hides=True))
    return people


@pytest.fixture
def booked_id(session, park):
    """Return the id of Ada's request for teaching."""
    ada, pool_id = factories.actor(park.ada), park.confocal.id
    ask(ada, 9, 10, pool_id=pool_id, purpose="teaching")
    return session.scalars(select(Reservation.id)).one()


def told(app, client, park, who, reservation_id):
    """Return whether a person reads the purpose on the page and by the API."""
    user = getattr(park, who)
    page = "Teaching" in browser(app, user).get(f"/reservations/{reservation_id}").text
    caller = Caller(client, user)
    one = caller.get(f"/reservations/{reservation_id}").json["purpose"]
    listed = [row["purpose"] for row in caller.get("/reservations").json["items"]]
    assert (page, listed) == (one == "teaching", [one])
    return page


def test_owners_are_not_told(app, client, session, park, booked_id):
    read = {who: told(app, client, park, who, booked_id)
            for who in ("ada", "bo", "mei", "rep", "ops")}  # fmt: skip

    assert read == {"ada": True, "bo": True, "mei": False, "rep": False, "ops": True}
    inbox = browser(app, park.mei).get("/inbox").text
    assert "Teaching" not in inbox
    assert "not told to the owner" in inbox
    assert booked(session, booked_id).purpose == ""


def test_customs_are_told_all_the_same(app, client, session, park, booked_id):
    session.execute(update(Unit).values(customs_supervised=1))
    session.commit()

    assert told(app, client, park, "mei", booked_id)
    assert booked(session, booked_id).purpose == "teaching"


def test_an_admin_sets_it_on_a_page(app, session, park):
    path = f"/companies/{park.company_a.id}/privacy"
    client = browser(app, park.bo)
    assert "checked" in client.get(path).text
    assert client.post(path, data={"csrf_token": "x"}).status_code == 302
    assert "checked" not in client.get(path).text
    assert path in client.get(f"/companies/{park.company_a.id}/audit").text
    assert browser(app, park.cy).get(path).status_code == 404
    assert browser(app, park.mei).post(path, data={}).status_code == 404
