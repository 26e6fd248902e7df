"""A day that opens fairly: collected, ranked once, decided in that order by every rule."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.core.errors import NotFound, RuleViolated, WrongState
from booking.infra.db import write
from booking.infra.outbox import Outbox
from booking.reservations import jobs
from booking.reservations.models import Draw, DrawEntry, Reservation
from booking.reservations.queries.draws import due_draws, next_in_draw
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.draws import MOST_ENTRIES, lot, sealed
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services import drawing
from booking.reservations.services.drawing import decide, rank
from booking.reservations.services.entering import enter, withdraw_entry
from booking.reservations.services.moving import Change, move
from booking.web.reserve import Entered, reserve
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.ruled import set_quota, set_rule
from tests.reservations.steps import ask, at

DRAWN_AT = NOW + timedelta(minutes=30)


@pytest.fixture
def people(any_session, clock):
    """Return the cast; the centrifuge has one unit, and its Wednesday opens fairly until 09:30."""
    found = cast(any_session)
    any_session.delete(factories.units_of(any_session, found.automatic)[1])
    found.automatic.horizon_days = 2
    set_rule(any_session, "opens_at_minute", 9 * 60, pool=found.automatic)
    set_rule(any_session, "fair_opening_minutes", 30, pool=found.automatic)
    return found


@pytest.fixture(autouse=True)
def healthy(any_session):
    yield
    any_session.rollback()
    assert broken(any_session, NOW) == {}


def wants(people, start=9, end=10, day=1, **more):
    return BookingRequest(at(start, day), at(end, day), pool_id=people.automatic.id, **more)


def request(people, who, *args, **more):
    """Return the entry of a request for hours of the Wednesday."""
    made = reserve(actor(who), wants(people, *args, **more))
    assert isinstance(made, Entered)
    return made.entry_id


def rows(session):
    """Return (state, rank, turn) of every entry by id."""
    session.rollback()
    query = select(DrawEntry.state, DrawEntry.rank, DrawEntry.turn).order_by(DrawEntry.id)
    return [tuple(row) for row in session.execute(query)]


def used(session, people, who, company, hours):
    """Let somebody have used the centrifuge last week."""
    start = at(9, -6)
    session.add(
        Reservation(
            reference=f"USED{who.id:04d}", pool_id=people.automatic.id, quantity=1, start_at=start,
            end_at=start + timedelta(hours=hours), status="completed", user_id=who.id,
            company_id=company.id, purpose="other", created_at=start,
        )
    )  # fmt: skip
    session.commit()


def told(session, kind):
    session.rollback()
    query = select(Outbox).where(Outbox.kind == kind).order_by(Outbox.id)
    return {row.recipient_id: json.loads(row.parameters) for row in session.scalars(query)}


# --- collecting -------------------------------------------------------------------------


def test_a_request_is_collected_and_holds_nothing(people, any_session):
    entry = any_session.get(DrawEntry, request(people, people.ada))
    draw = any_session.get(Draw, entry.draw_id)
    assert (draw.day_start, draw.draws_at, draw.state) == (at(0, 1), DRAWN_AT, "open")
    assert draw.seal == sealed(draw.seed)
    assert any_session.scalars(select(Reservation.id)).all() == []
    assert due_draws(any_session, NOW) == []
    # The same wish again is the same entry; another one is another.
    assert request(people, people.ada) == entry.id
    assert request(people, people.ada, 10, 11) != entry.id


def test_days_open_already_are_booked_as_ever(people):
    assert ask(actor(people.ada), 9, 10, pool_id=people.automatic.id).reservation_id


def test_other_rules_are_asked_at_once(people):
    with pytest.raises(RuleViolated) as refused:
        reserve(actor(people.ada), wants(people, 9, 9.1))
    assert [v.code for v in refused.value.violations] == [
        "too_short", "granularity_length",
    ]  # fmt: skip


def test_nobody_gets_past_the_draw(people, any_session):
    """Neither by moving there, nor does a search offer the day; a manager may with a reason."""
    mine = ask(actor(people.ada), 9, 10, pool_id=people.automatic.id).reservation_id
    change = Change(start=at(9, 1), end=at(10, 1))
    with pytest.raises(RuleViolated) as refused:
        write(lambda s: move(s, actor(people.ada), mine, None, change, NOW))
    assert [v.code for v in refused.value.violations] == ["fair_opening"]
    assert refused.value.violations[0].limit == DRAWN_AT
    made = reserve(actor(people.mei), wants(people, override_reason="service"))
    assert made.row.status == "approved"


def test_a_person_asks_for_so_many_times_of_a_day(people):
    for n in range(MOST_ENTRIES):
        request(people, people.ada, 8 + n, 9 + n)
    with pytest.raises(WrongState) as refused:
        request(people, people.ada, 20, 21)
    assert refused.value.code == "too_many_entries"


def test_a_request_can_be_taken_back_until_the_draw(people, any_session, clock):
    first, second = request(people, people.ada), request(people, people.ada, 11, 12)
    with pytest.raises(NotFound):
        write(lambda s: withdraw_entry(s, actor(people.bo), first, NOW))
    write(lambda s: withdraw_entry(s, actor(people.ada), first, NOW))
    clock.move_to(DRAWN_AT)
    jobs.draw()
    assert rows(any_session) == [("withdrawn", None, None), ("won", 1, 1)]
    with pytest.raises(WrongState) as refused:
        write(lambda s: withdraw_entry(s, actor(people.ada), second, clock.now))
    assert refused.value.code == "already_drawn"


# --- the draw ---------------------------------------------------------------------------


def test_who_used_least_gets_it_whoever_came_first(people, any_session, clock):
    used(any_session, people, people.ada, people.company_a, 5)
    used(any_session, people, people.cy, people.company_b, 2)
    request(people, people.ada)
    request(people, people.cy)
    clock.move_to(DRAWN_AT)
    jobs.draw()

    assert rows(any_session) == [("lost", 2, 1), ("won", 1, 1)]
    [lost, won] = any_session.scalars(select(DrawEntry).order_by(DrawEntry.id)).all()
    assert (lost.why, lost.person_minutes, won.party_minutes) == ("conflict", 300, 120)
    draw = any_session.get(Draw, won.draw_id)
    assert (draw.state, draw.drawn_at) == ("done", DRAWN_AT)
    assert won.lot == lot(draw.seed, people.cy.id)
    made = any_session.get(Reservation, won.reservation_id)
    assert (made.user_id, made.company_id, made.status) == (
        people.cy.id, people.company_b.id, "approved",
    )  # fmt: skip
    assert told(any_session, "draw_won")[people.cy.id]["rank"] == 1
    loser = told(any_session, "draw_lost")[people.ada.id]
    assert (loser["rank"], loser["of"], len(loser["other"])) == (2, 2, 3)
    jobs.draw()
    assert rows(any_session) == [("lost", 2, 1), ("won", 1, 1)]


def test_everybody_has_a_first_place_before_anybody_a_second(people, any_session, clock):
    used(any_session, people, people.cy, people.company_b, 50)
    for start in (9, 10, 11):
        request(people, people.ada, start, start + 1)
    request(people, people.cy, 10, 11)
    clock.move_to(DRAWN_AT)
    jobs.draw()
    assert rows(any_session) == [("won", 1, 1), ("lost", 3, 2), ("won", 4, 3), ("won", 2, 1)]


def test_quotas_hold_in_a_draw(people, any_session, clock):
    set_quota(any_session, people.automatic, amount=1)
    for start in (9, 10):
        request(people, people.ada, start, start + 1)
    clock.move_to(DRAWN_AT)
    jobs.draw()
    assert [state for state, *_ in rows(any_session)] == ["won", "lost"]
    assert any_session.scalars(select(DrawEntry.why).order_by(DrawEntry.id)).all() == [
        "", "quota_count_future",
    ]  # fmt: skip


def test_who_has_left_gets_nothing(people, any_session, clock):
    request(people, people.ada)
    people.ada.retired_at = NOW
    any_session.commit()
    clock.move_to(DRAWN_AT)
    jobs.draw()
    assert [state for state, *_ in rows(any_session)] == ["lost"]


def test_who_comes_first_after_the_end_makes_the_draw(people, any_session, clock):
    request(people, people.ada)
    clock.move_to(DRAWN_AT)
    # Nobody takes the time before it is decided, however fast.
    with pytest.raises(RuleViolated) as refused:
        write(lambda s: enter(s, actor(people.cy), wants(people), clock.now))
    assert [v.code for v in refused.value.violations] == ["being_drawn"]
    made = reserve(actor(people.cy), wants(people, 10, 11))
    assert made.row.status == "approved"
    assert rows(any_session) == [("won", 1, 1)]


def test_who_comes_late_is_not_in_the_draw(people, any_session, clock):
    request(people, people.ada)
    clock.move_to(DRAWN_AT)
    [draw_id] = due_draws(any_session, clock.now)
    write(lambda s: rank(s, draw_id, clock.now))
    # Sent in time, but kept waiting by the draw itself.
    with pytest.raises(WrongState) as refused:
        write(lambda s: enter(s, actor(people.cy), wants(people), NOW))
    assert refused.value.code == "being_drawn"
    jobs.draw()
    assert rows(any_session) == [("won", 1, 1)]


def test_what_was_begun_by_a_process_that_died_goes_on(people, any_session, clock, monkeypatch):
    for start, who in ((9, people.ada), (10, people.ada), (11, people.cy), (12, people.bo)):
        request(people, who, start, start + 1)
    clock.move_to(DRAWN_AT)
    [draw_id] = due_draws(any_session, clock.now)
    write(lambda s: rank(s, draw_id, clock.now))
    order = any_session.scalars(select(DrawEntry.id).order_by(DrawEntry.rank)).all()
    write(lambda s: decide(s, order[0], clock.now))

    def die(*_args, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr(drawing, "_tell_won", die)
    with pytest.raises(KeyboardInterrupt):
        write(lambda s: decide(s, order[1], clock.now))
    monkeypatch.undo()
    any_session.rollback()
    assert next_in_draw(any_session, draw_id) == order[1]
    # Out of turn, or twice, nothing happens.
    write(lambda s: decide(s, order[2], clock.now))
    write(lambda s: decide(s, order[0], clock.now))
    write(lambda s: rank(s, draw_id, clock.now))
    jobs.draw()
    assert any_session.scalars(select(DrawEntry.id).order_by(DrawEntry.rank)).all() == order
    assert {state for state, *_ in rows(any_session)} == {"won"}
    assert any_session.query(Reservation).count() == 4


def test_the_doctor_finds_a_request_that_its_draw_forgot(people, any_session):
    entry = any_session.get(DrawEntry, request(people, people.ada))
    draw = any_session.get(Draw, entry.draw_id)
    draw.state = "done"
    any_session.commit()
    assert broken(any_session, NOW) == {"requests that no draw decided": [entry.id]}
    draw.state = "open"
    any_session.commit()
    assert broken(any_session, NOW) == {}
    assert broken(any_session, NOW + timedelta(days=2)) != {}


def test_a_manager_asks_for_another_person(people, any_session, clock):
    party = {"company_id": people.company_b.id, "on_behalf_of": people.cy.id}
    request(people, people.mei, **party)
    clock.move_to(DRAWN_AT)
    jobs.draw()
    made = any_session.scalars(select(Reservation)).one()
    assert (made.user_id, made.created_by_id) == (people.cy.id, people.mei.id)


def test_a_draw_that_cannot_be_made_holds_up_no_other(people, any_session, clock, monkeypatch):
    request(people, people.ada)
    clock.move_to(DRAWN_AT)
    monkeypatch.setattr(
        "booking.web.drawing.due_draws", lambda *given: [0, *due_draws(*given)]
    )  # there is no draw 0

    jobs.draw()

    assert [state for state, *_rest in rows(any_session)] == ["won"]
