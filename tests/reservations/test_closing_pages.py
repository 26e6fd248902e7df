"""Closing a unit and opening it again."""

import pytest

from booking.approvals.services.deciding import approve
from booking.infra.db import write
from booking.reservations.models import Reservation
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, said
from tests.reservations.steps import ask


@pytest.fixture
def people(clock, session):
    return cast(session)


def row(session, booked):
    session.rollback()
    return session.get(Reservation, booked.reservation_id, populate_existing=True)


def approved(people, start=10, end=11, **more):
    """Return Ada's approved reservation of the confocal pool."""
    booked = ask(actor(people.ada), start, end, pool_id=people.confocal.id, **more)
    write(lambda s: approve(s, actor(people.mei), booked.reservation_id, NOW))
    return booked


def close(client, unit, **change):
    times = {"start": "2026-11-24T09:00", "end": "2026-11-24T18:00"}
    return client.post(f"/units/{unit.id}/close", data={**times, "kind": "calibration", **change})


def test_closing_a_unit_tells_which_reservations_stay(app, people):
    unit = people.confocal_units[0]
    booked = ask(actor(people.ada), 10, 11, unit_id=unit.id)
    client = browser(app, people.mei)

    asked = close(client, unit)
    assert (asked.status_code, "1 reservation is hit" in said(asked.text)) == (409, True)
    done = close(client, unit, **{f"fate-{booked.reservation_id}": "keep"})
    text = said(client.get(done.location).text)

    assert "Reservations: 1 kept." in text
    assert "Calibration · Tue 24 Nov 09:00–18:00" in text
    assert "Tue 24 Nov 10:00–11:00 Alpha Bio" in text


def test_a_closed_unit_opens_again(app, session, people):
    unit = people.confocal_units[0]
    client = browser(app, people.mei)
    close(client, unit)
    again = {"unit_id": unit.id, "pool_id": None}

    client.post("/closures/1/reopen")

    assert ask(actor(people.ada), 10, 11, **again)
    assert "already been ended" in said(
        client.post("/closures/1/reopen", follow_redirects=True).text
    )


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"end": "2026-11-24T08:00"}, 422, "The end must be after the start."),
        ({"start": "x"}, 422, "Give date and time"),
        ({"start": "2026-11-20T08:00", "end": "2026-11-20T09:00"}, 422, "already over"),
        ({"kind": "party"}, 422, "Choose maintenance"),
        (
            {"start": "2026-11-24T10:00", "end": "2026-11-24T11:00", "rest": "keep"},
            409,
            "nothing left to close",
        ),
    ],
)
def test_a_closure_that_cannot_be_is_told(app, people, change, status, words):
    unit = people.confocal_units[0]
    ask(actor(people.ada), 10, 11, unit_id=unit.id)

    page = close(browser(app, people.mei), unit, **change)

    assert page.status_code == status
    assert words in said(page.text)


@pytest.mark.parametrize("who", ["ada", "dee", "rep"])
def test_only_the_lab_closes_its_units(app, people, who):
    client = browser(app, getattr(people, who))

    assert client.get(f"/units/{people.confocal_units[0].id}/close").status_code == 404
    assert close(client, people.confocal_units[0]).status_code == 404


def test_a_closure_repeats_by_page_and_opens_as_one(app, session, people):
    unit = people.confocal_units[0]
    client = browser(app, people.mei)

    page = client.get(close(client, unit, every="monthly:3", repeats="4").location)

    assert page.text.count('name="series"') == 4
    client.post("/closures/1/reopen", data={"series": "1"})
    assert "None." in said(client.get(f"/units/{unit.id}/close").text)


def test_an_unknown_repeat_is_told(app, people):
    answer = close(browser(app, people.mei), people.confocal_units[0], every="yearly:x")
    assert answer.status_code == 422


def test_calibration_by_page_asks_about_what_is_booked_later(app, session, people):
    unit = people.confocal_units[0]
    booked = ask(actor(people.ada), 34, 35, unit_id=unit.id)
    data = {"due_on": "2026-11-24", "every_days": "90", "warn_days": "30"}
    client = browser(app, people.mei)

    asked = client.post(f"/units/{unit.id}/care", data=data)
    assert (asked.status_code, "1 reservation is hit" in said(asked.text)) == (409, True)
    decided = {f"fate-{booked.reservation_id}": "cancel"}
    why = client.post(f"/units/{unit.id}/care", data={**data, **decided})
    assert (why.status_code, "Please give a reason" in said(why.text)) == (422, True)
    done = client.post(f"/units/{unit.id}/care", data={**data, **decided, "reason": "到期"})
    assert done.status_code == 302
    assert row(session, booked).status == "cancelled"
    assert "Calibration due" in said(client.get(f"/units/{unit.id}/close").text)
    care = said(client.get(f"/units/{unit.id}/care").text)
    assert "Due by Nov 24, 2026 (1 day left)" in care
    desk = said(browser(app, people.ada).get(f"/reserve?pool_id={people.confocal.id}").text)
    assert f"{unit.asset_no}: not after Nov 24, 2026" in desk


def test_needs_are_kept_by_page(app, session, people):
    unit, gas = people.confocal_units[0], people.confocal_units[1]
    client = browser(app, people.mei)

    wrong = client.post(f"/units/{unit.id}/needs", data={"asset_no": "?", "effect": "close"})
    assert (wrong.status_code, "No other unit" in said(wrong.text)) == (422, True)
    client.post(f"/units/{unit.id}/needs", data={"asset_no": gas.asset_no, "effect": "close"})
    assert gas.asset_no in said(client.get(f"/units/{unit.id}/care").text)
    client.post(f"/units/{unit.id}/needs/{gas.id}/drop")
    assert "Nothing." in said(client.get(f"/units/{unit.id}/care").text)
