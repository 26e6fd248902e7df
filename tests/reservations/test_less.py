"""Giving something up: shortening, taking back a change, and what a former member may still do."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from booking.approvals.services.deciding import approve
from booking.companies.models import Membership
from booking.core.errors import Conflict, Forbidden, RuleViolated, Stale, WrongState
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.reservations.models import Allocation, Hold, Reservation
from booking.reservations.rules.life import Move
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.moving import Change, move
from booking.reservations.services.withdrawing import withdraw
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.steps import ask, at, shift


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


def approved(people, start, end, **more):
    booked = ask(actor(people.ada), start, end, **{"pool_id": people.confocal.id, **more})
    write(lambda s: approve(s, actor(people.mei), booked.reservation_id, NOW))
    return booked.reservation_id


def row(session, key):
    session.rollback()
    return session.get(Reservation, key)


def blocks(session, key):
    session.rollback()
    query = select(Allocation.unit_id, Allocation.block_start, Allocation.block_end).where(
        Allocation.reservation_id == key, Allocation.active == 1
    )
    return sorted((unit, start, end) for unit, start, end in session.execute(query))


def change(people, who, key, **wanted):
    return write(lambda s: move(s, actor(who), key, None, Change(**wanted), NOW))


# --- shortening -------------------------------------------------------------------------


def test_a_shortened_block_keeps_its_buffers_however_long_they_are_today(people, any_session):
    pool = people.sequencer
    pool.warmup_minutes, pool.cleanup_minutes = 15, 30
    any_session.commit()
    key = approved(people, 10, 13, pool_id=pool.id)
    neighbour = approved(people, 14, 15, pool_id=pool.id)
    [(unit, start, end)] = blocks(any_session, key)
    assert (start, end) == (at(9.75), at(13.5))

    pool.warmup_minutes, pool.cleanup_minutes = 60, 180
    any_session.commit()

    assert change(people, people.ada, key, start=at(10.5), end=at(12)) is Move.KEEP_APPROVAL
    assert blocks(any_session, key) == [(unit, at(10.25), at(12.5))]
    assert blocks(any_session, neighbour) == [(unit, at(13.75), at(15.5))]


def test_fewer_units_keep_those_that_were_held(people, any_session):
    key = approved(people, 10, 12, quantity=3)
    held = blocks(any_session, key)

    change(people, people.ada, key, quantity=2, end=at(11))

    assert blocks(any_session, key) == [(unit, at(10), at(11)) for unit, _, _ in held[:2]]
    ask(actor(people.cy), 11, 12, pool_id=people.confocal.id, quantity=3)


@pytest.mark.parametrize(
    ("column", "value"),
    [("opening_hours", "2 18:00-20:00"), ("max_minutes", 15), ("max_units", 1)],
)
def test_a_rule_that_came_later_does_not_keep_anybody_from_giving_up(
    people, any_session, column, value
):
    key = approved(people, 10, 14, quantity=2)
    setattr(people.confocal, column, value)
    any_session.commit()

    assert change(people, people.ada, key, end=at(12)) is Move.KEEP_APPROVAL
    with pytest.raises(RuleViolated):
        change(people, people.ada, key, end=at(14))


def test_a_unit_out_of_service_can_be_given_up_in_part(people, any_session):
    unit = people.confocal_units[0]
    key = approved(people, 10, 12, pool_id=None, unit_id=unit.id)
    unit.state = "down"
    any_session.commit()

    change(people, people.ada, key, end=at(11))

    assert blocks(any_session, key) == [(unit.id, at(10), at(11))]


def test_what_remains_still_has_a_least_length(people, any_session):
    people.confocal.min_minutes = 60
    any_session.commit()
    key = approved(people, 10, 12)

    with pytest.raises(RuleViolated) as refused:
        change(people, people.ada, key, end=at(10.5))

    assert [v.code for v in refused.value.violations] == ["too_short"]


# --- taking back a change ---------------------------------------------------------------


def pending_change(people, session):
    key = approved(people, 10, 11, pool_id=None, unit_id=people.confocal_units[0].id)
    assert shift(session, actor(people.ada), key, 13, 14) is Move.REQUEST
    return key


def nothing_waits(people, session, key):
    session.rollback()
    assert session.scalars(select(Hold).where(Hold.released_at.is_(None))).all() == []
    questions = select(Outbox.state).where(Outbox.kind == "change_requested")
    assert set(session.scalars(questions)) == {"void"}
    found = row(session, key)
    assert (found.status, found.start_at, found.version) == ("approved", at(10), 4)
    ask(actor(people.cy), 13, 14, unit_id=people.confocal_units[0].id)
    with pytest.raises(Conflict):
        ask(actor(people.cy), 10, 11, unit_id=people.confocal_units[0].id)


def test_moving_back_to_the_present_times_takes_the_change_back(people, any_session):
    key = pending_change(people, any_session)
    assert shift(any_session, actor(people.ada), key, 10, 11) is Move.WITHDRAW
    nothing_waits(people, any_session, key)


def test_a_change_is_withdrawn_once_and_by_who_may_change(people, any_session):
    key = pending_change(people, any_session)
    with pytest.raises(Forbidden):
        write(lambda s: withdraw(s, actor(people.bo), key, NOW))
    with pytest.raises(Stale):
        write(lambda s: withdraw(s, actor(people.ada), key, NOW, 2))

    write(lambda s: withdraw(s, actor(people.ada), key, NOW, 3))

    nothing_waits(people, any_session, key)
    with pytest.raises(WrongState, match="no_open_change"):
        write(lambda s: withdraw(s, actor(people.ada), key, NOW))


def test_the_person_is_told_when_somebody_else_takes_it_back(people, any_session):
    key = pending_change(people, any_session)
    write(lambda s: withdraw(s, actor(people.ops), key, NOW))
    any_session.rollback()
    told = select(Outbox.kind).where(Outbox.recipient_id == people.ada.id)
    assert "change_rejected" in set(any_session.scalars(told))


def test_a_new_note_alone_leaves_the_change_waiting(people, any_session):
    key = pending_change(people, any_session)
    assert change(people, people.ada, key, note="样品易碎") is None
    any_session.rollback()
    assert len(any_session.scalars(select(Hold).where(Hold.released_at.is_(None))).all()) == 1


# --- after a membership has ended -------------------------------------------------------


def leave(session, user):
    """End the person's places, and return who they are to services since."""
    session.execute(update(Membership).where(Membership.user_id == user.id).values(until_at=NOW))
    session.commit()


@pytest.mark.parametrize("who", ["ada", "mei", "ops"])
def test_a_former_member_gives_up_but_takes_nothing_new(people, any_session, who):
    key = approved(people, 10, 12)
    leave(any_session, people.ada)
    user = actor(getattr(people, who))
    if who == "ada":
        user = replace(user, parties=())
    for wanted in ({"end": at(13)}, {"start": at(14), "end": at(16)}, {"quantity": 2}):
        with pytest.raises(WrongState, match="membership_ended"):
            write(lambda s, w=wanted: move(s, user, key, None, Change(**w), NOW))

    write(lambda s: move(s, user, key, None, Change(end=at(11)), NOW))
    write(lambda s: cancel(s, user, key, "离开", NOW))
    assert row(any_session, key).status == "cancelled"
