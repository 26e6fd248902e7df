"""Bundles and chains through the service: all or nothing, moved and ended as one."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from booking.core.errors import (
    Conflict,
    Invalid,
    NotFound,
    PartsTaken,
    PartsViolated,
    RuleViolated,
)
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.reservations.models import Reservation, ReservationGroup
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.groups import BundleWanted, ChainWanted
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.bundles import (
    find_chain,
    make_bundle,
    make_chain,
    preview_bundle,
)
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.grouped import change, end, members
from tests.reservations.ruled import set_rule
from tests.reservations.steps import ask, at


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture
def ada(people):
    return actor(people.ada)


@pytest.fixture
def operator(any_session, people):
    """Return a pool whose one unit is a person's time."""
    pool = factories.create_pool(
        any_session, units=0, lab_id=people.west_lab.id, site_id=people.site.id, approval="auto"
    )
    factories.create_unit(any_session, pool, kind="person", name="王工")
    factories.create_contribution(any_session, pool)
    return pool


@pytest.fixture(autouse=True)
def swept(any_session):
    yield
    any_session.rollback()
    assert broken(any_session, NOW) == {}


def parts(start, end, *pools, **more):
    return tuple(
        BookingRequest(start=at(start), end=at(end), pool_id=pool.id, **more) for pool in pools
    )


def bundle(who, start, end, *pools, **more):
    wanted = BundleWanted(parts(start, end, *pools, **more), "共聚焦 + 操作员")
    return write(lambda s: make_bundle(s, who, wanted, NOW))


def chain(who, *steps, gaps=((0, 60),), since=9, until=None):
    requests = tuple(
        BookingRequest(start=at(since), end=at(since + hours), pool_id=pool.id)
        for pool, hours in steps
    )
    return ChainWanted(requests, gaps, None if until is None else at(until))


def counted(session):
    session.rollback()
    return [session.scalar(select(func.count()).select_from(t)) for t in
            (Reservation, ReservationGroup, Outbox)]  # fmt: skip


def test_instrument_and_operator_are_booked_as_one(any_session, people, ada, operator):
    made = bundle(ada, 9, 11, people.automatic, operator)

    rows = members(any_session, ada, made.group_id)
    assert [row.pool_id for row in rows] == [people.automatic.id, operator.id]
    assert {(row.start_at, row.end_at) for row in rows} == {(at(9), at(11))}
    kinds = any_session.scalars(select(Outbox.kind)).all()
    assert [kind for kind in kinds if kind != "reminder"] == ["group_approved"]


def test_one_part_taken_books_none_and_the_next_common_time_is_told(
    any_session, people, ada, operator
):
    ask(actor(people.cy), 10, 12, pool_id=operator.id)
    before = counted(any_session)

    with pytest.raises(PartsTaken) as refused:
        bundle(ada, 9, 11, people.automatic, operator)

    [problem] = refused.value.problems
    assert (problem.position, problem.nearest.start) == (1, at(12))
    assert counted(any_session) == before


def test_one_part_against_the_rules_books_none(any_session, people, ada, operator):
    operator.opening_hours = "2 13:00-18:00"
    any_session.commit()

    with pytest.raises(PartsViolated) as refused:
        bundle(ada, 9, 11, people.automatic, operator)

    [problem] = refused.value.problems
    assert problem.violations[0].code == "closed_hours"
    assert problem.nearest.start == at(13)
    seen = write(
        lambda s: preview_bundle(
            s, ada, BundleWanted(parts(9, 11, people.automatic, operator)), NOW
        )
    )
    assert [o.problem and o.problem.nearest.start for o in seen.outcomes] == [None, at(13)]


def test_a_bundle_moves_and_ends_as_one(any_session, people, ada, operator):
    made = bundle(ada, 9, 11, people.automatic, operator).group_id

    done = change(ada, made, "all", start=at(14), end=at(15))
    assert done.changed == 2
    assert {(r.start_at, r.end_at) for r in members(any_session, ada, made)} == {(at(14), at(15))}

    ask(actor(people.cy), 16, 17, pool_id=operator.id)
    with pytest.raises(PartsTaken):
        change(ada, made, "all", start=at(16), end=at(17), how="skip")
    assert {r.start_at for r in members(any_session, ada, made)} == {at(14)}

    assert end(ada, made) == 2
    assert {r.status for r in members(any_session, ada, made)} == {"cancelled"}
    any_session.rollback()
    assert any_session.get(ReservationGroup, made).ended_at == NOW


