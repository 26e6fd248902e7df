"""A unit in another group, a group split: what is booked goes along, moves or ends."""

import pytest
from sqlalchemy import select

from booking.audit.models import Audit
from booking.core.errors import Invalid, NotFound, RuleViolated, WrongState
from booking.infra.db import write
from booking.inventory.models import Contribution, Pool, Unit
from booking.policies.rules.settings import Change as Setting
from booking.policies.services.settings import set_rule
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.dealing import Dealing
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.dealing import Dealt
from booking.reservations.services.moving import Change, move
from booking.reservations.services.regrouping import Split, regroup_unit, split_pool
from booking.reservations.services.short_holds import keep_slot
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor, units_of
from tests.pages import browser, said
from tests.reservations.steps import ask, at


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture
def booked(people, any_session):
    """Return the first centrifuge, and two reservations on it: any unit, and that unit."""
    first = units_of(any_session, people.automatic)[0].id
    any_unit = ask(
        actor(people.ada), 10, 11, pool_id=people.automatic.id, preferred_unit_ids=(first,)
    ).reservation_id
    return first, any_unit, ask(actor(people.cy), 12, 13, unit_id=first).reservation_id


@pytest.fixture(autouse=True)
def swept(any_session):
    yield
    assert broken(any_session, NOW) == {}


def regroup(people, unit, target, who=None, **dealing):
    decided = Dealing(**{"reason": "搬迁", **dealing})
    return write(lambda s: regroup_unit(s, who or actor(people.mei), unit, target.id, NOW, decided))


def split(people, *units, **dealing):
    wanted = Split(units, "离心机二组")
    decided = Dealing(**{"reason": "拆分", **dealing})
    return write(
        lambda s: split_pool(s, actor(people.mei), people.automatic.id, wanted, NOW, decided)
    )


def pool_of(session, reservation):
    return session.get(Reservation, reservation, populate_existing=True).pool_id


def test_a_unit_goes_with_what_is_kept_and_leaves_what_moves(people, any_session, booked):
    unit, any_unit, named = booked
    with pytest.raises(WrongState) as refused:
        regroup(people, unit, people.sequencer, fates={any_unit: "move"})
    assert refused.value.code == "has_live_reservations"
    done = regroup(people, unit, people.sequencer, fates={any_unit: "move", named: "keep"})
    assert done == Dealt(moved=1, kept=1)
    assert any_session.get(Unit, unit, populate_existing=True).pool_id == people.sequencer.id
    assert pool_of(any_session, any_unit) == people.automatic.id
    assert pool_of(any_session, named) == people.sequencer.id
    held = select(Allocation.unit_id).where(Allocation.reservation_id == named)
    assert any_session.scalars(held.where(Allocation.active == 1)).all() == [unit]
    assert {"unit.regroup", "reservation.regroup"} <= set(any_session.scalars(select(Audit.action)))


def test_what_the_other_groups_rules_forbid_stays_out(people, any_session, booked):
    unit, any_unit, named = booked
    mei, target = actor(people.mei), ("pool", str(people.sequencer.id))
    write(lambda s: set_rule(s, mei, target, Setting("min_minutes", 120), NOW))
    with pytest.raises(WrongState) as refused:
        regroup(people, unit, people.sequencer, fates={any_unit: "cancel", named: "keep"})
    assert refused.value.code == "cannot_go_along"
    assert any_session.get(Unit, unit, populate_existing=True).pool_id == people.automatic.id
    assert regroup(people, unit, people.sequencer, rest="cancel") == Dealt(cancelled=2)


def test_one_of_several_units_cannot_be_torn_off(people, any_session):
    units = units_of(any_session, people.automatic)
    both = ask(actor(people.ada), 10, 11, pool_id=people.automatic.id, quantity=2)
    with pytest.raises(WrongState) as refused:
        regroup(people, units[0].id, people.sequencer, fates={both.reservation_id: "keep"})
    assert refused.value.code == "needs_both_pools"


def test_an_undecided_change_onto_the_unit_is_taken_back(people, any_session):
    unit = people.confocal_units[0].id
    key = ask(actor(people.mei), 10, 11, unit_id=unit, on_behalf_of=people.ada.id).reservation_id
    write(lambda s: move(s, actor(people.ada), key, None, Change(at(14), at(15)), NOW))
    regroup(people, unit, people.sequencer, rest="keep")
    held = select(Allocation.block_start).where(Allocation.unit_id == unit, Allocation.active == 1)
    assert any_session.scalars(held).all() == [at(10)]


