"""What somebody waits for in a company's name ends with their place in it, and they are told."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.companies.models import Membership
from booking.core.period import Period
from booking.infra.db import write
from booking.reminders.jobs.deliver import deliver_due
from booking.reservations.models import DrawEntry, WaitlistEntry
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.waiting import Wish
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.leaving import (
    Parting,
    close_company,
    end_party_place,
    leave,
)
from booking.reservations.services.retiring import retire_person
from booking.reservations.services.waiting import join
from tests import factories
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reminders.steps import rows
from tests.reservations.steps import ask, at


@pytest.fixture
def park(any_session, clock):
    """Return the cast: Ada has an offer, Cy waits behind her, Ada asks in a fair opening."""
    people = cast(any_session)
    any_session.delete(factories.units_of(any_session, people.automatic)[1])
    any_session.commit()
    taken = ask(actor(people.mei), 8, 18, pool_id=people.automatic.id).reservation_id
    for person in (people.ada, people.cy):
        who, wish = actor(person), Wish("offer", at(8), at(10), 120, pool_id=people.automatic.id)
        write(lambda s, who=who, wish=wish: join(s, who, wish, NOW))
    write(lambda s: cancel(s, actor(people.mei), taken, "free", NOW))
    day = Period(NOW + timedelta(days=5), NOW + timedelta(days=6))
    asked = factories.create_draw_entry(any_session, people.confocal, people.ada, day)
    asked.company_id = people.company_a.id
    any_session.commit()
    yield people
    any_session.rollback()
    assert broken(any_session, NOW) == {}


def place(session, person):
    session.rollback()
    return session.scalars(select(Membership.id).where(Membership.user_id == person.id)).one()


def by_herself(people, key):
    return lambda s: leave(s, actor(people.ada), people.company_a.id, key, Parting(), NOW)


def by_the_park(people, key):
    return lambda s: end_party_place(s, actor(people.ops), people.ada.id, key, NOW)


def by_closing(people, _key):
    return lambda s: close_company(s, actor(people.ops), people.company_a.id, "x", NOW)


def by_retiring(people, _key):
    return lambda s: retire_person(s, actor(people.ops), people.ada.id, NOW)


@pytest.mark.parametrize("goes", [by_herself, by_the_park, by_closing, by_retiring])
def test_who_goes_waits_no_longer_and_the_next_is_offered_it(any_session, park, goes):
    ada, cy = park.ada.id, park.cy.id
    before = any_session.scalars(select(WaitlistEntry).order_by(WaitlistEntry.id)).all()
    assert [one.state for one in before] == ["offered", "waiting"]

    work = goes(park, place(any_session, park.ada))
    any_session.rollback()
    write(work)

    any_session.rollback()
    states = dict(any_session.execute(select(WaitlistEntry.user_id, WaitlistEntry.state)).all())
    assert states == {ada: "left", cy: "offered"}
    assert any_session.scalars(select(DrawEntry.state)).all() == ["withdrawn"]
    told = {row.kind for row in rows(any_session) if row.recipient_id == ada}
    assert told >= {"waitlist_ended", "draw_ended"}


def test_the_letters_can_be_sent(any_session, park):
    key = place(any_session, park.ada)
    any_session.rollback()
    write(by_herself(park, key))
    deliver_due()
    any_session.rollback()
    sent = {row.kind: row.state for row in rows(any_session) if row.kind.endswith("_ended")}
    assert set(sent.values()) == {"sent"}


def test_what_waits_for_another_company_stays(any_session, park):
    other = factories.create_membership(any_session, park.ada, park.company_b)
    any_session.rollback()
    write(lambda s: end_party_place(s, actor(park.ops), park.ada.id, other.id, NOW))
    any_session.rollback()
    assert set(any_session.scalars(select(WaitlistEntry.state))) == {"offered", "waiting"}
