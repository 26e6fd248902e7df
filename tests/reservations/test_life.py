"""Approval, change requests, expiry, cancelling, idempotency, messages: through the service."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.approvals.services.deciding import approve, expire_changes, expire_requests, reject
from booking.core.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RuleViolated,
    Stale,
    WrongState,
)
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.reservations.models import Allocation, Hold, Reservation
from booking.reservations.queries.reservations import visible_reservation
from booking.reservations.rules.life import Move
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.moving import Change, move
from booking.reservations.services.upkeep import complete_ended, retire_allocations
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


def kinds(session, recipient, states=("pending",)):
    session.rollback()
    query = select(Outbox.kind).where(Outbox.recipient_id == recipient.id, Outbox.state.in_(states))
    return sorted(session.scalars(query))


def active(session, booked):
    query = select(Allocation).where(
        Allocation.reservation_id == booked.reservation_id, Allocation.active == 1
    )
    return session.scalars(query).all()


def test_a_request_waits_and_its_manager_is_asked(people, any_session):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    assert row(any_session, booked).status == "pending"
    assert row(any_session, booked).decide_by == NOW + timedelta(hours=24)
    assert kinds(any_session, people.mei) == ["request_received"]
    assert kinds(any_session, people.ada) == []


def test_approval_tells_the_person_and_plans_reminders(people, any_session):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    write(lambda s: approve(s, actor(people.mei), booked.reservation_id, NOW))
    assert row(any_session, booked).status == "approved"
    assert kinds(any_session, people.ada) == ["approved", "reminder", "reminder"]
    assert kinds(any_session, people.mei) == []  # the question is void once decided


def test_an_automatic_pool_and_an_approver_need_no_decision(people, any_session):
    auto = ask(actor(people.ada), 10, 11, pool_id=people.automatic.id)
    own = ask(actor(people.mei), 10, 11, pool_id=people.confocal.id)
    assert row(any_session, auto).status == "approved"
    assert row(any_session, own).status == "approved"
    assert row(any_session, own).institution_id == people.west.id


def test_rejecting_needs_a_reason_and_frees_the_units(people, any_session):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.sequencer.id)
    with pytest.raises(Invalid):
        write(lambda s: reject(s, actor(people.mei), booked.reservation_id, " ", NOW))
    write(lambda s: reject(s, actor(people.mei), booked.reservation_id, "维修", NOW))
    assert row(any_session, booked).status == "rejected"
    assert kinds(any_session, people.ada) == ["rejected"]
    ask(actor(people.cy), 10, 11, pool_id=people.sequencer.id)


def test_the_second_decision_is_told_that_it_is_late(people):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    write(lambda s: approve(s, actor(people.mei), booked.reservation_id, NOW))
    with pytest.raises(WrongState, match="already_decided"):
        write(lambda s: reject(s, actor(people.ops), booked.reservation_id, "no", NOW))
    with pytest.raises(WrongState, match="already_decided"):
        write(lambda s: approve(s, actor(people.ops), booked.reservation_id, NOW))


def test_who_may_not_decide_is_refused_and_strangers_see_nothing(people):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    for user, answer in ((people.ada, Forbidden), (people.bo, Forbidden), (people.rep, Forbidden),
                         (people.cy, NotFound), (people.dee, NotFound)):  # fmt: skip
        with pytest.raises(answer):
            write(lambda s, u=user: approve(s, actor(u), booked.reservation_id, NOW))


def test_an_undecided_request_expires_and_says_so(people, any_session):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.sequencer.id)
    late = NOW + timedelta(hours=24)
    assert write(lambda s: expire_requests(s, late - timedelta(seconds=1))) == 0
    assert write(lambda s: expire_requests(s, late)) == 1
    assert row(any_session, booked).status == "expired"
    assert kinds(any_session, people.ada) == ["expired"]
    assert active(any_session, booked) == []


def test_shortening_keeps_the_approval(people, any_session):
    booked = ask(actor(people.ada), 10, 12, pool_id=people.confocal.id)
    write(lambda s: approve(s, actor(people.mei), booked.reservation_id, NOW))
    how = shift(any_session, actor(people.ada), booked.reservation_id, 10.5, 11)
    assert how is Move.KEEP_APPROVAL
    assert row(any_session, booked).status == "approved"
    assert kinds(any_session, people.ada) == ["approved", "moved", "reminder", "reminder"]


def test_a_change_of_approved_times_waits_while_the_old_ones_stand(people, any_session):
    unit = people.confocal_units[0].id
    booked = ask(actor(people.ada), 10, 11, unit_id=unit)
    write(lambda s: approve(s, actor(people.mei), booked.reservation_id, NOW))
    assert shift(any_session, actor(people.ada), booked.reservation_id, 10.5, 12) is Move.REQUEST
    found = row(any_session, booked)
    assert (found.status, found.start_at) == ("approved", at(10))
    for start in (10, 11):  # the old hour and the new one are both held
        with pytest.raises(Conflict):
            ask(actor(people.cy), start, start + 1, unit_id=unit)
    write(lambda s: approve(s, actor(people.mei), booked.reservation_id, NOW))
    found = row(any_session, booked)
    assert (found.start_at, found.end_at) == (at(10.5), at(12))
    ask(actor(people.cy), 9, 10.5, unit_id=unit)  # what was given up is free


def test_a_rejected_or_expired_change_releases_only_what_was_new(people, any_session):
    unit = people.confocal_units[0].id
    booked = ask(actor(people.ada), 10, 11, unit_id=unit)
    write(lambda s: approve(s, actor(people.mei), booked.reservation_id, NOW))
    shift(any_session, actor(people.ada), booked.reservation_id, 13, 14)
    write(lambda s: reject(s, actor(people.mei), booked.reservation_id, "占用", NOW))
    ask(actor(people.cy), 13, 14, unit_id=unit)
    shift(any_session, actor(people.ada), booked.reservation_id, 15, 16)
    assert write(lambda s: expire_changes(s, NOW + timedelta(hours=24))) == 1
    ask(actor(people.cy), 15, 16, unit_id=unit)
    found = row(any_session, booked)
    assert (found.status, found.start_at, len(active(any_session, booked))) == (
        "approved", at(10), 1,
    )  # fmt: skip
    assert any_session.scalars(select(Hold).where(Hold.released_at.is_(None))).all() == []


def test_a_second_change_request_replaces_the_first(people, any_session):
    unit = people.confocal_units[0].id
    booked = ask(actor(people.ada), 10, 11, unit_id=unit)
    write(lambda s: approve(s, actor(people.mei), booked.reservation_id, NOW))
    shift(any_session, actor(people.ada), booked.reservation_id, 13, 14)
    shift(any_session, actor(people.ada), booked.reservation_id, 15, 16)
    ask(actor(people.cy), 13, 14, unit_id=unit)
    with pytest.raises(Conflict):
        ask(actor(people.cy), 15, 16, unit_id=unit)


def test_a_stale_version_is_refused(people):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    change = Change(start=at(12), end=at(13))
    write(lambda s: move(s, actor(people.ada), booked.reservation_id, 1, change, NOW))
    with pytest.raises(Stale):
        write(lambda s: move(s, actor(people.ada), booked.reservation_id, 1, change, NOW))


def test_staff_cancel_only_with_a_reason_and_the_person_is_told(people, any_session):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    with pytest.raises(Invalid, match="reason_needed"):
        write(lambda s: cancel(s, actor(people.mei), booked.reservation_id, "", NOW))
    write(lambda s: cancel(s, actor(people.mei), booked.reservation_id, "停电", NOW))
    assert row(any_session, booked).reason == "停电"
    assert kinds(any_session, people.ada) == ["cancelled"]
    with pytest.raises(WrongState, match="already_cancelled"):
        write(lambda s: cancel(s, actor(people.ada), booked.reservation_id, "", NOW))


def test_moving_and_cancelling_replace_and_void_reminders(people, any_session):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.automatic.id)
    shift(any_session, actor(people.ada), booked.reservation_id, 14, 15)
    due = select(Outbox.due_at).where(Outbox.kind == "reminder", Outbox.state == "pending")
    any_session.rollback()
    assert sorted(any_session.scalars(due)) == [at(14, -1), at(13)]
    write(lambda s: cancel(s, actor(people.ada), booked.reservation_id, "", NOW))
    any_session.rollback()
    assert any_session.scalars(due).all() == []


def test_one_key_makes_one_reservation_and_another_body_is_refused(people):
    more = {"pool_id": people.automatic.id, "idempotency_key": "k1", "body_hash": "a"}
    first = ask(actor(people.ada), 10, 11, **more)
    again = ask(actor(people.ada), 10, 11, **more)
    assert (again.reservation_id, again.replayed) == (first.reservation_id, True)
    with pytest.raises(WrongState, match="idempotency_mismatch"):
        ask(actor(people.ada), 12, 13, **{**more, "body_hash": "b"})


def test_a_manager_books_for_someone_and_she_is_told(people, any_session):
    booked = ask(actor(people.mei), 10, 11, pool_id=people.confocal.id, on_behalf_of=people.ada.id)
    found = row(any_session, booked)
    assert (found.user_id, found.created_by_id) == (people.ada.id, people.mei.id)
    assert (found.company_id, found.status) == (people.company_a.id, "approved")
    assert "booked_for_you" in kinds(any_session, people.ada)
    with pytest.raises(Invalid, match="not_for_others"):
        ask(actor(people.bo), 12, 13, pool_id=people.confocal.id, on_behalf_of=people.ada.id)


def test_only_a_manager_overrides_a_rule_and_with_a_reason(people, any_session):
    people.confocal.max_minutes = 60
    any_session.commit()
    pool = people.confocal.id
    for who, reason in ((people.ada, "please"), (people.mei, "")):
        with pytest.raises(RuleViolated):
            ask(actor(who), 10, 12, pool_id=pool, override_reason=reason)
    ask(actor(people.mei), 10, 12, pool_id=pool, override_reason="夜间实验")


def test_an_unshared_pool_does_not_exist_for_outsiders(people):
    with pytest.raises(NotFound):
        ask(actor(people.ada), 10, 11, pool_id=people.unshared.id)
    ask(actor(people.mei), 10, 11, pool_id=people.unshared.id)


def test_a_reservation_is_seen_by_its_own_and_by_the_pools(people, any_session):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)
    for user in (people.ada, people.bo, people.mei, people.rep, people.ops):
        assert visible_reservation(any_session, actor(user), booked.reservation_id)
    for user in (people.cy, people.dee):
        with pytest.raises(NotFound):
            visible_reservation(any_session, actor(user), booked.reservation_id)


def test_what_has_ended_completes_and_leaves_the_live_index_a_day_later(people, any_session):
    booked = ask(actor(people.ada), 10, 11, pool_id=people.automatic.id)
    assert write(lambda s: complete_ended(s, at(11))) == 1
    assert row(any_session, booked).status == "completed"
    assert write(lambda s: retire_allocations(s, at(11))) == 0
    assert write(lambda s: retire_allocations(s, at(11) + timedelta(days=1, seconds=1))) == 1
    assert active(any_session, booked) == []
