"""Two-step approval: the company, the lab, a named group; each once, in order, in time."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.approvals.queries.inbox import waiting, waiting_count
from booking.approvals.services.deciding import approve, expire_changes, expire_requests, reject
from booking.approvals.services.escalating import escalate
from booking.audit.models import Audit
from booking.companies.services.deciders import create_decider_group, join_decider_group
from booking.core.errors import Forbidden, NotFound, WrongState
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.reservations.models import Allocation, ApprovalStep, Reservation
from booking.reservations.queries.reservations import visible_reservation
from booking.reservations.queries.steps import waiting_step
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.stepping import take_step
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.ruled import set_rule
from tests.reservations.steps import ask, shift
from tests.statements import statements


@pytest.fixture
def people(any_session, clock):
    """Return the cast; the company decides first at the confocal."""
    found = cast(any_session)
    set_rule(any_session, "company_decides", value=True, pool=found.confocal)
    return found


@pytest.fixture
def biosafety(any_session, people):
    """Return the id of the lab's group, of which Dee is a member, asked at the confocal."""
    who = actor(people.mei)
    lab_id, email = people.west_lab.id, people.dee.email
    group = write(lambda s: create_decider_group(s, who, lab_id, "生物安全", "Biosafety", NOW))
    write(lambda s: join_decider_group(s, who, group, email, NOW))
    any_session.rollback()
    any_session.refresh(people.dee)
    set_rule(any_session, "group_decides", value=group, pool=people.confocal)
    return group


def request(people, start=10, end=11, who="ada"):
    return ask(actor(getattr(people, who)), start, end, pool_id=people.confocal.id).reservation_id


def decide(what, who, key, *more, at=NOW):
    person = actor(who, now=at)
    if what is reject:
        return write(lambda s: reject(s, person, key, "nein", at))
    return write(lambda s: approve(s, person, key, at, *more))


def steps(session, key):
    session.rollback()
    session.expire_all()
    rows = session.scalars(select(ApprovalStep).order_by(ApprovalStep.position))
    return [f"{row.kind} {row.state}" for row in rows if row.reservation_id == key]


def status(session, key):
    session.rollback()
    return session.get(Reservation, key, populate_existing=True).status


def told(session, kind):
    session.rollback()
    rows = session.scalars(select(Outbox).where(Outbox.kind == kind).order_by(Outbox.id))
    return [(row.recipient_id, row.state) for row in rows]


def inbox(session, who, at=NOW):
    return [row.id for row in session.execute(waiting(actor(who, now=at), at))]


def test_company_then_lab_then_group_decide_and_hold_the_time(any_session, people, biosafety):
    key = request(people)
    assert steps(any_session, key) == ["company waiting", "lab queued", "group queued"]

    decide(approve, people.bo, key)
    assert steps(any_session, key) == ["company approved", "lab waiting", "group queued"]
    decide(approve, people.mei, key)
    assert status(any_session, key) == "pending"
    held = select(Allocation.active).where(Allocation.reservation_id == key)
    assert any_session.scalars(held).all() == [1]
    decide(approve, people.dee, key)

    assert status(any_session, key) == "approved"
    assert steps(any_session, key) == ["company approved", "lab approved", "group approved"]
    assert [who for who, _state in told(any_session, "approved")] == [people.ada.id]
    actions = select(Audit.action).where(Audit.action.startswith("reservation.approve"))
    assert any_session.scalars(actions.order_by(Audit.id)).all() == [
        "reservation.approve_step", "reservation.approve_step", "reservation.approve",
    ]  # fmt: skip


def test_each_sees_in_the_inbox_only_what_waits_for_them(any_session, people, biosafety):
    key = request(people)
    whom = (people.bo, people.mei, people.dee)

    assert [inbox(any_session, who) for who in whom] == [[key], [], []]
    decide(approve, people.bo, key)
    assert [inbox(any_session, who) for who in whom] == [[], [key], []]
    decide(approve, people.mei, key)
    assert [inbox(any_session, who) for who in whom] == [[], [], [key]]
    assert waiting_count(any_session, actor(people.dee), NOW) == 1
    assert waiting_count(any_session, actor(people.ada), NOW) is None


def test_those_whose_turn_it_is_are_told_and_the_last_question_is_void(any_session, people):
    key = request(people)
    assert told(any_session, "request_received") == [(people.bo.id, "pending")]

    decide(approve, people.bo, key)

    assert told(any_session, "request_received") == [
        (people.bo.id, "void"), (people.mei.id, "pending"),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["mei", "ops", "ada", "dee", "cy"])
