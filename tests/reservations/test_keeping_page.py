"""The booking form keeps the chosen time while it is filled in, and gives it back."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking.infra.db import db, write
from booking.policies.rules.settings import Change as Setting
from booking.policies.services.settings import set_rule
from booking.reservations.models import Allocation, Hold, Reservation
from tests.cast import cast
from tests.conftest import NOW
from tests.e2e.looks import cast_with_passwords, sign_in
from tests.factories import actor
from tests.pages import browser
from tests.reservations.test_booking_page import typed


@pytest.fixture
def people(clock, session):
    return cast(session)


def keep(client, people, **more):
    data = {"start": "2026-11-24T10:00", "end": "2026-11-24T11:00", "quantity": "1", **more}
    return client.post(f"/reserve/hold?pool_id={people.sequencer.id}", data=data)


def held(session):
    session.rollback()
    return session.scalars(select(Allocation.block_start).where(Allocation.active == 1)).all()


def test_a_kept_time_is_for_who_keeps_it(app, session, people):
    ada, cy = browser(app, people.ada), browser(app, people.cy)
    kept = keep(ada, people)
    assert kept.json["text"] == "Kept for you until 09:05."
    assert kept.json["seconds"] == 300
    address = f"/reserve?pool_id={people.sequencer.id}"
    assert cy.post(address, data=typed()).status_code == 409
    assert keep(cy, people).status_code == 409
    cy.post("/reserve/hold/release", data={"hold_id": kept.json["id"]})
    answer = ada.post(address, data=typed(hold_id=str(kept.json["id"])))
    assert answer.status_code == 302
    assert len(held(session)) == 1
    assert session.scalars(select(Reservation.status)).all() == ["pending"]


def test_a_form_sent_before_it_knows_its_hold_uses_it(app, session, people):
    client = browser(app, people.ada)
    keep(client, people)
    answer = client.post(f"/reserve?pool_id={people.sequencer.id}", data=typed())
    assert answer.status_code == 302
    assert len(held(session)) == 1


def test_another_choice_takes_the_place_of_the_first(app, session, people):
    client = browser(app, people.ada)
    for hour in range(11, 17):
        keep(client, people, start=f"2026-11-24T{hour}:00", end=f"2026-11-24T{hour + 1}:00")
    assert len(held(session)) == 1
    last = session.scalars(select(Hold.id).order_by(Hold.id.desc())).first()
    assert client.post("/reserve/hold/release", data={"hold_id": last}).status_code == 204
    assert held(session) == []


def test_what_cannot_be_kept_is_told_and_a_refusal_gives_back(app, session, people):
    client = browser(app, people.ada)
    told = keep(client, people, end="2026-11-24T10:05")
    assert (told.status_code, "min" in told.json["text"]) == (422, True)
    kept = keep(client, people).json["id"]
    page = client.post(
        f"/reserve?pool_id={people.sequencer.id}",
        data=typed(end="2026-11-24T10:05", hold_id=str(kept)),
    )
    assert page.status_code == 422
    assert 'data-hold-now=""' in page.text
    assert held(session) == []


def test_a_group_may_keep_nothing(app, people):
    mei, scope = actor(people.mei), ("pool", str(people.sequencer.id))
    write(lambda s: set_rule(s, mei, scope, Setting("hold_minutes", 0), NOW))
    client = browser(app, people.ada)
    page = client.get(f"/reserve?pool_id={people.sequencer.id}&start=2026-11-24T10:00")
    assert "data-hold" not in page.text
    assert (keep(client, people).status_code, keep(client, people).json["text"]) == (409, "")


@pytest.mark.e2e
def test_the_page_keeps_it_and_leaving_gives_it_back(page: Page, live_url, app):
    ids = cast_with_passwords(app)
    sign_in(page, live_url, "ada")
    page.goto(f"{live_url}/reserve?pool_id={ids['confocal']}")
    expect(page.locator("[data-kept]")).to_be_hidden()
    start = page.locator("#start").input_value()
    page.goto(f"{live_url}/reserve?pool_id={ids['confocal']}&start={start}")
    expect(page.locator("[data-kept]")).to_contain_text("为您保留至")
    for _ in range(20):  # the beacon is on its way while the next page is drawn
        page.goto(f"{live_url}/pools/{ids['confocal']}")
        with app.app_context():
            kept = db.session.scalars(select(Hold.id).where(Hold.released_at.is_(None))).all()
        if not kept:
            break
    assert not kept
