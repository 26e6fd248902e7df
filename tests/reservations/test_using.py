"""Check-in and -out, no-shows, longer, handed on, a cancellation taken back."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.approvals.services.deciding import approve
from booking.companies.models import Membership
from booking.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale, WrongState
from booking.core.period import Period
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.policies.models import RuleEdition, RuleValue
from booking.policies.rules.values import DEFAULTS
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.extending import later_ends
from booking.reservations.queries.facts import pool_facts
from booking.reservations.queries.reservations import unit_ids_of
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.using import ended_now, longest
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.handing import transfer
from booking.reservations.services.moving import Change, move
from booking.reservations.services.undoing import undo_cancel
from booking.reservations.services.upkeep import complete_ended
from booking.reservations.services.using import check_in, check_out, miss_absent
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.steps import ask, at


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


def set_rules(session, pool, **values):
    """Set rules of one pool, as their page would."""
    for rule, value in values.items():
        scope = {"scope_kind": "pool", "scope_key": str(pool.id)}
        session.add(RuleValue(rule=rule, value=json.dumps(value), set_at=NOW, **scope))
    session.add(RuleEdition(id=1, number=4711))
    session.commit()


@pytest.fixture
def checked(people, any_session):
    """Return the cast; at the automatic pool people check in."""
    set_rules(any_session, people.automatic, check_in=True, check_in_early_minutes=5)
    return people


def booked(people, start=10, end=12, pool=None, **more) -> int:
    pool_id = (pool or people.automatic).id
    return ask(actor(people.ada), start, end, pool_id=pool_id, **more).reservation_id


def row(session, id_):
    session.rollback()
    return session.get(Reservation, id_, populate_existing=True)


def act(service, who, id_, now, *more):
    return write(lambda s: service(s, actor(who), id_, *more, now))


def blocks(session, id_):
    session.rollback()
    query = select(Allocation.block_end).where(
        Allocation.reservation_id == id_, Allocation.active == 1
    )
    return session.scalars(query.order_by(Allocation.id)).all()


def kinds(session, user, kind):
    session.rollback()
    query = select(Outbox.id).where(Outbox.recipient_id == user.id, Outbox.kind == kind)
    return len(session.scalars(query).all())


@pytest.fixture(autouse=True)
def healthy(any_session):
    yield
    any_session.rollback()
    assert broken(any_session, NOW) == {}


# --- checking in and out ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "refused"),
    [(-6, "too_early"), (-5, None), (0, None), (29, None), (30, "already_missed")],
)
def test_check_in_opens_before_the_start_and_closes_at_the_release(
    checked, any_session, minutes, refused
):
    mine = booked(checked)
    now = at(10) + timedelta(minutes=minutes)
    if refused is None:
        act(check_in, checked.ada, mine, now)
        assert (row(any_session, mine).status, row(any_session, mine).checked_in_at) == (
            "in_use", now,
        )  # fmt: skip
        return
    with pytest.raises(WrongState) as told:
        act(check_in, checked.ada, mine, now)
    assert told.value.code == refused


def test_who_may_check_in_and_only_where_it_is_asked(checked, any_session):
    mine, plain = booked(checked), booked(checked, pool=checked.confocal)
    with pytest.raises(NotFound):
        act(check_in, checked.cy, mine, at(10))
    with pytest.raises(Forbidden):
        act(check_in, checked.bo, mine, at(10))
    write(lambda s: approve(s, actor(checked.mei), plain, NOW))
    with pytest.raises(WrongState) as told:
        act(check_in, checked.ada, plain, at(10))
    assert told.value.code == "no_check_in"
    act(check_in, checked.mei, mine, at(10))
    with pytest.raises(WrongState) as told:
        act(check_in, checked.ada, mine, at(10))
    assert told.value.code == "already_checked_in"


def test_checking_out_early_frees_the_rest_and_keeps_the_booked_end(checked, any_session):
    mine = booked(checked)
    act(check_in, checked.ada, mine, at(10))
    act(check_out, checked.ada, mine, at(11) - timedelta(seconds=30))
    done = row(any_session, mine)
    assert (done.status, done.end_at, done.booked_end_at) == ("completed", at(11), at(12))
    assert blocks(any_session, mine) == [at(11)]
    other = ask(actor(checked.cy), 11, 12, pool_id=checked.automatic.id, quantity=2)
    assert other.row.status == "approved"
    with pytest.raises(WrongState) as told:
        act(check_out, checked.ada, mine, at(11.5))
    assert told.value.code == "already_ended"


def test_ending_before_the_start_and_without_check_in(checked, any_session):
    early, plain = booked(checked), booked(checked, 14, 16, pool=checked.confocal)
    act(check_in, checked.ada, early, at(10) - timedelta(minutes=5))
    act(check_out, checked.ada, early, at(10) - timedelta(minutes=2))
    assert row(any_session, early).end_at == at(10) + timedelta(minutes=1)
    with pytest.raises(WrongState) as told:
        act(check_out, checked.ada, plain, at(14.5))
    assert told.value.code == "already_expired"  # undecided at its start
    agreed = booked(checked, 10, 12, pool=checked.confocal)
    write(lambda s: approve(s, actor(checked.mei), agreed, NOW))
    with pytest.raises(WrongState) as told:
        act(check_out, checked.ada, agreed, at(9))
    assert told.value.code == "not_running"
    act(check_out, checked.ada, agreed, at(11))
    assert row(any_session, agreed).status == "completed"


def test_a_stale_version_changes_nothing(checked, any_session):
    mine = booked(checked)
    with pytest.raises(Stale):
        write(lambda s: check_in(s, actor(checked.ada), mine, at(10), 7))
    assert row(any_session, mine).status == "approved"


# --- no-shows ---------------------------------------------------------------------------


def test_who_does_not_come_is_released_and_told_once(checked, any_session):
    missed, came = booked(checked), booked(checked)
    act(check_in, checked.ada, came, at(10))
    early = at(10) + timedelta(minutes=29)
    assert write(lambda s: miss_absent(s, early)) == 0
    # Also when the minute itself was skipped.
    late = at(10) + timedelta(minutes=47)
    assert write(lambda s: miss_absent(s, late)) == 1
    assert write(lambda s: miss_absent(s, late)) == 0
    assert row(any_session, missed).status == "no_show"
    assert row(any_session, came).status == "in_use"
    assert blocks(any_session, missed) == []
    assert kinds(any_session, checked.ada, "missed") == 1
    assert kinds(any_session, checked.mei, "missed") == 1
    with pytest.raises(WrongState) as told:
        act(cancel, checked.ada, missed, late, "")
    assert told.value.code == "already_missed"


def test_completing_leaves_the_absent_to_be_missed(checked, any_session):
    missed, came = booked(checked), booked(checked)
    plain = booked(checked, pool=checked.confocal)
    write(lambda s: approve(s, actor(checked.mei), plain, NOW))
    act(check_in, checked.ada, came, at(10))
    assert write(lambda s: complete_ended(s, at(13))) == 2
    assert write(lambda s: miss_absent(s, at(13))) == 1
    assert [row(any_session, id_).status for id_ in (missed, came, plain)] == [
        "no_show", "completed", "completed",
    ]  # fmt: skip


def test_what_ended_long_ago_is_completed_not_missed(checked, any_session):
    old = booked(checked)
    week = at(13, day=7)
    assert write(lambda s: miss_absent(s, week)) == 0
    assert write(lambda s: complete_ended(s, week)) == 1
    assert row(any_session, old).status == "completed"


# --- longer -----------------------------------------------------------------------------


def test_a_running_one_is_made_longer_up_to_the_next(people, any_session):
    pool = people.automatic
    mine = booked(people, 10, 12, quantity=2)
    ask(actor(people.cy), 13, 14, pool_id=pool.id)
    reservation = row(any_session, mine)
    facts = pool_facts(any_session, [pool.id])[pool.id]
    held = unit_ids_of(any_session, [mine])[mine]
    ends = later_ends(any_session, facts, reservation, held)
    assert ends == [at(12.25), at(12.5), at(12.75), at(13)]
    any_session.rollback()
    for end, passes in ((13.25, False), (13, True)):
        change = Change(end=at(end))
        try:
            write(lambda s, c=change: move(s, actor(people.ada), mine, None, c, at(11)))
        except Conflict:
            assert not passes
        else:
            assert passes
    assert row(any_session, mine).end_at == at(13)


def test_the_longest_end_stays_on_the_grid_and_leaves_the_clean_up():
    period = Period(at(10), at(11))
    assert longest(period, DEFAULTS, [at(13)], 20) == at(12.5)
    assert longest(period, DEFAULTS, [at(11)], 30) == at(11)
    assert longest(period, DEFAULTS, [], 0) == at(10) + timedelta(days=1)


def test_ended_now_is_whole_minutes_and_never_longer():
    period = Period(at(10), at(11))
    assert ended_now(period, at(10.5) + timedelta(seconds=1)).end == at(10.5) + timedelta(minutes=1)
    assert ended_now(period, at(12)).end == at(11)
    assert ended_now(period, at(9)).end == at(10) + timedelta(minutes=1)


# --- handed on --------------------------------------------------------------------------


def test_a_colleague_takes_it_over_with_its_reminders(people, any_session):
    mine = booked(people)
    act(transfer, people.ada, mine, NOW, people.bo.id)
    assert row(any_session, mine).user_id == people.bo.id
    assert kinds(any_session, people.bo, "handed_to_you") == 1
    assert kinds(any_session, people.bo, "reminder") == 2
    pending = select(Outbox).where(Outbox.recipient_id == people.ada.id, Outbox.state == "pending")
    assert {m.kind for m in any_session.scalars(pending)} == {"approved"}
    with pytest.raises(NotFound):
        act(transfer, people.ada, mine, NOW, people.ada.id)
    act(transfer, people.mei, mine, NOW, people.ada.id)
    assert kinds(any_session, people.bo, "handed_on") == 1


def test_only_colleagues_who_are_members_now(people, any_session):
    mine = booked(people)
    gone = factories.create_user(any_session, name="Gone")
    factories.create_membership(any_session, gone, people.company_a)
    held = any_session.scalars(select(Membership).where(Membership.user_id == gone.id)).one()
    held.until_at = NOW
    any_session.commit()
    for other, code in (
        (people.cy.id, "not_a_colleague"), (gone.id, "not_a_colleague"),
        (4711, "not_a_colleague"), (people.ada.id, "same_person"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as told:
            act(transfer, people.ada, mine, NOW, other)
        assert told.value.code == code
    assert row(any_session, mine).user_id == people.ada.id


# --- a cancellation taken back ----------------------------------------------------------


@pytest.mark.parametrize("pool", ["automatic", "confocal"])
def test_a_cancellation_is_taken_back_on_the_same_units(people, any_session, pool):
    mine = booked(people, pool=getattr(people, pool), quantity=2)
    was = row(any_session, mine).status
    held = blocks(any_session, mine)
    act(cancel, people.ada, mine, NOW, "")
    act(undo_cancel, people.ada, mine, NOW)
    again = row(any_session, mine)
    assert (again.status, again.was_status, again.ended_by_id) == (was, None, None)
    assert blocks(any_session, mine) == held
    if was == "approved":
        assert kinds(any_session, people.ada, "restored") == 1
    else:
        assert kinds(any_session, people.mei, "request_received") == 2


def test_another_unit_takes_its_place_or_nothing_does(people, any_session):
    mine = booked(people)
    act(cancel, people.ada, mine, NOW, "")
    ask(actor(people.cy), 10, 12, pool_id=people.automatic.id)
    act(undo_cancel, people.ada, mine, NOW)
    assert len(blocks(any_session, mine)) == 1
    act(cancel, people.ada, mine, NOW, "")
    ask(actor(people.cy), 11, 12, pool_id=people.automatic.id)
    with pytest.raises(Conflict):
        act(undo_cancel, people.ada, mine, NOW)
    assert row(any_session, mine).status == "cancelled"


def test_who_may_take_back_what_and_until_when(people, any_session):
    mine = booked(people)
    with pytest.raises(WrongState) as told:
        act(undo_cancel, people.mei, mine, NOW)
    assert told.value.code == "not_cancelled"
    act(cancel, people.mei, mine, NOW, "defect")
    with pytest.raises(Forbidden):
        act(undo_cancel, people.ada, mine, NOW)
    with pytest.raises(WrongState) as told:
        act(undo_cancel, people.mei, mine, at(10))
    assert told.value.code == "already_started"
    act(undo_cancel, people.mei, mine, NOW)
    request = booked(people, pool=people.confocal)
    act(cancel, people.ada, request, NOW, "")
    with pytest.raises(WrongState) as told:
        act(undo_cancel, people.ada, request, NOW + timedelta(hours=24))
    assert told.value.code == "already_expired"
