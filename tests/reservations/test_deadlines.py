"""Until when a request or a change may be decided, and what a decision meets meanwhile."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.approvals.services.deciding import approve, expire_changes
from booking.core.errors import Conflict, NotFound, RuleViolated, WrongState
from booking.infra.db import db, write
from booking.inventory.models import Contribution
from booking.reservations.models import Hold, Reservation
from booking.reservations.queries.facts import units_of
from booking.reservations.rules.life import Move
from booking.reservations.services import moving, requesting
from booking.reservations.services.alternatives import with_other_times
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.moving import Change, move
from booking.reservations.services.requesting import request_reservation
from booking.reservations.services.retiring import end_contribution, retire_unit
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.steps import ask, at, shift


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


def row(session, booked):
    session.rollback()
    return session.get(Reservation, booked.reservation_id)


def deadline(session):
    session.rollback()
    return session.scalars(select(Hold.expires_at).where(Hold.released_at.is_(None))).one()


def approved(people, start, end, **more):
    booked = ask(actor(people.ada), start, end, pool_id=people.confocal.id, **more)
    write(lambda s: approve(s, actor(people.mei), booked.reservation_id, NOW))
    return booked


def change_at(people, booked, moment, **change):
    return write(
        lambda s: move(s, actor(people.ada), booked.reservation_id, None, Change(**change), moment)
    )


def test_a_running_reservation_is_made_longer_when_the_manager_agrees(people, any_session):
    booked = approved(people, 10, 12)

    how = change_at(people, booked, at(11), end=at(13))
    assert (how, deadline(any_session)) == (Move.REQUEST, at(12))
    write(lambda s: approve(s, actor(people.mei), booked.reservation_id, at(11.5)))

    assert row(any_session, booked).end_at == at(13)


def test_a_running_reservation_is_offered_no_other_start(people):
    who, other = actor(people.ada), actor(people.cy)
    units = {"pool_id": people.automatic.id, "quantity": 2}
    booked = ask(who, 10, 12, **units)
    ask(other, 12, 13, **units)
    conflict = Conflict()
    with pytest.raises(Conflict):
        change_at(people, booked, at(11), end=at(12.5))

    offered = with_other_times(
        db.session(), who, booked.reservation_id, Change(end=at(12.5)), at(11), conflict
    )

    assert offered.alternatives == ()


def test_a_change_expires_when_the_old_or_the_new_times_begin(people, any_session):
    booked = approved(people, 10, 12)
    shift(any_session, actor(people.ada), booked.reservation_id, 15, 17)
    change_at(people, booked, at(8), start=at(15), end=at(17))
    assert deadline(any_session) == at(10)

    change_at(people, booked, at(8), start=at(9), end=at(11))
    assert deadline(any_session) == at(9)

    with pytest.raises(WrongState, match="already_expired"):
        write(lambda s: approve(s, actor(people.mei), booked.reservation_id, at(9)))
    assert write(lambda s: expire_changes(s, at(9))) == 1
    assert row(any_session, booked).start_at == at(10)


def test_more_units_can_be_granted_while_the_reservation_runs(people, any_session):
    booked = approved(people, 10, 12)

    change_at(people, booked, at(11), quantity=2)
    write(lambda s: approve(s, actor(people.mei), booked.reservation_id, at(11.5)))

    assert row(any_session, booked).quantity == 2


def test_a_request_moved_away_and_back_keeps_the_time_to_decide(people, any_session):
    booked = ask(actor(people.ada), 13, 14, pool_id=people.confocal.id)
    asked = NOW + timedelta(hours=24)

    shift(any_session, actor(people.ada), booked.reservation_id, 1, 2)
    assert row(any_session, booked).decide_by == at(1)
    shift(any_session, actor(people.ada), booked.reservation_id, 13, 14)

    assert row(any_session, booked).decide_by == asked


NINE = -15  # this minute, as hours of Tuesday


def test_what_begins_this_minute_leaves_nobody_time_to_agree(people, any_session):
    with pytest.raises(RuleViolated) as refused:
        ask(actor(people.ada), NINE, NINE + 1, pool_id=people.confocal.id)
    [broken] = refused.value.violations
    assert (broken.code, broken.nearest.start) == ("no_time_to_decide", at(NINE + 0.25))

    # Nobody has to agree to these.
    ask(actor(people.mei), NINE, NINE + 1, pool_id=people.confocal.id)
    ask(actor(people.mei), NINE, NINE + 1, pool_id=people.confocal.id, on_behalf_of=people.ada.id)
    ask(actor(people.ada), NINE, NINE + 1, pool_id=people.automatic.id)
    near = ask(actor(people.ada), NINE + 0.25, NINE + 1, pool_id=people.confocal.id)
    assert row(any_session, near).status == "pending"


def test_nothing_is_moved_to_where_nobody_could_agree_in_time(people, any_session):
    waiting = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    agreed = approved(people, 13, 14)
    for booked in (waiting, agreed):
        with pytest.raises(RuleViolated) as refused:
            shift(any_session, actor(people.ada), booked.reservation_id, NINE, NINE + 1)
        assert [v.code for v in refused.value.violations] == ["no_time_to_decide"]
    shift(any_session, actor(people.mei), agreed.reservation_id, NINE, NINE + 1)


def test_what_has_expired_unnoticed_is_not_moved_but_can_be_given_up(people, any_session):
    booked = ask(actor(people.ada), 13, 14, pool_id=people.confocal.id)
    late = NOW + timedelta(hours=24)

    with pytest.raises(WrongState, match="already_expired"):
        change_at(people, booked, late, start=at(15), end=at(16))
    write(lambda s: cancel(s, actor(people.ada), booked.reservation_id, "", late))
    assert row(any_session, booked).status == "cancelled"


# --- what waits for a pool's lock sees what was done by who held it ---------------------


@pytest.fixture
def meanwhile(pg_app, monkeypatch):
    """Return a function that lets another process do something while we wait for the lock."""

    def during(module, work):
        def elsewhere():
            with pg_app.app_context():
                write(work)

        name = "lock_booking" if hasattr(module, "lock_booking") else "lock_pools"
        locked = getattr(module, name)

        def lock(session, *what):
            other = threading.Thread(target=elsewhere)
            other.start()
            other.join()
            locked(session, *what)

        monkeypatch.setattr(module, name, lock)

    return during


@pytest.fixture
def pg_people(pg_app, clock):
    with pg_app.app_context():
        yield cast(db.session())
        db.session.remove()


@pytest.mark.postgres
def test_a_unit_retired_while_waiting_is_not_held(pg_people, meanwhile):
    unit_id = units_of(db.session(), pg_people.sequencer.id)[0].unit_id
    ada, ops = actor(pg_people.ada), actor(pg_people.ops)
    request = requesting.BookingRequest(at(10), at(11), unit_id=unit_id)
    db.session.rollback()
    meanwhile(requesting, lambda s: retire_unit(s, ops, unit_id, NOW))

    with pytest.raises(RuleViolated) as refused:
        write(lambda s: request_reservation(s, ada, request, NOW))

    assert "unit_retired" in [v.code for v in refused.value.violations]


@pytest.mark.postgres
def test_a_pool_no_longer_shared_while_waiting_is_not_held(pg_people, meanwhile):
    pool_id, ada, ops = pg_people.confocal.id, actor(pg_people.ada), actor(pg_people.ops)
    agreement = _agreement(pool_id)
    request = requesting.BookingRequest(at(10), at(11), pool_id=pool_id)
    meanwhile(requesting, lambda s: end_contribution(s, ops, agreement, None, NOW))

    with pytest.raises(NotFound):
        write(lambda s: request_reservation(s, ada, request, NOW))


@pytest.mark.postgres
def test_a_move_sees_an_agreement_that_ended_while_it_waited(pg_people, meanwhile):
    pool_id, ada, ops = pg_people.automatic.id, actor(pg_people.ada), actor(pg_people.ops)
    agreement = _agreement(pool_id)
    booked = ask(ada, 10, 11, pool_id=pool_id)
    last = at(10).date()
    meanwhile(moving, lambda s: end_contribution(s, ops, agreement, last, NOW))
    change = Change(start=at(10, 3), end=at(11, 3))

    with pytest.raises(RuleViolated) as refused:
        write(lambda s: move(s, ada, booked.reservation_id, None, change, NOW))

    assert [v.code for v in refused.value.violations] == ["not_shared"]


def _agreement(pool_id):
    found = db.session.scalars(select(Contribution.id).where(Contribution.pool_id == pool_id)).one()
    db.session.rollback()
    return found
