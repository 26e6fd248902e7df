"""Setting rules along the tree: who may, what is refused, what is kept, whom it reaches."""

import json

import pytest
from sqlalchemy import select

from booking.audit.models import Audit
from booking.core.errors import Invalid, NotFound, Stale
from booking.infra.db import write
from booking.inventory.models import Pool
from booking.inventory.rules.pools import PoolFields
from booking.inventory.services.pools import create_pool
from booking.policies.jobs import spread_buffers
from booking.policies.models import RuleEdition, RuleValue
from booking.policies.queries.book import current_book
from booking.policies.queries.own import own_settings, scope_to_edit
from booking.policies.rules.settings import Change, fingerprint
from booking.policies.services import settings
from booking.reservations.queries.facts import pool_facts, units_of
from tests import factories
from tests.cast import cast


@pytest.fixture
def park(any_session):
    return cast(any_session)


@pytest.fixture
def mei(park):
    return factories.actor(park.mei)


@pytest.fixture
def ops(park):
    return factories.actor(park.ops)


def put(actor, scope, now, *changes, **more):
    return write(lambda s: settings.change_rules(s, actor, scope, changes, now, **more))


def rules_of(session, pool):
    return pool_facts(session, [pool.id])[pool.id].rules


def test_a_value_at_each_place_reaches_the_pool_and_names_its_origin(any_session, park, ops, now):
    pool = park.confocal
    for kind, key, minutes in (
        ("park", "", 20), ("site", str(park.site.id), 30), ("category", park.category.code, 40),
        ("lab", str(park.west_lab.id), 50), ("pool", str(pool.id), 60),
    ):  # fmt: skip
        put(ops, (kind, key), now, Change("min_minutes", minutes))
        rule = rules_of(any_session, pool).min_minutes
        assert (rule.value, rule.origin) == (minutes, kind)
        any_session.rollback()
    put(ops, ("pool", str(pool.id)), now, Change("min_minutes", clear=True))
    assert rules_of(any_session, pool).min_minutes.origin == "lab"
    assert rules_of(any_session, park.east_pool).min_minutes.origin == "category"


def test_one_of_the_old_rules_is_kept_in_the_pools_column(any_session, park, mei, now):
    hours = "1 08:00-12:00;1 22:00-30:00"
    put(mei, ("pool", str(park.confocal.id)), now,
        Change("opening_hours", hours), Change("level", 2))  # fmt: skip
    pool = any_session.get_one(Pool, park.confocal.id, populate_existing=True)
    assert pool.opening_hours == hours
    assert any_session.scalars(select(RuleValue.rule)).all() == ["level"]
    assert rules_of(any_session, pool).level.value == 2


def test_each_change_is_a_new_edition_and_no_change_is_none(any_session, park, ops, now):
    def edition():
        any_session.rollback()
        return any_session.scalar(select(RuleEdition.number))

    put(ops, ("park", ""), now, Change("min_minutes", 30))
    first = edition()
    put(ops, ("park", ""), now, Change("min_minutes", 30))
    assert edition() == first
    put(ops, ("park", ""), now, Change("min_minutes", 45))
    assert edition() != first


def test_a_change_is_audited_with_before_and_after(any_session, park, mei, now):
    lab = ("lab", str(park.west_lab.id))
    put(mei, lab, now, Change("level", 1, "tag:night", grants=True))
    put(mei, lab, now, Change("level", 2, "tag:night"))
    put(mei, lab, now, Change("level", group="tag:night", clear=True))
    rows = any_session.scalars(
        select(Audit).where(Audit.action.startswith("rule.")).order_by(Audit.id)
    ).all()
    assert [row.action for row in rows] == ["rule.set", "rule.set", "rule.clear"]
    before, after = json.loads(rows[1].before), json.loads(rows[1].after)
    assert (before["value"], before["grants"]) == (1, True)
    assert (after["value"], after["grants"], after["group"]) == (2, False, "tag:night")
    assert {row.subject_id for row in rows} == {park.west_lab.id}
    assert {row.actor_id for row in rows} == {park.mei.id}


@pytest.mark.parametrize("who", ["ada", "bo", "cy", "dee", "rep"])
def test_nobody_else_sets_a_labs_rules(any_session, park, now, who):
    actor = factories.actor(getattr(park, who))
    for scope in (("lab", str(park.west_lab.id)), ("pool", str(park.confocal.id)), ("park", "")):
        with pytest.raises(NotFound):
            put(actor, scope, now, Change("min_minutes", 30))


