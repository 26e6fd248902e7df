"""Whose time a fault took, and could not be moved, is served first where the rule says so."""

import json

import pytest
from sqlalchemy import select

from booking.core.errors import WrongState
from booking.core.period import Period
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.reservations.models import Hold, Reservation, WaitlistEntry, WaitlistEvent
from booking.reservations.queries.offers import has_offer
from booking.reservations.queries.reservations import unit_ids_of
from booking.reservations.queries.sweep import broken
from booking.reservations.queries.waiting import visible_waiting
from booking.reservations.rules.dealing import Dealing
from booking.reservations.rules.waiting import Wish
from booking.reservations.services.breakdown import take_out_of_service
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.closing import close_unit
from booking.reservations.services.offering import offer_waiting
from booking.reservations.services.waiting import accept, join
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor, units_of
from tests.reservations.ruled import set_rule
from tests.reservations.steps import ask, at


@pytest.fixture
def people(any_session, clock):
    """Return the cast; the centrifuges can be booked on Tuesday from 8 to 12 only."""
    made = cast(any_session)
    made.automatic.opening_hours, made.automatic.horizon_days = "2 08:00-12:00", 2
    any_session.commit()
    set_rule(any_session, "priority_after_fault", value=True)
    return made


@pytest.fixture
def units(people, any_session):
    return [unit.id for unit in units_of(any_session, people.automatic)]


@pytest.fixture
def lost(people, units):
    """Return Ada's reservation of a centrifuge, and Cy's of the other: nothing else is free."""
    mine = ask(actor(people.ada), 10, 12, unit_id=units[0]).reservation_id
    return mine, ask(actor(people.cy), 8, 12, unit_id=units[1]).reservation_id


@pytest.fixture(autouse=True)
def healthy(any_session):
    yield
    any_session.rollback()
    assert broken(any_session, NOW) == {}


def fault(people, unit, fate="cancel"):
    dealing = Dealing(rest=fate, reason="故障")
    write(lambda s: take_out_of_service(s, actor(people.mei), unit, "", dealing, NOW))


def wait(who, pool):
    wish = Wish("offer", at(8), at(12), 120, pool_id=pool.id)
    return write(lambda s: join(s, actor(who), wish, NOW))


def drop(who, id_):
    write(lambda s: cancel(s, actor(who), id_, "", NOW))


def entries(session):
    """Return the entries by the person's id."""
    session.rollback()
    query = select(WaitlistEntry).execution_options(populate_existing=True)
    return {entry.user_id: entry for entry in session.scalars(query)}


def row(session, id_):
    session.rollback()
    return session.get(Reservation, id_, populate_existing=True)


def test_who_lost_their_time_comes_before_those_who_waited_longer(people, any_session, units, lost):
    wait(people.bo, people.automatic)
    fault(people, units[0])
    mine = entries(any_session)[people.ada.id]
    assert (mine.priority, mine.state, mine.minutes, mine.replaces_id, mine.unit_id) == (
        1, "waiting", 120, lost[0], None,
    )  # fmt: skip
    places = any_session.execute(visible_waiting(actor(people.ops))).all()
    assert {r.person: r.place for r in places} == {"Ada": 1, "Bo": 2}
    drop(people.cy, lost[1])
    found = entries(any_session)
    hold = any_session.get(Hold, found[people.ada.id].hold_id)
    assert (found[people.ada.id].state, hold.start_at) == ("offered", at(8))
    assert found[people.bo.id].state == "offered"  # 10-12 is left for him
    made = write(lambda s: accept(s, actor(people.ada), found[people.ada.id].id, NOW))
    assert (row(any_session, made).start_at, row(any_session, made).status) == (at(8), "approved")


def test_what_is_free_already_is_offered_at_once(people, any_session, units):
    ask(actor(people.ada), 10, 12, unit_id=units[0])
    fault(people, units[0])
    assert entries(any_session)[people.ada.id].state == "offered"


def test_the_mail_says_so_and_only_where_the_rule_does(people, any_session, units, lost):
    fault(people, units[0])
    told = select(Outbox.parameters).where(Outbox.kind == "cancelled")
    assert json.loads(any_session.scalars(told).one())["first"] is True
    set_rule(any_session, "priority_after_fault", value=False, pool=people.automatic)
    fault(people, units[1])
    assert set(entries(any_session)) == {people.ada.id}


def test_a_kept_one_ends_when_another_time_is_taken_for_it(people, any_session, units, lost):
    fault(people, units[0], "keep")
    drop(people.cy, lost[1])
    mine = entries(any_session)[people.ada.id]
    assert (mine.state, row(any_session, lost[0]).status) == ("offered", "approved")
    made = write(lambda s: accept(s, actor(people.ada), mine.id, NOW))
    assert row(any_session, lost[0]).status == "cancelled"
    assert unit_ids_of(any_session, [made]) == {made: [units[1]]}


def test_a_kept_one_that_begins_needs_no_other_time(people, any_session, units, lost):
    fault(people, units[0], "keep")
    pool = people.automatic.id
    assert has_offer(any_session, pool, at(10.5))
    any_session.rollback()
    write(lambda s: offer_waiting(s, pool, at(10.5)))
    assert entries(any_session)[people.ada.id].state == "lapsed"


def test_a_closure_gives_priority_only_for_a_fault(people, any_session, units, lost):
    for kind, found in (("maintenance", set()), ("fault", {people.cy.id})):
        unit, dealing = units[found != set()], Dealing(rest="cancel", reason="停机")
        write(
            lambda s, u=unit, k=kind, d=dealing: close_unit(
                s, actor(people.mei), u, Period(at(8), at(12)), k, "", NOW, d
            )
        )
        assert set(entries(any_session)) == found


def test_who_is_moved_has_lost_nothing(people, any_session, units):
    ask(actor(people.ada), 10, 12, unit_id=units[0])
    fault(people, units[0], "move")
    assert entries(any_session) == {}


def test_a_second_fault_does_not_queue_the_same_one_twice(people, any_session, units, lost):
    fault(people, units[0], "keep")
    fault(people, units[0], "cancel")
    assert list(entries(any_session)) == [people.ada.id]


def test_an_offer_of_a_unit_that_breaks_is_taken_back_and_the_place_kept(
    people, any_session, units
):
    ask(actor(people.cy), 8, 12, unit_id=units[1])
    entry = wait(people.bo, people.automatic)
    assert entries(any_session)[people.bo.id].state == "offered"
    fault(people, units[0])
    mine = entries(any_session)[people.bo.id]
    assert (mine.state, mine.hold_id) == ("waiting", None)
    with pytest.raises(WrongState):
        write(lambda s: accept(s, actor(people.bo), entry, NOW))
    last = select(WaitlistEvent.what).where(WaitlistEvent.entry_id == entry)
    assert any_session.scalars(last.order_by(WaitlistEvent.id)).all()[-1] == "taken_back"


def test_who_loses_an_offer_gets_what_else_is_free(people, any_session, units):
    entry = wait(people.bo, people.automatic)
    hold = any_session.get(Hold, entries(any_session)[people.bo.id].hold_id)
    offered = int(hold.unit_ids)
    fault(people, offered)
    mine = entries(any_session)[people.bo.id]
    again = any_session.get(Hold, mine.hold_id)
    assert (mine.id, mine.state) == (entry, "offered")
    assert int(again.unit_ids) == next(unit for unit in units if unit != offered)
