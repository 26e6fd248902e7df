"""Booking the same again, and the address of a time that is sent to others."""

import re
from html import unescape

import pytest

from booking.infra.db import write
from booking.reservations.services.cancelling import cancel
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, fields
from tests.reservations.steps import ask


@pytest.fixture
def people(clock, session):
    return cast(session)


def again(page):
    return unescape(re.search(r'href="(/reserve\?[^"]*minutes=[^"]*)"', page.text).group(1))


def over(people, **what):
    """Return a reservation of Ada's that is cancelled."""
    booked = ask(actor(people.ada), 10, 12, purpose="teaching", **what)
    write(lambda s: cancel(s, actor(people.ada), booked.reservation_id, "", NOW))
    return booked.reservation_id


def test_the_same_is_booked_again_at_the_next_time_that_passes(app, people):
    unit = people.confocal_units[1]
    key = over(people, unit_id=unit.id)
    client = browser(app, people.ada)

    from_list = again(client.get("/reservations?tab=past"))
    form = fields(client.get(again(client.get(f"/reservations/{key}"))).text)

    assert from_list == again(client.get(f"/reservations/{key}"))
    assert (form["unit_id"], form["purpose"]) == (str(unit.id), "teaching")
    assert (form["start"], form["end"]) == ("2026-11-23T09:15", "2026-11-23T11:15")


def test_of_any_unit_any_unit_is_offered_again(app, people):
    key = over(people, pool_id=people.confocal.id, quantity=2)

    url = again(browser(app, people.ada).get(f"/reservations/{key}"))

    assert "unit_id" not in url
    assert "quantity=2" in url


def test_a_length_nobody_could_mean_is_passed_over(app, people):
    for strange in ("0", "-5", "99999999", "x"):
        path = f"/reserve?pool_id={people.confocal.id}&minutes={strange}&purpose=nonsense"
        assert fields(browser(app, people.ada).get(path).text)["start"] == "2026-11-23T09:15"


def test_a_link_to_a_time_fills_the_form_and_leads_back_after_signing_in(app, people):
    path = f"/reserve?pool_id={people.confocal.id}"
    times = "start=2026-11-24T10:00&end=2026-11-24T12:00"
    page = browser(app, people.ada).get(f"{path}&{times}&minutes=30")

    link = unescape(re.search(r'<a href="([^"]*)" data-share', page.text).group(1))
    assert link == f"{path}&{times}"
    asked = browser(app).get(link).location
    assert asked.startswith("/account/sign-in?next=/reserve")
    assert "2026-11-24T10" in asked