def test_nobody_takes_another_step_than_their_own(any_session, people, biosafety, who):
    key = request(people)

    with pytest.raises((Forbidden, NotFound)):
        decide(approve, getattr(people, who), key)

    assert steps(any_session, key)[0] == "company waiting"


def test_a_step_decided_already_says_so_and_is_not_the_next_one(any_session, people):
    second = factories.create_user(any_session, name="Second")
    factories.create_membership(any_session, second, people.company_a, "member admin")
    key = request(people)
    decide(approve, people.bo, key)

    with pytest.raises(WrongState, match="already_decided"):
        decide(approve, second, key)

    assert steps(any_session, key) == ["company approved", "lab waiting"]


def test_a_step_read_before_is_taken_once(any_session, people):
    key = request(people)
    step = waiting_step(any_session, key)
    any_session.expunge(step)
    any_session.rollback()
    decide(approve, people.bo, key)

    def late(session):
        take_step(session, actor(people.bo), step, "rejected", NOW)

    with pytest.raises(WrongState, match="already_decided"):
        write(late)
    assert steps(any_session, key)[0] == "company approved"


def test_a_rejection_ends_it_at_any_step(any_session, people, biosafety):
    key = request(people)
    decide(approve, people.bo, key)

    decide(reject, people.mei, key)

    assert status(any_session, key) == "rejected"
    assert steps(any_session, key) == ["company approved", "lab rejected", "group dropped"]
    held = select(Allocation.active).where(Allocation.reservation_id == key)
    assert any_session.scalars(held).all() == [0]


def test_each_step_has_its_own_time_to_decide(any_session, people):
    key = request(people, 40, 41)
    later = NOW + timedelta(hours=20)
    decide(approve, people.bo, key, at=later)
    any_session.rollback()
    row = any_session.get(Reservation, key, populate_existing=True)
    assert row.decide_by == min(later + timedelta(hours=24), row.start_at)

    assert write(lambda s: expire_requests(s, row.decide_by)) == 1
    assert status(any_session, key) == "expired"


def test_who_could_decide_a_step_needs_it_not(any_session, people, biosafety):
    factories.create_membership(any_session, people.mei, people.company_b)

    of_admin = request(people, 8, 9, who="bo")
    of_manager = ask(
        actor(people.mei), 12, 13, pool_id=people.confocal.id, company_id=people.company_b.id
    ).reservation_id  # fmt: skip
    of_other = request(people, 14, 15, who="rep")

    assert steps(any_session, of_admin) == ["lab waiting", "group queued"]
    assert steps(any_session, of_manager) == ["company waiting", "group queued"]
    assert steps(any_session, of_other) == ["lab waiting", "group queued"]


def test_moving_a_request_begins_its_steps_again_unless_it_is_less(any_session, people):
    key = request(people, 10, 12)
    decide(approve, people.bo, key)

    shift(any_session, actor(people.ada), key, 10, 11)
    assert steps(any_session, key) == ["company approved", "lab waiting"]
    any_session.expire_all()
    shift(any_session, actor(people.ada), key, 14, 18)

    assert steps(any_session, key) == [
        "company dropped", "lab dropped", "company waiting", "lab queued",
    ]  # fmt: skip


def test_a_change_of_what_was_approved_goes_the_same_way(any_session, people):
    key = request(people)
    decide(approve, people.bo, key)
    decide(approve, people.mei, key)

    any_session.expire_all()
    shift(any_session, actor(people.ada), key, 14, 18)
    assert inbox(any_session, people.bo) == [key]
    assert inbox(any_session, people.mei) == []
    decide(approve, people.bo, key)
    decide(approve, people.mei, key)

    any_session.rollback()
    row = any_session.get(Reservation, key, populate_existing=True)
    assert (row.end_at - row.start_at, row.status) == (timedelta(hours=4), "approved")


def test_a_withdrawn_change_leaves_no_step_behind(any_session, people):
    key = request(people)
    decide(approve, people.bo, key)
    decide(approve, people.mei, key)
    any_session.expire_all()
    shift(any_session, actor(people.ada), key, 14, 18)

    person = actor(people.ada)
    write(lambda s: cancel(s, person, key, "", NOW))

    assert [step for step in steps(any_session, key) if "waiting" in step] == []


