"""Pools like one: by class, model and specification lines, at any site; found and booked."""

import pytest

from booking.inventory.queries.like import Likeness, like_pools
from tests import factories
from tests.api.caller import Caller
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.pages import browser, said
from tests.reservations.steps import ask

SPEC = "波长：405 nm\n物镜：60x"


@pytest.fixture
def people(any_session, clock):
    found = cast(any_session)
    found.confocal.model, found.confocal.manufacturer = "LSM 900", "Zeiss"
    found.confocal.specifications = SPEC
    any_session.commit()
    return found


@pytest.fixture
def twin(people, any_session):
    """Return a shared pool of another site and institution: same class, model and lines."""
    pool = factories.create_pool(
        any_session, lab_id=people.east_lab.id, category_code=people.category.code,
        model="LSM 900", manufacturer="Zeiss", specifications="物镜: 60X\n波长：405 nm",
        approval="auto", name_zh="共聚焦（东）", name_en="Confocal, east",
    )  # fmt: skip
    factories.create_contribution(any_session, pool)
    return pool


def like(session, people, **wanted):
    found = Likeness(**wanted)
    return like_pools(session, actor(people.ada), people.confocal.id, found, NOW)


def test_the_same_class_is_alike_at_any_site(people, any_session, twin):
    found = like(any_session, people)
    assert twin.id in found
    assert people.confocal.id not in found
    assert people.unshared.id not in found  # not hers to see


def test_the_model_and_each_line_narrow(people, any_session, twin):
    lines = (("波长", "405 nm"), ("物镜", "60x"))
    assert like(any_session, people, model=True) == [twin.id]
    assert like(any_session, people, lines=lines) == [twin.id]
    twin.specifications = "波长：488 nm"
    any_session.commit()
    assert like(any_session, people, lines=lines[:1]) == []


def test_without_anything_to_compare_nothing_is_alike(people, any_session, twin):
    assert like(any_session, people, category=False) == []


def test_the_page_lists_them_with_what_must_be_the_same(any_app, people, twin):
    client = browser(any_app, people.ada)
    text = said(client.get(f"/pools/{people.confocal.id}/like?model=1&line=1").text)
    assert "Confocal, east" in text
    assert "Centrifuge" not in text
    times = "start=2026-11-24T10:00&end=2026-11-24T11:00"
    page = client.get(f"/pools/{people.confocal.id}/like?{times}").text
    assert f"/pools/{twin.id}?start=2026-11-24T10:00" in page.replace("%3A", ":")


@pytest.fixture
def api(people, any_client, any_app, any_session):
    return Caller(any_client, people.ada)


def test_the_api_lists_and_books_one_like_it(people, any_session, twin, api):
    same = "model,specifications"
    listed = api.get(f"/pools/{people.confocal.id}/like", same=same)
    assert [item["id"] for item in listed.json["items"]] == [twin.id]
    for unit in people.confocal_units:
        ask(actor(people.cy), 10, 11, unit_id=unit.id)
    full = api.book(10, 11, pool_id=people.confocal.id)
    assert full.status_code == 409
    made = api.book(10, 11, pool_id=people.confocal.id, or_like=same)
    assert (made.status_code, made.json["pool_id"]) == (201, twin.id)
    none = api.book(10, 11, pool_id=people.confocal.id, or_like=same)
    assert (none.status_code, none.json["code"]) == (409, "conflict")
    wrong = api.book(10, 11, pool_id=people.confocal.id, or_like="colour")
    assert wrong.status_code == 422
