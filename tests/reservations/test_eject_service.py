"""Making room (DESIGN §4): a provisional reservation gives way to another unit, unseen."""

import pytest
from sqlalchemy import select

from booking.audit.models import Audit
from booking.core.errors import Conflict, Invalid
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.inventory.models import Contribution
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.moving import Change, move
from booking.reservations.services.requesting import look_before, request_reservation
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor, units_of
from tests.reservations.steps import ask, at

LATER = 5  # days after Tuesday: nothing is final yet


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


@pytest.fixture(autouse=True)
def swept(any_session):
    yield
    assert broken(any_session, NOW) == {}


def book(who, start, end, now=NOW, **more):
    """Return the id of a reservation of those hours of a day on which nothing is final."""
    request = BookingRequest(start=at(start, LATER), end=at(end, LATER), **more)
    done = write(
        lambda s: request_reservation(s, who, request, now),
        look=lambda s: look_before(s, who, request, now),
    )
    return done.reservation_id


def unit_of(session, reservation):
    return session.scalars(
        select(Allocation.unit_id).where(
            Allocation.reservation_id == reservation, Allocation.active == 1
        )
    ).one()


def kinds(session, reservation):
    return set(
        session.scalars(
            select(Outbox.kind).where(Outbox.subject_ref == f"reservation:{reservation}")
        )
    )


def give_priority(session, pool, hours):
    query = select(Contribution).where(Contribution.pool_id == pool.id)
    session.scalars(query).one().owner_priority_hours = hours
    session.commit()


def test_a_provisional_reservation_gives_way(people, any_session):
    ada, cy = actor(people.ada), actor(people.cy)
    first, second = [unit.id for unit in units_of(any_session, people.automatic)]
    fixed = book(cy, 11, 13, unit_id=second)
    early = book(ada, 9, 10, pool_id=people.automatic.id, preferred_unit_ids=(first,))
    before = kinds(any_session, early)
    whole = book(cy, 9, 11.5, pool_id=people.automatic.id)
    assert unit_of(any_session, early) == second
    assert unit_of(any_session, whole) == first
    assert unit_of(any_session, fixed) == second
    assert kinds(any_session, early) == before  # it was provisional: nothing to tell
    row = any_session.get(Reservation, early)
    assert (row.version, row.start_at) == (2, at(9, LATER))
    noted = any_session.scalars(select(Audit).where(Audit.action == "reservation.reseat")).one()
    assert (noted.subject_id, noted.actor_id) == (early, cy.user_id)
    assert (noted.before, noted.after) == (f'{{"units": [{first}]}}', f'{{"units": [{second}]}}')


def test_a_named_unit_is_cleared_for_who_names_it(people, any_session):
    ada, cy = actor(people.ada), actor(people.cy)
    any_unit = book(ada, 9, 10, pool_id=people.automatic.id)
    wanted = unit_of(any_session, any_unit)
    named = book(cy, 9, 10, unit_id=wanted)
    assert unit_of(any_session, named) == wanted
    assert unit_of(any_session, any_unit) != wanted


def test_a_named_unit_does_not_give_way(people, any_session):
    ada, cy = actor(people.ada), actor(people.cy)
    unit = units_of(any_session, people.automatic)[0].id
    book(ada, 9, 10, unit_id=unit)
    with pytest.raises(Conflict):
        book(cy, 9, 10, unit_id=unit)


def test_what_is_final_does_not_give_way(people, any_session):
    ada, cy = actor(people.ada), actor(people.cy)
    done = ask(ada, 8, 9, pool_id=people.automatic.id)  # tomorrow morning, 23 hours ahead
    with pytest.raises(Conflict):
        ask(cy, 8, 9, unit_id=unit_of(any_session, done.reservation_id))


def test_one_with_an_undecided_change_stays(people, any_session):
    ada, cy = actor(people.ada), actor(people.cy)
    changing = book(ada, 9, 10, pool_id=people.confocal.id)
    any_session.get(Reservation, changing).status = "approved"
    any_session.commit()
    version = any_session.get(Reservation, changing).version
    later = Change(end=at(11, LATER))
    write(lambda s: move(s, ada, changing, version, later, NOW))
    with pytest.raises(Conflict):
        book(cy, 9, 10, unit_id=unit_of(any_session, changing))