def test_a_manager_sets_nothing_above_the_lab(any_session, park, mei, now):
    for scope in (("park", ""), ("site", str(park.site.id)), ("category", park.category.code)):
        with pytest.raises(NotFound):
            put(mei, scope, now, Change("min_minutes", 30))


@pytest.mark.parametrize("scope", [("lab", "987654"), ("pool", "x"), ("site", "-1"), ("no", "1"),
                                   ("category", "zz")])  # fmt: skip
def test_a_place_that_is_not_there_is_not_found(any_session, park, ops, now, scope):
    with pytest.raises(NotFound):
        put(ops, scope, now, Change("min_minutes", 30))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change("colour", 1), "unknown_rule"),
        (Change("min_minutes", 0), "out_of_range"),
        (Change("min_minutes", "30"), "not_whole"),
        (Change("granularity_minutes", 7), "not_a_grid"),
        (Change("holidays", "maybe"), "unknown_choice"),
        (Change("opening_hours", "never mind"), "not_hours"),
        (Change("opening_hours", "1 08:00-18:00", "tag:x"), "not_for_groups"),
        (Change("level", 1, "company:987654"), "unknown_group"),
        (Change("level", 1, "tier:royal"), "unknown_group"),
        (Change("level", 1, "level:0"), "unknown_group"),
        (Change("level", 1, "tag: x"), "unknown_group"),
        (Change("level", 1, "colour:red"), "unknown_group"),
    ],
)
def test_an_unfit_value_is_refused_by_the_registry(any_session, park, ops, now, change, code):
    with pytest.raises(Invalid) as refused:
        put(ops, ("park", ""), now, change)
    assert (refused.value.code, refused.value.field) == (code, change.rule)


def test_limits_that_leave_no_length_are_refused_wherever_they_meet(any_session, park, mei, now):
    pool, lab = ("pool", str(park.confocal.id)), ("lab", str(park.west_lab.id))
    put(mei, pool, now, Change("min_minutes", 120))
    for scope, change in (
        (pool, Change("max_minutes", 60)),
        (lab, Change("max_minutes", 60)),
        (lab, Change("max_minutes", 60, "tier:resident")),
        (pool, Change("max_minutes", 60, "tag:short")),
    ):
        with pytest.raises(Invalid) as refused:
            put(mei, scope, now, change)
        assert (refused.value.code, refused.value.field) == ("no_length_fits", "max_minutes")
    put(mei, lab, now, Change("max_minutes", 120))


def test_a_form_older_than_the_last_change_is_refused(any_session, park, mei, now):
    lab = ("lab", str(park.west_lab.id))
    seen = fingerprint(own_settings(any_session, scope_to_edit(any_session, mei, *lab)))
    any_session.rollback()
    put(mei, lab, now, Change("level", 1), seen=seen)
    with pytest.raises(Stale):
        put(mei, lab, now, Change("level", 2), seen=seen)


def test_buffers_set_above_reach_units_but_not_pools_with_their_own(any_session, park, ops, now):
    put(ops, ("pool", str(park.sequencer.id)), now, Change("warmup_minutes", 5))
    assert put(ops, ("lab", str(park.west_lab.id)), now, Change("warmup_minutes", 25),
               Change("cleanup_minutes", 10))  # fmt: skip
    spread_buffers()
    found = {p.id: [(u.warmup_minutes, u.cleanup_minutes) for u in units_of(any_session, p.id)]
             for p in (park.confocal, park.sequencer, park.east_pool)}  # fmt: skip
    assert set(found[park.confocal.id]) == {(25, 10)}
    assert found[park.sequencer.id] == [(5, 10)]
    assert found[park.east_pool.id] == [(0, 0)]
    row = any_session.get_one(RuleEdition, 1, populate_existing=True)
    assert row.buffers_number == row.number
    any_session.rollback()
    # Another rule keeps them settled; nothing is left to do.
    put(ops, ("park", ""), now, Change("level", 1))
    row = any_session.get_one(RuleEdition, 1, populate_existing=True)
    assert row.buffers_number == row.number


def test_a_new_pool_has_the_buffers_of_its_lab(any_session, park, ops, now):
    lab = park.west_lab.id
    put(ops, ("lab", str(lab)), now, Change("cleanup_minutes", 15))
    fields = PoolFields(park.site.id, "新设备")
    made = write(lambda s: create_pool(s, ops, lab, fields, "instrument", 1, now))
    assert any_session.get_one(Pool, made).inherited_cleanup_minutes == 15


def test_a_book_read_elsewhere_is_read_anew(any_session, park, ops, now):
    old = current_book(any_session)
    any_session.rollback()
    put(ops, ("park", ""), now, Change("level", 3))
    assert current_book(any_session) is not old
