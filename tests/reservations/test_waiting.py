"""Waiting, timed offers, their end, moving up, and being told of freed time (scenarios 46–48)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.core.errors import Conflict, Forbidden, Invalid, NotFound, RuleViolated, WrongState
from booking.core.period import Period
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.reservations import jobs
from booking.reservations.models import Hold, Reservation, WaitlistEntry, WaitlistEvent
from booking.reservations.queries.sweep import broken
from booking.reservations.queries.waiting import visible_entry
from booking.reservations.rules.waiting import MOST_WAITING, Wish
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.closing import close_unit, reopen
from booking.reservations.services.moving import Change, move
from booking.reservations.services.offering import offer_waiting
from booking.reservations.services.waiting import accept, decline, expire_holds, join, leave
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.steps import ask, at


@pytest.fixture
def people(any_session, clock):
    """Return the cast; the centrifuge has one unit that is booked from 10 to 12 by Dee."""
    found = cast(any_session)
    any_session.delete(factories.units_of(any_session, found.automatic)[1])
    any_session.commit()
    return found


@pytest.fixture(autouse=True)
def healthy(any_session):
    yield
    any_session.rollback()
    assert broken(any_session, NOW) == {}


def taken(people, start=8, end=18, who=None, pool=None):
    return ask(
        actor(who or people.mei), start, end, pool_id=(pool or people.automatic).id
    ).reservation_id


def wish(people, minutes=120, first=8, last=18, **more):
    kind = more.pop("kind", "offer")
    if "unit_id" not in more:
        more.setdefault("pool_id", people.automatic.id)
    return Wish(kind, at(first), at(last), minutes, **more)


def wait(people, who, minutes=120, first=8, last=18, now=NOW, **more):
    wanted = wish(people, minutes, first, last, **more)
    return write(lambda s: join(s, actor(who), wanted, now))


def drop(who, reservation, now=NOW):
    write(lambda s: cancel(s, actor(who), reservation, "frei", now))


def entry(session, entry_id):
    session.rollback()
    return session.get(WaitlistEntry, entry_id, populate_existing=True)


def offered(session, entry_id):
    """Return (state, start, end) of what an entry is offered."""
    row = entry(session, entry_id)
    hold = session.get(Hold, row.hold_id) if row.hold_id else None
    return (row.state, hold.start_at, hold.end_at) if hold else (row.state, None, None)


def kinds(session, user):
    session.rollback()
    query = select(Outbox.kind).where(
        Outbox.recipient_id == user.id, Outbox.subject_ref.startswith("waitlist:")
    )
    return list(session.scalars(query.order_by(Outbox.id)))


def events(session, entry_id):
    query = select(WaitlistEvent.what, WaitlistEvent.detail)
    rows = session.execute(query.where(WaitlistEvent.entry_id == entry_id).order_by("id"))
    return [tuple(row) for row in rows]


# --- scenario 46 ------------------------------------------------------------------------


def test_an_entry_holds_nothing_until_the_time_is_free(people, any_session):
    mine = taken(people)
    waiting = wait(people, people.ada)
    assert offered(any_session, waiting) == ("waiting", None, None)
    assert any_session.scalars(select(Hold.id)).all() == []
    with pytest.raises(WrongState) as told:
        write(lambda s: accept(s, actor(people.ada), waiting, NOW))
    assert told.value.code == "no_offer"

    drop(people.mei, mine)

    assert offered(any_session, waiting) == ("offered", at(8), at(10))
    assert entry(any_session, waiting).offer_until == NOW + timedelta(hours=1)
    assert kinds(any_session, people.ada) == ["waitlist_offer"]
    # Nobody else finds what is offered.
    with pytest.raises(Conflict):
        ask(actor(people.cy), 9, 11, pool_id=people.automatic.id)
    done = write(lambda s: accept(s, actor(people.ada), waiting, NOW))
    row = any_session.get(Reservation, done)
    assert (row.status, row.start_at, row.end_at) == ("approved", at(8), at(10))
    assert (row.user_id, row.company_id) == (people.ada.id, people.company_a.id)
    assert entry(any_session, waiting).state == "taken"


def test_accepting_asks_every_rule_again(people, any_session):
    mine = taken(people)
    waiting = wait(people, people.ada)
    drop(people.mei, mine)
    people.automatic.max_minutes = 60
    any_session.commit()
    with pytest.raises(RuleViolated):
        write(lambda s: accept(s, actor(people.ada), waiting, NOW))
    assert offered(any_session, waiting)[0] == "offered"


def test_what_is_free_already_is_offered_on_joining(people, any_session):
    taken(people, 8, 12)
    assert offered(any_session, wait(people, people.ada)) == ("offered", at(12), at(14))


# --- scenario 47 ------------------------------------------------------------------------


def test_the_turn_goes_on_when_an_offer_ends(people, any_session, clock):
    mine = taken(people, 8, 10)
    first = wait(people, people.ada, 120, 8, 10)
    second = wait(people, people.cy, 120, 8, 10)
    drop(people.mei, mine)
    assert [offered(any_session, e)[0] for e in (first, second)] == ["offered", "waiting"]
    assert visible_entry(any_session, actor(people.cy), second).place == 2

    clock.shift(minutes=61)
    with pytest.raises(WrongState) as told:
        write(lambda s: accept(s, actor(people.ada), first, clock.now))
    assert told.value.code == "offer_ended"
    jobs.offer()

    assert offered(any_session, first)[0] == "expired"
    assert offered(any_session, second) == ("offered", at(8), at(10))
    assert kinds(any_session, people.ada) == ["waitlist_offer", "waitlist_expired"]
    jobs.offer()
    assert kinds(any_session, people.cy) == ["waitlist_offer"]
    write(lambda s: accept(s, actor(people.cy), second, clock.now))


def test_declining_and_leaving_hand_the_turn_on(people, any_session):
    mine = taken(people, 8, 10)
    ids = [wait(people, who, 120, 8, 10) for who in (people.ada, people.cy, people.bo)]
    drop(people.mei, mine)
    write(lambda s: decline(s, actor(people.ada), ids[0], NOW))
    assert offered(any_session, ids[1])[0] == "offered"
    write(lambda s: leave(s, actor(people.cy), ids[1], NOW))
    assert [offered(any_session, e)[0] for e in ids] == ["declined", "left", "offered"]
    for act in (leave, decline):
        with pytest.raises(WrongState):
            write(lambda s, act=act: act(s, actor(people.ada), ids[0], NOW))


def test_a_running_reservation_and_its_buffer_are_no_offer(people, any_session):
    people.automatic.cleanup_minutes = 30
    any_session.commit()
    mine = taken(people, 8, 17)
    waiting = wait(people, people.ada, 60, 8, 10)
    running = taken(people, 17.5, 18.5)
    write(lambda s: move(s, actor(people.mei), mine, None, Change(start=at(8), end=at(9)), NOW))
    # 9:00–9:30 is cleaned; 9:30–10:30 would leave the window.
    assert offered(any_session, waiting)[0] == "waiting"
    other = wait(people, people.cy, 60, 8, 11)
    assert offered(any_session, other) == ("offered", at(9.5), at(10.5))
    assert events(any_session, waiting)[-1][0] == "joined" or running


def test_who_is_passed_over_learns_why(people, any_session):
    mine = taken(people, 8, 10)
    long = wait(people, people.ada, 240, 8, 18)
    assert offered(any_session, long)[0] == "offered"  # 10–14 was free
    write(lambda s: leave(s, actor(people.ada), long, NOW))
    taken(people, 10, 18)
    long = wait(people, people.ada, 240, 8, 18)
    short = wait(people, people.cy, 60, 8, 18)
    drop(people.mei, mine)
    assert [offered(any_session, e)[0] for e in (long, short)] == ["waiting", "offered"]
    assert events(any_session, long)[-1] == ("skipped", '{"why": ["no_slot"]}')


def test_priority_goes_first(people, any_session):
    mine = taken(people, 8, 10)
    first, second = wait(people, people.ada, 60, 8, 9), wait(people, people.cy, 60, 8, 9)
    any_session.get(WaitlistEntry, second).priority = 1
    any_session.commit()
    assert visible_entry(any_session, actor(people.cy), second).place == 1
    drop(people.mei, mine)
    assert [offered(any_session, e)[0] for e in (first, second)] == ["waiting", "offered"]


def test_one_release_serves_all_who_fit(people, any_session):
    mine = taken(people)
    ids = [wait(people, who, 120) for who in (people.ada, people.cy, people.bo)]
    drop(people.mei, mine)
    assert [offered(any_session, e)[1] for e in ids] == [at(8), at(10), at(12)]


# --- scenario 48 ------------------------------------------------------------------------


def test_who_watches_is_told_of_freed_time_but_not_who_freed_it(people, any_session, clock):
    mine = taken(people, 8, 12, people.ada)
    for who in (people.ada, people.cy):
        wait(people, who, 120, 8, 18, kind="notice")
    wait(people, people.bo, 300, 8, 18, kind="notice")  # more than becomes free
    wait(people, people.mei, 60, 14, 18, kind="notice")  # another time
    assert kinds(any_session, people.cy) == []
    taken(people, 14, 15, people.ada)
    assert kinds(any_session, people.cy) == []

    drop(people.ada, mine)

    assert kinds(any_session, people.cy) == ["time_freed"]
    assert [kinds(any_session, who) for who in (people.ada, people.bo, people.mei)] == [[], [], []]
    again = taken(people, 8, 12, people.ada)
    drop(people.ada, again)
    assert kinds(any_session, people.cy) == ["time_freed"]  # once an hour
    again = taken(people, 8, 12, people.ada)
    clock.shift(hours=1)
    drop(people.ada, again, clock.now)
    assert kinds(any_session, people.cy) == ["time_freed"] * 2


def test_making_longer_tells_nobody(people, any_session):
    mine = taken(people, 8, 10, people.ada)
    wait(people, people.cy, 60, 8, 18, kind="notice")
    write(lambda s: move(s, actor(people.ada), mine, None, Change(end=at(12)), NOW))
    assert kinds(any_session, people.cy) == []
    write(lambda s: move(s, actor(people.ada), mine, None, Change(end=at(10)), NOW))
    assert kinds(any_session, people.cy) == ["time_freed"]


def test_freed_time_that_was_offered_is_no_news(people, any_session):
    mine = taken(people, 8, 10, people.ada)
    wait(people, people.cy, 120, 8, 10, kind="notice")
    wait(people, people.bo, 120, 8, 10)
    drop(people.ada, mine)
    assert kinds(any_session, people.bo) == ["waitlist_offer"]
    assert kinds(any_session, people.cy) == []


# --- every way time becomes free --------------------------------------------------------


def test_an_opened_unit_is_offered(people, any_session):
    unit = factories.units_of(any_session, people.automatic)[0].id
    period = Period(at(0), at(24))
    made = write(lambda s: close_unit(s, actor(people.mei), unit, period, "fault", "", NOW))
    waiting = wait(people, people.ada)
    write(lambda s: reopen(s, actor(people.mei), made.closure_id, NOW))
    assert offered(any_session, waiting) == ("offered", at(8), at(10))


def test_moving_away_offers_what_was_left(people, any_session):
    mine = taken(people, 8, 10, people.cy)
    waiting = wait(people, people.ada, 60, 8, 10)
    write(lambda s: move(s, actor(people.cy), mine, None, Change(at(9), at(11)), NOW))
    assert offered(any_session, waiting) == ("offered", at(8), at(9))


def test_the_job_offers_what_nobody_noted(people, any_session, monkeypatch):
    mine = taken(people, 8, 10)
    waiting = wait(people, people.ada, 60, 8, 10)
    with monkeypatch.context() as patched:
        patched.setattr("booking.reservations.services.cancelling.note_freed", lambda *_: None)
        drop(people.mei, mine)
    assert offered(any_session, waiting)[0] == "waiting"
    jobs.offer()
    assert offered(any_session, waiting)[0] == "offered"


def test_a_wish_whose_time_has_passed_lapses(people, any_session, clock):
    taken(people, 8, 18)
    waiting = wait(people, people.ada, 60, 8, 10)
    clock.move_to(at(9))
    jobs.offer()
    assert offered(any_session, waiting)[0] == "lapsed"
    assert kinds(any_session, people.ada) == ["waitlist_lapsed"]


def test_who_has_left_the_park_gets_no_offer(people, any_session):
    mine = taken(people, 8, 10)
    gone, here = wait(people, people.ada, 60, 8, 9), wait(people, people.cy, 60, 8, 9)
    people.ada.retired_at = NOW
    any_session.commit()
    drop(people.mei, mine)
    assert [offered(any_session, e)[0] for e in (gone, here)] == ["lapsed", "offered"]


# --- moving up --------------------------------------------------------------------------


def test_a_reservation_moves_up_when_earlier_time_frees(people, any_session):
    early, mine = taken(people, 8, 10), taken(people, 9.5 + 0.5, 12, people.ada)
    waiting = write(
        lambda s: join(s, actor(people.ada), Wish("move_up", NOW, NOW, reservation_id=mine), NOW)
    )
    # Tuesday's small hours are free: the earliest time comes first, and can be declined.
    assert offered(any_session, waiting)[0] == "offered"
    assert offered(any_session, waiting)[1] < at(8)
    write(lambda s: decline(s, actor(people.ada), waiting, NOW))
    wanted = Wish("move_up", at(8), at(12), reservation_id=mine)
    waiting = write(lambda s: join(s, actor(people.ada), wanted, NOW))
    with pytest.raises(WrongState) as told:
        write(lambda s: join(s, actor(people.ada), wanted, NOW))
    assert told.value.code == "already_waiting"
    write(lambda s: move(s, actor(people.mei), early, None, Change(at(7), at(9)), NOW))
    # 9–11 overlaps what the reservation itself has: only the hour before is held for it.
    assert offered(any_session, waiting) == ("offered", at(9), at(11))
    assert write(lambda s: accept(s, actor(people.ada), waiting, NOW)) == mine
    row = any_session.get(Reservation, mine, populate_existing=True)
    assert (row.start_at, row.end_at) == (at(9), at(11))


def test_what_was_given_up_goes_to_the_next(people, any_session):
    early, mine = taken(people, 8, 10), taken(people, 10, 12, people.ada)
    up = Wish("move_up", at(8), at(12), reservation_id=mine)
    moving = write(lambda s: join(s, actor(people.ada), up, NOW))
    next_ = wait(people, people.cy, 120, 10, 12)
    drop(people.mei, early)
    write(lambda s: accept(s, actor(people.ada), moving, NOW))
    assert offered(any_session, next_) == ("offered", at(10), at(12))


# --- who may, and bounds ----------------------------------------------------------------


def test_bounds_and_foreign_entries(people, any_session):
    taken(people)
    waiting = wait(people, people.ada)
    for act in (accept, decline, leave):
        with pytest.raises(NotFound):
            write(lambda s, act=act: act(s, actor(people.cy), waiting, NOW))
    with pytest.raises(NotFound):
        visible_entry(any_session, actor(people.cy), waiting)
    assert visible_entry(any_session, actor(people.mei), waiting).person == "Ada"
    with pytest.raises(WrongState) as told:
        wait(people, people.ada)
    assert told.value.code == "already_waiting"
    for hour in range(1, MOST_WAITING):
        wait(people, people.ada, 60, 8, 8 + hour)
    with pytest.raises(WrongState) as told:
        wait(people, people.ada, 180)
    assert told.value.code == "too_many_waiting"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"minutes": 0}, "minutes_invalid"),
        ({"minutes": 601}, "window_too_short"),
        ({"kind": "sit"}, "unknown_waiting"),
        ({"purpose": "fun"}, "unknown_purpose"),
        ({"quantity": 0}, "quantity_invalid"),
    ],
)
def test_unfit_wishes_are_refused(people, any_session, more, code):
    with pytest.raises(Invalid) as told:
        wait(people, people.ada, **more)
    assert told.value.code == code


def test_what_can_never_be_is_not_waited_for(people, any_session):
    with pytest.raises(RuleViolated) as told:
        wait(people, people.ada, quantity=2)
    assert [v.code for v in told.value.violations] == ["not_enough_units"]
    mine = taken(people, 10, 12)
    up = Wish("move_up", at(8), at(12), reservation_id=mine)
    with pytest.raises(Forbidden):
        write(lambda s: join(s, actor(people.ops), up, NOW))


def test_an_offer_released_twice_is_released_once(people, any_session, clock):
    mine = taken(people, 8, 10)
    waiting = wait(people, people.ada, 120, 8, 10)
    drop(people.mei, mine)
    write(lambda s: accept(s, actor(people.ada), waiting, NOW))
    clock.shift(hours=2)
    assert write(lambda s: expire_holds(s, clock.now)) == 0
    assert write(lambda s: offer_waiting(s, people.automatic.id, clock.now)) == 0
