"""Finding pools and units through the API."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.inventory.models import Contribution
from tests import factories
from tests.conftest import NOW
from tests.pages import browser, said
from tests.reservations.steps import at


def ids(answer):
    assert answer.status_code == 200, answer.json
    return [item["id"] for item in answer.json["items"]]


def test_a_list_holds_the_pools_one_may_see(api, people):
    shared = [people.confocal, people.sequencer, people.automatic, people.east_pool]

    assert ids(api.ada.get("/pools")) == sorted(pool.id for pool in shared)
    assert people.unshared.id in ids(api.mei.get("/pools"))
    page = api.ada.get("/pools", per_page=3, page=2).json
    assert (len(page["items"]), page["total"], page["has_more"]) == (1, 4, False)


def test_pools_are_narrowed_by_category_site_and_platform(api, people, any_session):
    part = factories.create_category(any_session, parent_code=people.category.code, level=2)
    people.sequencer.category_code = part.code
    people.automatic.site_id = factories.create_site(any_session).id
    people.east_pool.platform_id = factories.create_platform(any_session).id
    any_session.commit()
    get = api.ada.get

    assert len(ids(get("/pools", category=people.category.code))) == 4
    assert ids(get("/pools", category=part.code)) == [people.sequencer.id]
    assert ids(get("/pools", category="nope")) == []
    assert ids(get("/pools", site=people.automatic.site_id)) == [people.automatic.id]
    assert ids(get("/pools", platform=people.east_pool.platform_id)) == [people.east_pool.id]


def test_pools_are_found_by_words(api, people, any_session):
    people.confocal.search_text = "激光共聚焦显微镜 confocal"
    any_session.commit()

    assert ids(api.ada.get("/pools", q="共聚焦")) == [people.confocal.id]
    assert ids(api.ada.get("/pools", q="%_\\ ' \" (a+)+$")) == []


def test_pools_are_narrowed_to_those_with_a_unit_free_in_a_time(api, people):
    api.cy.book(10, 11, pool_id=people.sequencer.id)
    wanted = {"free_from": at(10), "free_to": at(11)}

    assert people.sequencer.id not in ids(api.ada.get("/pools", **wanted))
    assert people.confocal.id in ids(api.ada.get("/pools", **wanted))
    half = api.ada.get("/pools", free_from=at(10))
    assert (half.status_code, half.json["violations"][0]["field"]) == (422, "free_to")
    assert api.ada.get("/pools", free_from=at(11), free_to=at(10)).status_code == 422


def test_a_pause_of_the_sharing_is_told(api, people, any_session):
    terms = any_session.scalars(
        select(Contribution).where(Contribution.pool_id == people.confocal.id)
    ).one()
    terms.paused_from, terms.paused_until = NOW + timedelta(days=1), None
    any_session.commit()

    pool_id = people.confocal.id
    for told in (api.ada.get(f"/pools/{pool_id}"), api.ada.get("/explain", pool=pool_id)):
        shared = told.json["shared"]
        assert shared["paused_from"] == "2026-11-24T01:00:00+00:00"
        assert shared["paused_until"] is None
    page = browser(api.ada.client.application, people.ada)
    assert "paused from 2026-11-24 until further notice" in said(
        page.get(f"/pools/{people.confocal.id}").text
    )

    terms.paused_from, terms.paused_until = NOW - timedelta(days=2), NOW - timedelta(days=1)
    any_session.commit()
    shared = api.ada.get(f"/pools/{people.confocal.id}").json["shared"]
    assert (shared["paused_from"], shared["paused_until"]) == (None, None)


def test_a_pool_is_shown_with_its_rules(api, people, any_session):
    people.confocal.opening_hours, people.confocal.max_minutes = "1 08:00-18:00", 240
    any_session.commit()

    shown = api.ada.get(f"/pools/{people.confocal.id}").json

    assert shown["rules"]["opening_hours"] == "1 08:00-18:00"
    assert (shown["rules"]["max_minutes"], shown["rules"]["min_minutes"]) == (240, 15)
    assert (shown["unit_count"], shown["in_service_count"]) == (3, 3)
    assert shown["time_zone"] == "Asia/Shanghai"
    assert shown["shared"] == {
        "from": "2026-01-01T00:00:00+00:00", "until": None, "hours": None, "paused_from": None,
        "paused_until": None,
    }  # fmt: skip
    assert api.mei.get(f"/pools/{people.unshared.id}").json["shared"] is None


def test_units_are_listed_and_shown(api, people, any_session):
    down, retired = people.confocal_units[1:]
    down.state, down.state_note, down.cleanup_minutes = "down", "激光器待修", 30
    retired.state = "retired"
    any_session.commit()

    listed = api.ada.get(f"/pools/{people.confocal.id}/units").json

    assert [(u["id"], u["state"]) for u in listed["items"]] == [
        (people.confocal_units[0].id, "in_service"),
        (down.id, "down"),
    ]
    assert api.ada.get(f"/units/{down.id}").json == listed["items"][1]
    assert listed["items"][1]["state_note"] == "激光器待修"
    assert api.ada.get(f"/units/{retired.id}").json["state"] == "retired"


@pytest.mark.parametrize("path", ["/pools/{pool}", "/pools/{pool}/units", "/units/{unit}"])
def test_an_unshared_pool_answers_like_a_missing_one(api, people, any_session, path):
    [unit] = factories.units_of(any_session, people.unshared)
    foreign = api.ada.get(path.format(pool=people.unshared.id, unit=unit.id))
    missing = api.ada.get(path.format(pool=10**9, unit=10**9))

    assert (foreign.status_code, foreign.data) == (404, missing.data)
    assert api.rep.get(path.format(pool=people.unshared.id, unit=unit.id)).status_code == 200