def test_who_leaves_it_lying_is_reminded_then_the_operators_may_decide(any_session, people):
    key = request(people, 40, 41)  # 24 hours to decide
    hours = [timedelta(hours=h) for h in (11, 12, 13, 18, 19)]

    done = [write(lambda s, h=h: escalate(s, NOW + h, 50, 75)) for h in hours]

    assert done == [0, 1, 0, 1, 0]
    assert told(any_session, "request_waiting") == [(people.bo.id, "pending")]
    assert told(any_session, "request_escalated") == [(people.ops.id, "pending")]
    at = NOW + hours[-1]
    assert inbox(any_session, people.ops, at) == [key]
    decide(approve, people.ops, key, at=at)
    assert steps(any_session, key) == ["company approved", "lab waiting"]
    assert {state for _who, state in told(any_session, "request_waiting")} == {"void"}


def test_what_only_the_lab_decides_is_brought_to_mind_too(any_session, people):
    key = ask(actor(people.ada), 40, 41, pool_id=people.sequencer.id).reservation_id
    assert steps(any_session, key) == []

    assert write(lambda s: escalate(s, NOW + timedelta(hours=13), 50, 75)) == 1

    assert told(any_session, "request_waiting") == [(people.mei.id, "pending")]
    decide(approve, people.mei, key)
    assert status(any_session, key) == "approved"


def change(session, people):
    """Return the id of an approved reservation of which a change waits for the lab alone."""
    key = ask(actor(people.ada), 40, 41, pool_id=people.sequencer.id).reservation_id
    decide(approve, people.mei, key)
    session.expire_all()
    shift(session, actor(people.ada), key, 42, 44)
    return key


def test_a_change_is_brought_to_mind_and_handed_up_as_a_request_is(any_session, people):
    key = change(any_session, people)
    assert steps(any_session, key) == []
    hours = [timedelta(hours=h) for h in (11, 13, 14, 19, 20)]

    done = [write(lambda s, h=h: escalate(s, NOW + h, 50, 75)) for h in hours]

    assert done == [0, 1, 0, 1, 0]
    assert told(any_session, "request_waiting") == [(people.mei.id, "pending")]
    assert told(any_session, "request_escalated") == [(people.ops.id, "pending")]
    letter = any_session.scalars(select(Outbox).where(Outbox.kind == "request_waiting")).one()
    asked = json.loads(letter.parameters)
    assert asked["new_end"] - asked["new_start"] == 2 * 3600
    assert inbox(any_session, people.ops, NOW + hours[-1]) == [key]
    decide(approve, people.ops, key, at=NOW + hours[-1])
    assert steps(any_session, key) == ["lab approved"]


def test_a_change_nobody_decides_on_ends_with_its_step(any_session, people):
    key = change(any_session, people)
    write(lambda s: escalate(s, NOW + timedelta(hours=13), 50, 75))

    write(lambda s: expire_changes(s, NOW + timedelta(hours=25)))

    assert steps(any_session, key) == ["lab dropped"]
    assert status(any_session, key) == "approved"
    any_session.expire_all()
    shift(any_session, actor(people.ada), key, 42, 44)  # asked once more
    assert write(lambda s: escalate(s, NOW + timedelta(hours=13), 50, 75)) == 1
    assert steps(any_session, key) == ["lab dropped", "lab waiting"]


def test_where_nobody_could_decide_the_operators_are_asked_at_once(any_session, people):
    key = request(people, who="cy")  # company B has no admin

    assert told(any_session, "request_escalated") == [(people.ops.id, "pending")]
    assert inbox(any_session, people.ops) == [key]


def test_a_group_sees_what_it_decides_on_and_nothing_else(any_session, people, biosafety):
    key = request(people, who="cy")
    other = ask(actor(people.cy), 10, 11, pool_id=people.sequencer.id).reservation_id

    assert visible_reservation(any_session, actor(people.dee), key).row.id == key
    with pytest.raises(NotFound):
        visible_reservation(any_session, actor(people.dee), other)


def test_what_needs_no_further_step_costs_no_statement(any_session, people):
    who, pool = actor(people.ada), people.sequencer.id

    with statements(any_session.get_bind()) as plain:
        ask(who, 10, 11, pool_id=pool)

    assert not [line for line in plain if "approval_step" in line]
