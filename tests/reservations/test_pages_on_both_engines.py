"""The pages' queries are the same on SQLite and PostgreSQL: one walk through all of them."""

import pytest

from tests.cast import cast
from tests.factories import actor, units_of
from tests.pages import browser, offers, said
from tests.reservations.grouped import repeat

FORM = {
    "start": "2026-11-24T10:00", "end": "2026-11-24T11:00", "quantity": "1",
    "purpose": "research", "note": "第三批\x00样品",
}  # fmt: skip
OPEN = (
    "/reservations",
    "/reservations?tab=pending&q=共聚焦",
    "/reservations?tab=past&status=expired",
)


@pytest.fixture
def people(clock, any_session):
    return cast(any_session)


def test_a_reservation_goes_through_all_pages(any_app, any_session, people):
    ada, mei = browser(any_app, people.ada), browser(any_app, people.mei)
    reserve = f"/reserve?pool_id={people.sequencer.id}"

    place = ada.post(reserve, data=FORM).location
    key = int(place.rsplit("/", 1)[1])
    taken = browser(any_app, people.cy).post(reserve, data=FORM)
    assert (taken.status_code, len(offers(taken.text))) == (409, 3)
    for path in OPEN:
        assert ada.get(path).status_code == 200
    for scope in ("lab", "mine"):
        assert mei.get(f"/reservations?scope={scope}").status_code == 200

    assert "0 of 1" in said(mei.get("/inbox").text)
    mei.post("/inbox/decide", data={"approve": f"{key}:1"})
    times = {"start": "2026-11-24T15:00", "end": "2026-11-24T16:00"}
    asked = ada.post(f"{place}/move", data={**FORM, **times, "version": "2"})
    assert asked.status_code == 302
    assert "A change to" in said(ada.get(place).text)
    assert "now Tue 24 Nov 10:00–11:00" in said(mei.get("/inbox").text)
    mei.post("/inbox/decide", data={"approve": f"{key}:3"})
    assert "15:00–16:00" in said(ada.get(place).text)

    [unit] = units_of(any_session, people.sequencer)
    close = f"/units/{unit.id}/close"
    day = {**FORM, **times, "end": "2026-11-24T18:00", "kind": "fault"}
    assert "1 reservation is hit" in said(mei.post(close, data=day).text)
    closed = mei.post(close, data={**day, f"fate-{key}": "keep"})
    assert "1 kept" in said(mei.get(closed.location).text)
    ada.post(f"{place}/cancel", data={"version": "5"})  # keeping it was a change too
    assert "It was cancelled" in said(ada.get(place).text)


def test_a_series_is_one_line_of_the_inbox(any_app, people):
    made = repeat(actor(people.ada), "FREQ=DAILY;COUNT=3", pool_id=people.confocal.id)
    mei = browser(any_app, people.mei)
    page = mei.get("/inbox").text
    assert (page.count('name="item"'), page.count('name="part"')) == (1, 3)
    value = page.split('name="item" value="')[1].split('"')[0]
    assert value.startswith(f"g{made.group_id}:")
    mei.post("/inbox/decide", data={"approve": value})
    assert "3 approved." in said(mei.get("/inbox").text)
