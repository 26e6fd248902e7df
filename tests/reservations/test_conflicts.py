"""Scenarios 1–8, 15, 17 of the acceptance list, through the service, on both engines."""

import pytest
from sqlalchemy import func, select

from booking.core.errors import Conflict, Invalid, RuleViolated
from booking.infra.db import write
from booking.reservations.models import Allocation, Reservation
from booking.reservations.services.cancelling import cancel
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.steps import ask, at, shift


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


def rows(session):
    return session.execute(select(func.count()).select_from(Reservation)).scalar_one()


def test_a_taken_slot_is_refused_and_nothing_is_written(people, any_session):
    unit = people.confocal_units[0].id
    ask(actor(people.ada), 10, 11, unit_id=unit)
    with pytest.raises(Conflict) as refused:
        ask(actor(people.cy), 10, 11, unit_id=unit)
    assert [c.unit_id for c in refused.value.conflicts] == [unit]
    assert rows(any_session) == 1


def test_touching_reservations_do_not_conflict(people, any_session):
    unit = people.confocal_units[0].id
    ask(actor(people.ada), 10, 11, unit_id=unit)
    ask(actor(people.cy), 11, 12, unit_id=unit)
    ask(actor(people.cy), 9, 10, unit_id=unit)
    assert rows(any_session) == 3


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (9.5, 10.25),  # over the start
        (10.75, 12),  # over the end
        (10.25, 10.75),  # inside
        (9, 12),  # around
    ],
)
def test_any_overlap_is_refused(people, start, end):
    unit = people.confocal_units[0].id
    ask(actor(people.ada), 10, 11, unit_id=unit)
    with pytest.raises(Conflict):
        ask(actor(people.cy), start, end, unit_id=unit)


def test_the_same_time_on_another_unit_is_free(people, any_session):
    ask(actor(people.ada), 10, 11, unit_id=people.confocal_units[0].id)
    ask(actor(people.cy), 10, 11, unit_id=people.confocal_units[1].id)
    assert rows(any_session) == 2


def test_a_cancelled_reservation_holds_nothing(people):
    unit = people.confocal_units[0].id
    booked = ask(actor(people.ada), 10, 11, unit_id=unit)
    write(lambda s: cancel(s, actor(people.ada), booked.reservation_id, "", NOW))
    ask(actor(people.cy), 10, 11, unit_id=unit)


def test_a_reservation_may_overlap_its_old_self_when_moved(people, any_session):
    booked = ask(actor(people.ada), 10, 11, unit_id=people.confocal_units[0].id)
    shift(any_session, actor(people.ada), booked.reservation_id, 10.5, 11.5)
    row = any_session.get(Reservation, booked.reservation_id)
    assert (row.start_at, row.end_at, row.status) == (at(10.5), at(11.5), "pending")


def test_moving_onto_another_is_refused_and_the_old_times_stay(people, any_session):
    unit = people.confocal_units[0].id
    mine = ask(actor(people.ada), 10, 11, unit_id=unit)
    ask(actor(people.cy), 12, 13, unit_id=unit)
    with pytest.raises(Conflict):
        shift(any_session, actor(people.ada), mine.reservation_id, 11.5, 12.5)
    row = any_session.get(Reservation, mine.reservation_id)
    assert (row.start_at, row.end_at, row.version) == (at(10), at(11), 1)
    with pytest.raises(Conflict):  # and still holds them
        ask(actor(people.cy), 10, 11, unit_id=unit)


def test_a_pool_gives_as_many_units_as_it_has(people):
    pool = people.confocal.id
    ask(actor(people.ada), 10, 11, pool_id=pool, quantity=2)
    with pytest.raises(Conflict):
        ask(actor(people.cy), 10.5, 11.5, pool_id=pool, quantity=2)
    ask(actor(people.cy), 10.5, 11.5, pool_id=pool, quantity=1)
    ask(actor(people.cy), 11.5, 12.5, pool_id=pool, quantity=3)


def test_three_wrong_quantities_give_three_answers(people, any_session):
    people.confocal.max_units = 2
    any_session.commit()
    who, pool = actor(people.ada), people.confocal.id
    with pytest.raises(Invalid, match="quantity_invalid"):
        ask(who, 10, 11, pool_id=pool, quantity=0)
    with pytest.raises(RuleViolated) as limit:
        ask(who, 10, 11, pool_id=pool, quantity=3)
    assert [v.code for v in limit.value.violations] == ["too_many_units"]
    with pytest.raises(RuleViolated) as both:
        ask(who, 10, 11, pool_id=pool, quantity=4)
    assert [v.code for v in both.value.violations] == ["too_many_units", "not_enough_units"]


def test_best_fit_leaves_the_long_gap_free(people, any_session):
    # Unit 1 is free between 9 and 11 only, the others all day: the hour goes into the small gap.
    first = people.confocal_units[0].id
    ask(actor(people.ada), 8, 9, unit_id=first)
    ask(actor(people.ada), 11, 12, unit_id=first)
    booked = ask(actor(people.cy), 9, 11, pool_id=people.confocal.id)
    held = any_session.scalars(
        select(Allocation.unit_id).where(Allocation.reservation_id == booked.reservation_id)
    ).all()
    assert held == [first]


def test_buffers_keep_their_distance_on_both_sides(people, any_session):
    people.sequencer.warmup_minutes, people.sequencer.cleanup_minutes = 15, 30
    any_session.commit()
    pool = people.sequencer.id
    ask(actor(people.ada), 10, 11, pool_id=pool)
    for start, end in ((11.5, 12), (11.25, 12), (9, 9.5)):
        with pytest.raises(Conflict):
            ask(actor(people.cy), start, end, pool_id=pool)
    ask(actor(people.cy), 11.75, 12.5, pool_id=pool)  # 30 clean-up + 15 warm-up
    ask(actor(people.cy), 8, 9.25, pool_id=pool)
