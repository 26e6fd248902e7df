"""Handing a pool over to another lab: who may, to which, and where its requests then wait."""

import pytest

from booking.core.errors import Invalid, NotFound
from booking.core.period import Period
from booking.infra.db import write
from booking.inventory.services.pools import hand_over
from booking.policies.models import RuleEdition, RuleValue
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.pages import browser


@pytest.fixture
def park(any_session, clock):
    """Return the cast."""
    return cast(any_session)


@pytest.fixture
def other(any_session, park):
    """Return a second lab of West."""
    return factories.create_lab(any_session, institution_id=park.west.id, name_zh="第二实验室")


def lab_of(session, pool):
    session.rollback()
    session.refresh(pool)
    return pool.lab_id


def test_the_operator_hands_over_by_page_and_the_new_lab_decides(any_app, any_session, park, other):
    new = factories.create_user(any_session)
    factories.create_lab_member(any_session, other, new)
    day = Period(NOW.replace(hour=6), NOW.replace(hour=8))
    waiting = factories.create_reservation(
        any_session, park.confocal, day, status="pending", decide_by=day.start,
        user_id=park.ada.id, company_id=park.company_a.id,
    )  # fmt: skip
    pool_id, other_id, link = park.confocal.id, other.id, f'/reservations/{waiting.id}"'
    client, path = browser(any_app, park.ops), f"/manage/pools/{pool_id}/lab"
    assert path in client.get(f"/manage/pools/{pool_id}").text
    offered = client.get(path).text
    assert "第二实验室" in offered
    assert "测序实验室" not in offered  # East's

    assert client.post(path, data={"lab_id": other_id}).location == f"/manage/pools/{pool_id}"

    assert lab_of(any_session, park.confocal) == other_id
    assert link in browser(any_app, new).get("/inbox").text
    assert link not in browser(any_app, park.mei).get("/inbox").text
    assert "第二实验室" in park.confocal.search_text


def test_a_manager_of_one_lab_hands_nothing_over(any_app, any_session, park, other):
    pool_id, other_id = park.confocal.id, other.id
    client = browser(any_app, park.mei)
    assert "Hand over" not in client.get(f"/manage/pools/{pool_id}").text

    assert client.post(f"/manage/pools/{pool_id}/lab", data={"lab_id": other_id}).status_code == 422
    mei = factories.actor(park.mei)
    any_session.rollback()
    with pytest.raises(NotFound):
        write(lambda s: hand_over(s, mei, pool_id, other_id, NOW))

    assert lab_of(any_session, park.confocal) == park.west_lab.id


def test_a_pool_does_not_leave_its_institution(any_session, park):
    ops, pool_id, east_id = factories.actor(park.ops), park.confocal.id, park.east_lab.id
    any_session.rollback()

    with pytest.raises(Invalid):
        write(lambda s: hand_over(s, ops, pool_id, east_id, NOW))


def test_the_new_labs_buffers_hold(any_session, park, other):
    any_session.add(RuleEdition(id=1, number=45))
    any_session.add(
        RuleValue(
            scope_kind="lab",
            scope_key=str(other.id),
            rule="cleanup_minutes",
            value="45",
            set_at=NOW,
        )  # fmt: skip
    )
    any_session.commit()
    ops, pool_id, other_id = factories.actor(park.ops), park.confocal.id, other.id
    any_session.rollback()

    write(lambda s: hand_over(s, ops, pool_id, other_id, NOW))

    any_session.rollback()
    any_session.refresh(park.confocal)
    assert park.confocal.inherited_cleanup_minutes == 45
