"""Finding pools: who sees which, best first, narrowed, free in a time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.core.period import Period
from booking.infra.db import db
from booking.inventory.models import Contribution, Pool
from booking.inventory.queries.catalogue import Criteria, facet_names, search_pools, sees_any_pool
from booking.inventory.rules.facets import Chosen
from booking.inventory.rules.search import parse
from booking.inventory.services.search import refresh_search
from booking.reservations.models import PoolNextFree
from tests.cast import cast
from tests.factories import (
    actor,
    create_category,
    create_contribution,
    create_pool,
    create_reservation,
    create_unit,
    keep,
    units_of,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def session(any_session):
    return any_session


@pytest.fixture
def park(session):
    """Return the cast with search texts."""
    made = cast(session)
    refresh_search(session, None)
    session.commit()
    return made


def found(session, who, now, typed="", **criteria):
    """Return what a search finds."""
    return search_pools(session, actor(who), Criteria(parse(typed), **criteria), now)


def names(result):
    """Return the Chinese names of a result, in order."""
    return [card.name.zh for card in result.cards]


# --- who sees what ------------------------------------------------------------------------

SHARED = {"激光共聚焦显微镜", "基因测序仪", "离心机", "流式细胞仪"}
OWN = "质谱仪"  # west's, without an agreement


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("ada", SHARED),  # companies' people: what is shared
        ("bo", SHARED),
        ("cy", SHARED),
        ("mei", SHARED | {OWN}),  # its lab
        ("rep", SHARED | {OWN}),  # its institution
        ("dee", SHARED),  # another institution's lab
        ("ops", SHARED | {OWN}),
    ],
)
def test_a_person_finds_what_is_shared_and_what_is_their_own(session, park, now, who, sees):
    result = found(session, getattr(park, who), now)
    assert set(names(result)) == sees
    assert result.total == len(sees)


@pytest.mark.parametrize(
    ("from_hours", "until_hours", "ended", "seen"),
    [
        (-1, None, False, True),
        (0, None, False, True),  # from this second on
        (1, None, False, False),  # not yet
        (-2, 0, False, False),  # until is not included
        (-2, 1, False, True),
        (-2, None, True, False),  # ended early
    ],
)
def test_a_pool_is_seen_while_its_agreement_runs(
    session, park, now, from_hours, until_hours, ended, seen
):
    create_contribution(
        session,
        park.unshared,
        from_at=now + from_hours * HOUR,
        until_at=None if until_hours is None else now + until_hours * HOUR,
        ended_at=now - HOUR if ended else None,
    )
    assert (OWN in names(found(session, park.ada, now))) is seen


def test_a_retired_pool_is_found_by_nobody(session, park, now):
    park.confocal.retired_at = now
    session.commit()
    assert "激光共聚焦显微镜" not in names(found(session, park.ops, now))


def test_whether_there_is_anything_to_see(session, now):
    park = cast(session)
    assert sees_any_pool(session, actor(park.ada), now)
    for row in session.query(Contribution):
        session.delete(row)
    session.commit()
    assert not sees_any_pool(session, actor(park.ada), now)
    assert sees_any_pool(session, actor(park.ops), now)


# --- words --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("离心", ["离心机"]),  # two characters
        ("lixinji", ["离心机"]),  # pinyin
        ("LXJ", ["离心机"]),  # initials
        ("lxj 西部", ["离心机"]),  # every word, each in its own way
        ("centrif", ["离心机"]),  # a part of a word
        ("Confocal MICROSCOPE", ["激光共聚焦显微镜"]),
        ("质谱", []),  # not shared
        ("离心 测序", []),  # not both
        ("%", []),  # not a wildcard
        ("离_机", []),
        ("(a+)+$", []),
        ("' OR 1=1 --", []),
        ("\\", []),
    ],
)
def test_words_find(session, park, now, typed, expected):
    assert names(found(session, park.ada, now, typed)) == expected


def test_an_asset_number_finds_its_pool(session, park, now):
    unit = units_of(session, park.sequencer)[0]
    assert names(found(session, park.ada, now, unit.asset_no.lower())) == ["基因测序仪"]


def test_a_search_longer_than_the_bounds_still_answers(session, park, now):
    assert found(session, park.ada, now, "离心 " * 2000).total == 1


def test_codes_rank_before_names_names_before_words_words_before_pinyin(session, park, now):
    def pool(**columns):
        made = create_pool(session, lab_id=park.west_lab.id, site_id=park.site.id, **columns)
        create_contribution(session, made)
        return made.name_zh

    # "lsm": initials of the first, maker of the second, name of the third, model of the fourth
    spoken = pool(name_zh="流水膜")
    word = pool(name_zh="甲", manufacturer="Zeiss LSM division")
    name = pool(name_zh="LSM 显微镜")
    code = pool(name_zh="乙", model="LSM")
    refresh_search(session, None)
    session.commit()
    assert names(found(session, park.ada, now, "lsm")) == [code, name, word, spoken]


def test_within_a_rank_the_soonest_free_comes_first(session, park, now):
    free = {
        park.confocal: now + 5 * HOUR,
        park.sequencer: now - 9 * HOUR,  # computed long ago: free now
        park.automatic: now - 2 * HOUR,  # so is this; then by id
        park.east_pool: None,  # not within the horizon
    }
    for pool, free_at in free.items():
        keep(session, PoolNextFree(pool_id=pool.id, free_at=free_at, computed_at=now))
    assert names(found(session, park.ada, now)) == [
        "基因测序仪", "离心机", "激光共聚焦显微镜", "流式细胞仪",
    ]  # fmt: skip


# --- one wrong letter ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        ("centrifgue", "centrifuge"),
        ("Confocl", "confocal"),
        ("hospital centrfuge", "hospital centrifuge"),
        ("离心 hospitl", "离心 hospital"),
    ],
)
def test_a_slip_is_corrected_when_nothing_is_found(session, park, now, typed, used):
    result = found(session, park.ada, now, typed)
    assert result.corrected.text == used
    assert result.total


@pytest.mark.parametrize("typed", ["centrifuge", "confocal zzzz", "zzzzzz", "mass", "离新", ""])
def test_nothing_is_corrected_without_need_or_to_no_avail(session, park, now, typed):
    assert found(session, park.ada, now, typed).corrected is None


def test_a_correction_does_not_tell_of_what_is_hidden(session, park, now):
    assert found(session, park.ada, now, "spectrometre").corrected is None
    assert found(session, park.ops, now, "spectrometr").total == 1  # found by its beginning
    assert found(session, park.ops, now, "spectrommeter").corrected.text == "spectrometer"


# --- ticks --------------------------------------------------------------------------------


def test_facets_count_over_the_result_and_have_names(session, park, now):
    child = create_category(session, name_zh="离心分离", level=2, parent_code=park.category.code)
    park.automatic.category_code = child.code
    session.commit()
    result = found(session, park.ada, now)
    assert result.facets.categories == {park.category.code: 4, child.code: 1}
    assert result.facets.institutions == {park.west.id: 3, park.east.id: 1}
    assert result.facets.sites == {park.site.id: 4}
    labels = facet_names(session, result, Chosen())
    assert labels.institutions[park.east.id].en == "East University"
    assert labels.categories[child.code].zh == "离心分离"
    chosen = Chosen(institutions=frozenset({park.east.id}))
    assert names(found(session, park.ada, now, chosen=chosen)) == ["流式细胞仪"]


def test_a_pool_without_a_unit_in_service_can_be_left_out(session, park, now):
    for unit in units_of(session, park.sequencer):
        unit.state = "down"
    session.commit()
    everything = found(session, park.ada, now)
    assert everything.facets.in_service == 3
    ready = found(session, park.ada, now, chosen=Chosen(in_service=True))
    assert "基因测序仪" not in names(ready)


# --- free from-to -------------------------------------------------------------------------


def test_only_pools_with_a_free_unit_are_found_for_a_time(session, park, now):
    wanted = Period(now + HOUR, now + 2 * HOUR)
    create_reservation(session, park.sequencer, wanted)  # its only unit
    create_reservation(session, park.confocal, wanted)  # one of three
    assert "基因测序仪" not in names(found(session, park.ada, now, period=wanted))
    assert "激光共聚焦显微镜" in names(found(session, park.ada, now, period=wanted))
    later = Period(now + 2 * HOUR, now + 3 * HOUR)  # back to back is free
    assert "基因测序仪" in names(found(session, park.ada, now, period=later))


@pytest.mark.parametrize(
    ("unit_warmup", "pool_warmup", "free"),
    [
        (None, None, True),
        (None, 30, False),  # the pool's buffer reaches into the reservation before
        (0, 30, True),  # the unit's own wins
        (30, None, False),
    ],
)
def test_buffers_count_when_looking_for_a_free_unit(
    session, park, now, unit_warmup, pool_warmup, free
):
    create_reservation(session, park.sequencer, Period(now + HOUR, now + 2 * HOUR))
    park.sequencer.warmup_minutes = pool_warmup
    units_of(session, park.sequencer)[0].warmup_minutes = unit_warmup
    session.commit()
    after = Period(now + 2 * HOUR, now + 3 * HOUR)
    assert ("基因测序仪" in names(found(session, park.ada, now, period=after))) is free


def test_units_out_of_service_are_not_free(session, park, now):
    units_of(session, park.sequencer)[0].state = "down"
    create_unit(session, park.sequencer, state="retired", retired_at=now)
    session.commit()
    soon = Period(now + HOUR, now + 2 * HOUR)
    assert "基因测序仪" not in names(found(session, park.ada, now, period=soon))


@pytest.mark.parametrize(
    ("opening", "shared", "who", "free"),
    [
        ("1 08:00-18:00", None, "ada", True),  # now is Monday 09:00 at the site
        ("1 12:00-18:00", None, "ada", False),
        ("2 08:00-18:00", None, "mei", False),  # opening hours hold for its own people too
        (None, "1 12:00-18:00", "ada", False),
        (None, "1 12:00-18:00", "mei", True),  # shared hours do not
        (None, "1 12:00-18:00", "ops", True),
        (None, "", "ada", False),  # shared, but at no hour
    ],
)
def test_hours_hold_when_looking_for_a_time(session, park, now, opening, shared, who, free):
    park.sequencer.opening_hours = opening
    agreement = session.query(Contribution).filter_by(pool_id=park.sequencer.id).one()
    agreement.shared_hours = shared
    session.commit()
    soon = Period(now + HOUR, now + 2 * HOUR)
    result = found(session, getattr(park, who), now, period=soon)
    assert ("基因测序仪" in names(result)) is free


def test_a_time_past_the_agreements_end_is_not_free_to_others(session, park, now):
    agreement = session.query(Contribution).filter_by(pool_id=park.sequencer.id).one()
    agreement.until_at = now + 90 * timedelta(minutes=1)
    session.commit()
    across = Period(now + HOUR, now + 2 * HOUR)
    assert "基因测序仪" not in names(found(session, park.ada, now, period=across))
    assert "基因测序仪" in names(found(session, park.mei, now, period=across))


# --- cards and pages ----------------------------------------------------------------------


def test_a_card_counts_units_in_service_and_free_now(session, park, now):
    units = units_of(session, park.confocal)
    units[0].state = "down"
    session.commit()
    create_reservation(session, park.confocal, Period(now - HOUR, now + HOUR), [units[1]])
    create_unit(session, park.confocal, state="retired", retired_at=now)
    card = found(session, park.ada, now, "confocal").cards[0]
    assert (card.units, card.in_service, card.free_now) == (3, 2, 1)
    assert card.institution.en == "West Hospital"
    assert card.open_now


def test_a_pool_without_units_has_a_card(session, park, now):
    empty = create_pool(session, units=0, lab_id=park.west_lab.id, site_id=park.site.id)
    cards = found(session, park.mei, now).cards
    card = next(card for card in cards if card.pool_id == empty.id)
    assert (card.units, card.in_service, card.free_now) == (0, 0, 0)


def test_pages_divide_the_result_without_loss(session, park, now):
    criteria = Criteria()
    pages = [search_pools(session, actor(park.ops), criteria, now, n, 2) for n in range(1, 5)]
    ids = [card.pool_id for page in pages for card in page.cards]
    assert sorted(ids) == sorted(session.scalars(db.select(Pool.id)))
    assert [page.has_more for page in pages] == [True, True, False, False]
    assert pages[0].total == 5


def test_the_search_is_a_value(park):
    assert replace(Criteria(), query=parse("x")) != Criteria()