@pytest.mark.parametrize("count", [1, 21])
def test_a_bundle_has_two_to_twenty_parts(people, ada, count):
    with pytest.raises(Invalid):
        bundle(ada, 9, 11, *[people.automatic] * count)


def test_a_part_that_is_not_seen_is_not_found(people, ada, any_session):
    before = counted(any_session)

    with pytest.raises(NotFound):
        bundle(ada, 9, 11, people.automatic, people.unshared)

    assert counted(any_session) == before


# --- chains ------------------------------------------------------------------------------


def test_steps_follow_each_other_as_soon_as_can_be(any_session, people, ada):
    wanted = chain(
        ada, (people.automatic, 1), (people.sequencer, 2), (people.confocal, 1),
        gaps=((0, 30), (60, 120)),
    )  # fmt: skip

    made = write(lambda s: make_chain(s, ada, wanted, NOW))

    rows = members(any_session, ada, made.group_id)
    assert [(r.start_at, r.end_at) for r in rows] == [
        (at(9), at(10)), (at(10), at(12)), (at(13), at(14)),
    ]  # fmt: skip


def test_a_taken_step_delays_those_before_it_by_the_longest_gap(any_session, people, ada):
    ask(actor(people.cy), 0, 15, pool_id=people.sequencer.id)
    wanted = chain(ada, (people.automatic, 1), (people.sequencer, 2), gaps=((0, 30),))

    made = write(lambda s: make_chain(s, ada, wanted, NOW))

    rows = members(any_session, ada, made.group_id)
    assert [(r.start_at, r.end_at) for r in rows] == [(at(13.5), at(14.5)), (at(15), at(17))]


def test_no_sequence_in_time_is_a_conflict_and_books_nothing(any_session, people, ada):
    ask(actor(people.cy), 0, 15, pool_id=people.sequencer.id)
    wanted = chain(ada, (people.automatic, 1), (people.sequencer, 2), until=16)
    before = counted(any_session)

    with pytest.raises(Conflict):
        write(lambda s: make_chain(s, ada, wanted, NOW))

    assert counted(any_session) == before


def test_steps_of_one_unit_keep_its_buffers(any_session, people, ada):
    """Clean-up and warm-up between two steps on one unit are seen though no gap is asked for."""
    people.sequencer.cleanup_minutes = 30
    any_session.commit()
    wanted = chain(ada, (people.sequencer, 1), (people.sequencer, 1), gaps=((0, 60),))

    found = write(lambda s: find_chain(s, ada, wanted, NOW))

    assert [part.request.start for part in found] == [at(9), at(10.5)]


def test_a_chain_moves_as_one_and_keeps_its_gaps(any_session, people, ada):
    wanted = chain(ada, (people.automatic, 1), (people.automatic, 1), gaps=((30, 60),))
    made = write(lambda s: make_chain(s, ada, wanted, NOW)).group_id

    change(ada, made, "all", start=at(14), end=at(15))
    assert [r.start_at for r in members(any_session, ada, made)] == [at(14), at(15.5)]

    with pytest.raises(Invalid, match="chain_length"):
        change(ada, made, "all", start=at(14), end=at(16))


@pytest.mark.parametrize("gaps", [(), ((0, 60), (0, 60)), ((90, 60),), ((-1, 60),), ((0, 10**9),)])
def test_unfit_gaps_are_refused(people, ada, gaps):
    wanted = chain(ada, (people.automatic, 1), (people.sequencer, 1), gaps=gaps)

    with pytest.raises(Invalid):
        write(lambda s: find_chain(s, ada, wanted, NOW))


def test_a_search_is_bounded_in_time(people, ada):
    wanted = chain(
        ada, (people.automatic, 1), (people.sequencer, 1), until=9 + timedelta(days=32).days * 24
    )

    with pytest.raises(Invalid):
        write(lambda s: find_chain(s, ada, wanted, NOW))


@pytest.mark.parametrize("rule", [("one_at_a_time", True), ("own_gap_minutes", 60)])
def test_parts_do_not_stand_in_each_others_way(any_session, people, ada, operator, rule):
    set_rule(any_session, *rule)
    made = bundle(ada, 10, 11, people.automatic, operator)
    steps = chain(ada, (people.automatic, 1), (people.automatic, 1), since=14, until=18)
    write(lambda s: make_chain(s, ada, steps, NOW))
    later = {"start": at(12), "end": at(13)}
    first = members(any_session, ada, made.group_id)[0].id
    assert change(ada, made.group_id, "all", reservation_id=first, **later).changed == 2
    with pytest.raises(RuleViolated):  # what is no part of it still does
        ask(ada, 12.5, 13.5, pool_id=people.automatic.id)
