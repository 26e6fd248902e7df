"""Pools' search texts and the words corrections come from, on both engines."""

import pytest
from sqlalchemy import select

from booking.companies.models import Building, Room
from booking.inventory.models import Category, Pool, SearchWord
from booking.inventory.rules.search import latin_words
from booking.inventory.services.search import refresh_search
from tests.cast import cast
from tests.factories import create_category, create_pool, create_unit, keep


@pytest.fixture
def session(any_session):
    return any_session


def words(session):
    """Return every known word with its uses."""
    return dict(session.execute(select(SearchWord.word, SearchWord.uses)).all())


def text_of(session, pool):
    """Return the pool's stored text."""
    return session.execute(select(Pool.search_text).where(Pool.id == pool.id)).scalar_one()


def test_a_text_names_everything_a_pool_is_looked_for_by(session):
    park = cast(session)
    parent = create_category(session, name_zh="显微镜")
    child = create_category(session, name_zh="激光扫描", parent_code=parent.code, level=2)
    building = keep(session, Building(site_id=park.site.id, name_zh="3号楼", name_en="Block C"))
    room = keep(session, Room(building_id=building.id, name="305"))
    pool = create_pool(
        session,
        units=0,
        name_zh="共聚焦显微镜",
        name_en="Confocal",
        manufacturer="蔡司 Zeiss",
        model="LSM 980",
        lab_id=park.west_lab.id,
        platform_id=park.platform.id,
        site_id=park.site.id,
        category_code=child.code,
    )
    create_unit(session, pool, asset_no="YQ-77", serial="SN-9", room_id=room.id, place="靠窗")
    refresh_search(session, [pool.id])
    text = text_of(session, pool)
    for wanted in (
        "共聚焦显微镜", "confocal", "蔡司 zeiss", "lsm 980", "yq-77", "sn-9", "305", "3号楼",
        "block c", "靠窗", "激光扫描", "显微镜", "成像实验室", "西安园区", "xi'an park", "西部医院",
        "west hospital", "精准诊断", "gongjujiaoxianweijing", "gjjxwj", "caisizeiss",
    ):  # fmt: skip
        assert wanted in text, wanted


def test_refreshing_again_changes_nothing(session):
    cast(session)
    assert refresh_search(session, None) == 5
    before = words(session)
    assert refresh_search(session, None) == 0
    assert words(session) == before


def test_only_the_pools_named_are_refreshed(session):
    park = cast(session)
    assert refresh_search(session, [park.confocal.id]) == 1
    assert text_of(session, park.sequencer) == ""


def test_words_are_counted_by_pool_and_forgotten_with_the_last(session):
    park = cast(session)
    refresh_search(session, None)
    assert words(session)["hospital"] == 4
    park.confocal.name_en = "Zeppelin"
    refresh_search(session, [park.confocal.id])
    assert words(session)["zeppelin"] == 1
    assert "confocal" not in words(session)
    expected = {}
    for text in session.scalars(select(Pool.search_text)):
        for word in latin_words(text):
            expected[word] = expected.get(word, 0) + 1
    assert words(session) == expected


def test_a_retired_unit_is_no_longer_found(session, now):
    park = cast(session)
    unit = create_unit(session, park.sequencer, asset_no="GONE-1", retired_at=now, state="retired")
    refresh_search(session, None)
    assert "gone-1" not in text_of(session, park.sequencer)
    assert unit.id


def test_a_category_that_is_its_own_parent_does_no_harm(session):
    park = cast(session)
    own = keep(session, Category(code="999999", parent_code="999999", level=2, name_zh="其他"))
    park.confocal.category_code = own.code
    assert refresh_search(session, [park.confocal.id]) == 1


def test_an_empty_list_does_nothing(session):
    assert refresh_search(session, []) == 0
