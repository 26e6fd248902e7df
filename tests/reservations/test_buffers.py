"""Buffers: shared by neighbours of one person, used with a manager's reason, given back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.audit.models import Audit
from booking.core.errors import Conflict
from booking.infra.db import write
from booking.policies.models import RuleEdition, RuleValue
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.sweep import broken
from booking.reservations.services.cancelling import cancel
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor, keep, units_of
from tests.pages import browser, said
from tests.reservations.steps import ask, at


@pytest.fixture
def people(any_session, clock):
    found = cast(any_session)
    found.automatic.warmup_minutes, found.automatic.cleanup_minutes = 15, 30
    any_session.commit()
    return found


@pytest.fixture(autouse=True)
def swept(any_session):
    yield
    assert broken(any_session, NOW) == {}


@pytest.fixture
def unit(people, any_session):
    return units_of(any_session, people.automatic)[0].id


def share(session, pool):
    """Let neighbours of one person share a buffer in the pool."""
    keep(
        session,
        RuleValue(
            scope_kind="pool", scope_key=str(pool.id), rule="share_buffers", value="true",
            group_kind="", group_key="", grants=0, set_at=NOW,
        ),
    )  # fmt: skip
    edition = session.get(RuleEdition, 1) or RuleEdition(id=1, number=0)
    edition.number += 77
    keep(session, edition)


def book(who, start, end, **more):
    return ask(actor(who), start, end, **more).reservation_id


def block(session, reservation):
    """Return the hours of Tuesday that a reservation blocks."""
    query = select(Allocation.block_start, Allocation.block_end).where(
        Allocation.reservation_id == reservation, Allocation.active == 1
    )
    row = session.execute(query).one()
    return tuple((moment - at(0)) / timedelta(hours=1) for moment in row)


def test_without_the_rule_the_buffers_of_one_person_stand(people, any_session, unit):
    book(people.ada, 10, 11, unit_id=unit)
    with pytest.raises(Conflict):
        book(people.ada, 11.5, 12.5, unit_id=unit)
    assert book(people.ada, 11.75, 12.75, unit_id=unit)


def test_neighbours_of_one_person_share_a_buffer(people, any_session, unit):
    share(any_session, people.automatic)
    first = book(people.ada, 10, 11, unit_id=unit)
    second = book(people.ada, 11.5, 12.5, unit_id=unit)
    assert block(any_session, first) == (9.75, 11.25)
    assert block(any_session, second) == (11.25, 13)
    actions = any_session.scalars(select(Audit.action)).all()
    assert actions.count("allocation.shorten") == 1


def test_one_buffer_stays_between_them(people, any_session, unit):
    share(any_session, people.automatic)
    book(people.ada, 10, 11, unit_id=unit)
    with pytest.raises(Conflict):
        book(people.ada, 11.25, 12.25, unit_id=unit)


def test_a_stranger_shares_nothing(people, any_session, unit):
    share(any_session, people.automatic)
    book(people.ada, 10, 11, unit_id=unit)
    with pytest.raises(Conflict):
        book(people.cy, 11.5, 12.5, unit_id=unit)


def test_a_buffer_is_given_back_when_the_neighbour_goes(people, any_session, unit):
    share(any_session, people.automatic)
    first = book(people.ada, 10, 11, unit_id=unit)
    second = book(people.ada, 11.5, 12.5, unit_id=unit)
    write(lambda s: cancel(s, actor(people.ada), second, "", NOW))
    assert block(any_session, first) == (9.75, 11.5)
    with pytest.raises(Conflict):
        book(people.cy, 11.5, 12.5, unit_id=unit)


def test_a_manager_books_inside_a_buffer_with_a_reason_and_it_is_flagged(people, any_session, unit):
    first = book(people.ada, 10, 11, unit_id=unit)
    member = {"on_behalf_of": people.cy.id, "company_id": people.company_b.id, "unit_id": unit}
    with pytest.raises(Conflict):
        book(people.mei, 11.25, 12.25, **member)
    inside = book(people.mei, 11.25, 12.25, **member, override_reason="加急样品")
    assert block(any_session, first) == (9.75, 11)
    assert block(any_session, inside) == (11, 12.75)
    row = any_session.get(Reservation, inside)
    assert row.override_reason == "加急样品"
    assert "reservation.inside_buffer" in any_session.scalars(select(Audit.action)).all()


def test_a_members_reason_opens_no_buffer(people, any_session, unit):
    book(people.ada, 10, 11, unit_id=unit)
    with pytest.raises(Conflict):
        book(people.cy, 11.25, 12.25, unit_id=unit, override_reason="加急")


def test_shown_times_never_give_way(people, any_session, unit):
    book(people.ada, 10, 11, unit_id=unit)
    member = {"on_behalf_of": people.cy.id, "company_id": people.company_b.id, "unit_id": unit}
    with pytest.raises(Conflict):
        book(people.mei, 10.75, 12, **member, override_reason="加急")


def test_the_page_asks_a_manager_for_the_reason(any_app, people, any_session, unit):
    book(people.ada, 10, 11, unit_id=unit)
    client = browser(any_app, people.mei)
    times = {"start": "2026-11-24T11:15", "end": "2026-11-24T12:15", "quantity": "1"}
    form = {**times, "purpose": "other", "unit_id": str(unit), "key": "0" * 32}
    form |= {"for_whom": "cy@test.example", "party": f"company:{people.company_b.id}"}
    asked = client.post(f"/reserve?pool_id={people.automatic.id}", data=form)
    assert (asked.status_code, "override_reason" in asked.text) == (409, True)
    done = client.post(
        f"/reserve?pool_id={people.automatic.id}", data={**form, "override_reason": "加急样品"}
    )
    assert done.status_code == 302
    assert "加急样品" in said(client.get(done.location).text)