def test_a_move_makes_room_too(people, any_session):
    ada, cy = actor(people.ada), actor(people.cy)
    first, second = [unit.id for unit in units_of(any_session, people.automatic)]
    book(cy, 11, 13, unit_id=second)
    early = book(ada, 9, 10, pool_id=people.automatic.id, preferred_unit_ids=(first,))
    mine = book(cy, 15, 17.5, pool_id=people.automatic.id)
    version = any_session.get(Reservation, mine).version
    there = Change(start=at(9, LATER), end=at(11.5, LATER))
    write(lambda s: move(s, cy, mine, version, there, NOW))
    assert (unit_of(any_session, early), unit_of(any_session, mine)) == (second, first)


def test_several_units_at_once(people, any_session):
    ada, cy = actor(people.ada), actor(people.cy)
    one, two, three = [unit.id for unit in people.confocal_units]
    mine = book(ada, 9, 10, pool_id=people.confocal.id, preferred_unit_ids=(one,))
    book(cy, 10, 12, unit_id=two)
    with pytest.raises(Conflict):
        book(cy, 9, 12, pool_id=people.confocal.id, quantity=3)
    both = book(cy, 9, 12, pool_id=people.confocal.id, quantity=2)
    held = any_session.scalars(
        select(Allocation.unit_id).where(Allocation.reservation_id == both, Allocation.active == 1)
    )
    assert (sorted(held), unit_of(any_session, mine)) == ([one, three], two)


def test_the_owner_displaces_a_request_of_a_named_unit_until_it_is_approved(people, any_session):
    give_priority(any_session, people.confocal, 48)
    unit = people.confocal_units[0].id
    asked = book(actor(people.ada), 9, 10, unit_id=unit)
    own = book(actor(people.rep), 9, 10, unit_id=unit)
    assert unit_of(any_session, own) == unit
    assert unit_of(any_session, asked) != unit
    assert "unit_changed" in kinds(any_session, asked)
    assert any_session.get(Reservation, asked).named_unit == 0


@pytest.mark.parametrize("case", ["no priority", "too late", "approved", "a stranger"])
def test_the_owner_displaces_no_other(people, any_session, case):
    hours = {"no priority": 0, "too late": 24 * 30}.get(case, 48)
    give_priority(any_session, people.confocal, hours)
    unit = people.confocal_units[0].id
    asked = book(actor(people.ada), 9, 10, unit_id=unit)
    if case == "approved":
        any_session.get(Reservation, asked).status = "approved"
        any_session.commit()
    with pytest.raises(Conflict):
        book(actor(people.cy if case == "a stranger" else people.rep), 9, 10, unit_id=unit)


# --- preferred units ------------------------------------------------------------------------


def test_preferred_units_are_taken_where_free(people, any_session):
    ada = actor(people.ada)
    one, two, three = [unit.id for unit in people.confocal_units]
    first = book(ada, 9, 10, pool_id=people.confocal.id, preferred_unit_ids=(three, two))
    second = book(ada, 9, 10, pool_id=people.confocal.id, preferred_unit_ids=(three, two))
    third = book(ada, 9, 10, pool_id=people.confocal.id, preferred_unit_ids=(three, two))
    assert [unit_of(any_session, r) for r in (first, second, third)] == [three, two, one]


def test_a_preferred_unit_is_one_of_the_pool(people):
    stranger = people.confocal_units[0].id
    with pytest.raises(Invalid) as refused:
        ask(actor(people.ada), 9, 10, pool_id=people.automatic.id, preferred_unit_ids=(stranger,))
    assert refused.value.code == "not_of_pool"


@pytest.mark.parametrize(
    ("count", "named", "code"),
    [(21, False, "too_many_preferred"), (1, True, "named_or_preferred")],
)
def test_preferences_are_bounded(people, count, named, code):
    unit = people.confocal_units[0].id
    where = {"unit_id": unit} if named else {"pool_id": people.confocal.id}
    with pytest.raises(Invalid) as refused:
        ask(actor(people.ada), 9, 10, preferred_unit_ids=(unit,) * count, **where)
    assert refused.value.code == code
