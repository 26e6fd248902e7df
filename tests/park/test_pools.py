"""Services with which lab managers and operators make and change pools and units."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.audit.models import Audit
from booking.companies.models import Building, Room
from booking.core.errors import Invalid, NotFound, WrongState
from booking.infra.db import write
from booking.infra.storage.files import NewFile, going, note
from booking.inventory.models import Pool, Unit
from booking.inventory.rules.pools import PoolFields, UnitFields
from booking.inventory.services import pools
from tests import factories
from tests.cast import Cast, cast


@pytest.fixture
def park(any_session: Session) -> Cast:
    """Return the cast."""
    return cast(any_session)


@pytest.fixture
def mei(park: Cast):
    """Return the manager of west's lab as an actor."""
    return factories.actor(park.mei)


@pytest.fixture
def fields(park: Cast) -> PoolFields:
    """Return what a new pool is."""
    return PoolFields(park.site.id, "超速离心机", "Ultracentrifuge", "Beckman", "XPN-100",
                      category_code="011000", specifications="转速: 100000\r\n容量: 6")  # fmt: skip


def test_a_manager_makes_a_pool_with_units(any_session, park, mei, fields, now) -> None:
    pool_id = write(
        lambda s: pools.create_pool(s, mei, park.west_lab.id, fields, "instrument", 3, now)
    )
    pool = any_session.get_one(Pool, pool_id)
    assert pool.institution_id == park.west.id
    assert pool.specifications == "转速: 100000\n容量: 6"
    assert "超速离心机" in pool.search_text
    units = factories.units_of(any_session, pool)
    assert [(u.state, u.institution_id) for u in units] == [("in_service", park.west.id)] * 3


@pytest.mark.parametrize("who", ["ada", "bo", "cy", "dee", "rep"])
def test_nobody_else_touches_a_labs_pools(any_session, park, fields, now, who) -> None:
    actor = factories.actor(getattr(park, who))
    pool, unit = park.confocal.id, park.confocal_units[0].id
    for work in (
        lambda s: pools.create_pool(s, actor, park.west_lab.id, fields, "instrument", 1, now),
        lambda s: pools.edit_pool(s, actor, pool, fields, now),
        lambda s: pools.set_approval(s, actor, pool, "auto", now),
        lambda s: pools.set_photo(s, actor, pool, None, now),
        lambda s: pools.add_units(s, actor, pool, "instrument", 1, now),
        lambda s: pools.add_unit(s, actor, pool, UnitFields(), now),
        lambda s: pools.edit_unit(s, actor, unit, UnitFields(), now),
    ):
        with pytest.raises(NotFound):
            write(work)


def test_a_staff_member_of_the_lab_does_not_edit(any_session, park, fields, now) -> None:
    factories.create_lab_member(any_session, park.west_lab, park.cy, "staff")
    cy = factories.actor(park.cy)
    with pytest.raises(NotFound):
        write(lambda s: pools.edit_pool(s, cy, park.confocal.id, fields, now))


def test_an_edited_pool_is_found_by_its_new_name(any_session, park, mei, fields, now) -> None:
    write(lambda s: pools.edit_pool(s, mei, park.confocal.id, fields, now))
    text = any_session.scalar(select(Pool.search_text).where(Pool.id == park.confocal.id))
    assert "ultracentrifuge" in text
    assert "激光共聚焦" not in text


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name_zh": " "}, "name_zh"),
        ({"platform_id": 987}, "platform_id"),
        ({"category_code": "123456"}, "category_code"),
        ({"description": "x" * 20_001}, "description"),
    ],
)
def test_an_unfit_pool_is_refused(any_session, park, mei, fields, now, changed, field) -> None:
    with pytest.raises(Invalid) as refused:
        write(lambda s: pools.edit_pool(s, mei, park.confocal.id, replace(fields, **changed), now))
    assert refused.value.field == field


def test_a_picture_is_kept_and_the_one_before_goes(any_session, park, mei, now) -> None:
    kept = write(lambda s: note(s, NewFile("k", "p.webp", "image/webp", 3, ""), None, now))
    write(lambda s: pools.set_photo(s, mei, park.confocal.id, kept, now))
    pool = any_session.get_one(Pool, park.confocal.id, populate_existing=True)
    assert pool.photo_file_id == kept
    assert any_session.scalar(select(Audit.after).where(Audit.action == "pool.edit"))
    write(lambda s: pools.set_photo(s, mei, park.confocal.id, None, now))
    assert any_session.get_one(Pool, pool.id, populate_existing=True).photo_file_id is None
    assert going(any_session, now, 9) == [(kept, "k")]


def test_a_unit_overrides_state_buffers_and_customs(any_session, park, mei, now) -> None:
    fields = UnitFields(
        "instrument", "limited", "镜头略有划痕", "W-001", "SN9", "一号机", None, "3楼", 15, 0, 1
    )
    unit_id = write(lambda s: pools.add_unit(s, mei, park.confocal.id, fields, now))
    unit = any_session.get_one(Unit, unit_id)
    assert (unit.asset_no, unit.warmup_minutes, unit.cleanup_minutes) == ("W-001", 15, 0)
    assert unit.institution_id == park.west.id
    down = replace(fields, state="down", asset_no="")
    write(lambda s: pools.edit_unit(s, mei, unit_id, down, now))
    unit = any_session.get_one(Unit, unit_id, populate_existing=True)
    assert (unit.state, unit.asset_no) == ("down", None)


def test_an_asset_number_names_one_unit_of_an_institution(any_session, park, mei, now) -> None:
    fields = UnitFields(asset_no="W-001")
    write(lambda s: pools.add_unit(s, mei, park.confocal.id, fields, now))
    with pytest.raises(Invalid) as refused:
        write(lambda s: pools.add_unit(s, mei, park.sequencer.id, fields, now))
    assert (refused.value.code, refused.value.field) == ("asset_no_taken", "asset_no")
    dee = factories.actor(park.dee)
    write(lambda s: pools.add_unit(s, dee, park.east_pool.id, fields, now))


def test_a_unit_stands_in_a_room_of_its_pools_site(any_session, park, mei, now) -> None:
    other = factories.create_site(any_session)
    rooms = []
    for site in (park.site, other):
        building = factories.keep(any_session, Building(site_id=site.id, name_zh="A"))
        room = factories.keep(any_session, Room(building_id=building.id, name="101"))
        rooms.append(room.id)
    unit_id = park.confocal_units[0].id
    write(lambda s: pools.edit_unit(s, mei, unit_id, UnitFields(room_id=rooms[0]), now))
    with pytest.raises(Invalid) as refused:
        write(lambda s: pools.edit_unit(s, mei, unit_id, UnitFields(room_id=rooms[1]), now))
    assert refused.value.field == "room_id"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        (UnitFields(state="retired"), "state"),  # only by retiring, which looks at bookings
        (UnitFields(kind="rocket"), "kind"),
        (UnitFields(warmup_minutes=-1), "warmup_minutes"),
    ],
)
def test_an_unfit_unit_is_refused(any_session, park, mei, now, fields, field) -> None:
    with pytest.raises(Invalid) as refused:
        write(lambda s: pools.edit_unit(s, mei, park.confocal_units[0].id, fields, now))
    assert refused.value.field == field


def test_a_retired_pool_is_not_edited(any_session, park, mei, fields, now) -> None:
    any_session.get_one(Pool, park.confocal.id).retired_at = now
    any_session.commit()
    with pytest.raises(WrongState, match="retired"):
        write(lambda s: pools.edit_pool(s, mei, park.confocal.id, fields, now))