def test_what_is_kept_for_a_form_on_it_is_given_back(people, any_session):
    unit = units_of(any_session, people.automatic)[0].id
    slot = BookingRequest(at(10), at(11), unit_id=unit)
    write(lambda s: keep_slot(s, actor(people.ada), slot, NOW))
    regroup(people, unit, people.sequencer)
    assert not any_session.scalars(select(Allocation.id).where(Allocation.active == 1)).all()


@pytest.mark.parametrize("who", ["ada", "dee", "rep"])
def test_only_who_looks_after_both_moves_a_unit(people, booked, who):
    with pytest.raises(NotFound):
        regroup(people, booked[0], people.sequencer, actor(getattr(people, who)), rest="keep")


def test_a_unit_stays_with_its_institution(people, any_session, booked):
    ops = actor(people.ops)
    for target in (people.east_pool, people.automatic):
        with pytest.raises(Invalid) as refused:
            regroup(people, booked[0], target, ops, rest="keep")
        assert refused.value.field == "pool_id"


def test_a_group_split_off_is_as_the_old_one(people, any_session, booked):
    unit, any_unit, named = booked
    mei, scope = actor(people.mei), ("pool", str(people.automatic.id))
    write(lambda s: set_rule(s, mei, scope, Setting("one_at_a_time", True), NOW))
    assert split(people, unit, rest="keep") == Dealt(kept=2)
    made = any_session.scalars(select(Pool).where(Pool.name_zh == "离心机二组")).one()
    assert (made.approval, made.lab_id) == ("auto", people.west_lab.id)
    assert {pool_of(any_session, key) for key in (any_unit, named)} == {made.id}
    shared = select(Contribution).where(Contribution.pool_id == made.id)
    assert any_session.scalars(shared).one().ended_at is None
    with pytest.raises(RuleViolated):
        ask(actor(people.ada), 10, 11, pool_id=made.id)


@pytest.mark.parametrize(("units", "code"), [(0, "units_needed"), (2, "all_units")])
def test_some_units_leave_and_some_stay(people, any_session, units, code):
    chosen = [unit.id for unit in units_of(any_session, people.automatic)][:units]
    with pytest.raises(Invalid) as refused:
        split(people, *chosen)
    assert (refused.value.code, refused.value.field) == (code, "unit_ids")


# --- pages ----------------------------------------------------------------------------------


def test_the_page_shows_who_cannot_go_along(any_app, people, any_session, booked):
    unit, any_unit, named = booked
    mei, target = actor(people.mei), ("pool", str(people.sequencer.id))
    write(lambda s: set_rule(s, mei, target, Setting("min_minutes", 120), NOW))
    client = browser(any_app, people.mei)
    assert "/group/" in client.get(f"/manage/units/{unit}/group").text
    address = f"/manage/units/{unit}/group/{people.sequencer.id}"
    page = client.get(address).text
    assert "2 reservations are hit" in said(page)
    assert "Cannot go along" in said(page)
    data = {f"fate-{any_unit}": "move", f"fate-{named}": "cancel", "reason": "搬迁"}
    assert client.post(address, data=data).status_code == 302
    assert any_session.get(Unit, unit, populate_existing=True).pool_id == people.sequencer.id


def test_a_group_is_split_by_page(any_app, people, any_session, booked):
    unit, any_unit, named = booked
    client = browser(any_app, people.mei)
    address = f"/manage/pools/{people.automatic.id}/split"
    assert "checked" in client.get(f"{address}?unit={unit}").text
    data = {"unit_ids": str(unit), "name_zh": "离心机二组"}
    asked = client.post(address, data=data)
    assert (asked.status_code, "goes along" in said(asked.text)) == (409, True)
    fates = {f"fate-{any_unit}": "keep", f"fate-{named}": "keep"}
    assert client.post(address, data={**data, **fates}).status_code == 302
    assert len(units_of(any_session, people.automatic)) == 1


def test_what_stands_in_the_way_of_retiring_a_lab_is_one_step_away(any_app, people):
    client = browser(any_app, people.ops)
    refused = client.post(f"/park/labs/{people.west_lab.id}/retire")
    assert refused.status_code == 409
    assert f'href="/manage/pools?lab={people.west_lab.id}"' in refused.text
    there = client.post(f"/park/institutions/{people.west.id}/retire")
    assert 'href="/park/labs?q=' in there.text
