"""Lists of reservations: whose, narrowed by what, in pages."""

from datetime import timedelta

import pytest

from booking.core.period import Period
from tests import factories
from tests.reservations.steps import at


@pytest.fixture
def three(api, people):
    """Ada's 10–11 and 12–13 on two units, Cy's 11–12 on the first."""
    first, second = (unit.id for unit in people.confocal_units[:2])
    return [
        api.ada.book(10, 11, unit_id=first).json,
        api.cy.book(11, 12, unit_id=first).json,
        api.ada.book(12, 13, unit_id=second).json,
    ]


def ids(answer):
    assert answer.status_code == 200, answer.json
    return [item["id"] for item in answer.json["items"]]


def test_a_list_holds_what_one_may_see_in_order_of_start(api, three):
    first, second, third = (item["id"] for item in three)

    assert ids(api.ada.get("/reservations")) == [first, third]
    assert ids(api.cy.get("/reservations")) == [second]
    assert ids(api.mei.get("/reservations")) == [first, second, third]
    assert ids(api.dee.get("/reservations")) == []
    assert api.mei.get("/reservations").json["items"] == three


def test_a_list_is_narrowed_by_what_is_asked(api, people, three):
    first, second, third = (item["id"] for item in three)
    unit = people.confocal_units[0].id
    mei = api.mei

    assert ids(mei.get("/reservations", unit=unit)) == [first, second]
    assert ids(mei.get("/reservations", pool=people.confocal.id)) == [first, second, third]
    assert ids(mei.get("/reservations", pool=people.sequencer.id)) == []
    assert ids(mei.get("/reservations", from_=at(11))) == [second, third]
    assert ids(mei.get("/reservations", to=at(11))) == [first]
    assert ids(mei.get("/reservations", from_=at(10.5), to=at(11.5))) == [first, second]
    assert ids(mei.get("/reservations", status="approved")) == []
    assert ids(mei.get("/reservations", mine="true")) == []
    assert ids(api.ada.get("/reservations", mine="true")) == [first, third]


def _midnight(days):
    return at(0) + timedelta(days=days)


@pytest.mark.parametrize("narrowed", [{}, {"status": "approved"}, {"pool": True}])
def test_what_began_long_ago_and_still_runs_is_listed(api, people, any_session, narrowed):
    spans = [(-400, 400), (-31, 1), (-32, 1), (-30.5, 0.5), (-90, -40), (-40, -1), (0, 1), (-3, -2)]
    made = [
        factories.create_reservation(
            any_session, people.confocal, Period(_midnight(first), _midnight(last)),
            units=[factories.create_unit(any_session, people.confocal)],
        )
        for first, last in spans
    ]  # fmt: skip
    if narrowed.get("pool"):
        narrowed = {"pool": people.confocal.id}
    expected = sorted((r.start_at, r.id) for r in made if r.end_at > at(0))

    listed = api.ops.get("/reservations", from_=at(0), **narrowed)

    assert ids(listed) == [number for _, number in expected]
    assert listed.json["total"] == len(expected)
    first = api.ops.get("/reservations", from_=at(0), per_page=2, page=2, **narrowed)
    assert ids(first) == [number for _, number in expected][2:4]


def test_a_moved_or_ended_reservation_is_listed_under_the_unit_it_shows(api, people):
    first, second, _ = (unit.id for unit in people.confocal_units)
    api.cy.book(12, 13, unit_id=first)
    moved = api.ada.move(api.ada.book(10, 11, pool_id=people.confocal.id), 12, 13)
    assert moved.json["unit_ids"] == [second]
    assert ids(api.ada.get("/reservations", unit=first)) == []
    assert ids(api.ada.get("/reservations", unit=second)) == [moved.json["id"]]

    api.ada.post(f"/reservations/{moved.json['id']}/cancel")

    assert ids(api.ada.get("/reservations", unit=first)) == []
    [ended] = api.ada.get("/reservations", unit=second).json["items"]
    assert ended["unit_ids"] == [second]


def test_a_list_comes_in_pages(api, three):
    page = api.mei.get("/reservations", per_page=2).json
    assert len(page.pop("items")) == 2
    assert page == {"page": 1, "per_page": 2, "total": 3, "has_more": True}
    last = api.mei.get("/reservations", per_page=2, page=2).json
    assert (len(last["items"]), last["has_more"]) == (1, False)
    assert api.mei.get("/reservations", page=10**6).json["items"] == []
    assert api.mei.get("/reservations", per_page=201).status_code == 422


def test_an_unescaped_plus_of_an_offset_is_understood(api, three):
    path = "/api/v1/reservations?from=2026-11-24T12:00:00+08:00"

    answer = api.mei.client.get(path, headers=api.mei.headers)

    assert ids(answer) == [three[2]["id"]]
