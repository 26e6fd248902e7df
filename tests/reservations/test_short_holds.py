"""A slot kept while the form is filled in, and where its time goes when it is not used."""

import pytest
from sqlalchemy import select

from booking.infra.db import write
from booking.reservations.models import Hold, WaitlistEntry
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.rules.waiting import Wish
from booking.reservations.services.kept import give_back
from booking.reservations.services.short_holds import keep_slot
from booking.reservations.services.waiting import join
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor
from tests.reservations.steps import ask, at


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


def test_what_was_kept_goes_to_who_waits_when_it_is_given_back(people, any_session):
    ada, cy = actor(people.ada), actor(people.cy)
    ask(actor(people.mei), 9, 10, pool_id=people.automatic.id)
    request = BookingRequest(at(9), at(10), pool_id=people.automatic.id)
    kept = write(lambda s: keep_slot(s, ada, request, NOW))
    wish = Wish("offer", at(9), at(10), 60, pool_id=people.automatic.id)
    entry = write(lambda s: join(s, cy, wish, NOW))

    write(lambda s: give_back(s, ada, kept.hold_id, NOW))

    found = any_session.get_one(WaitlistEntry, entry)
    offer = any_session.get_one(Hold, found.hold_id)
    assert (found.state, offer.start_at, offer.released_at) == ("offered", at(9), None)
    assert offer.unit_ids == str(kept.unit_ids[0])
    released = any_session.scalars(select(Hold.released_at).where(Hold.id == kept.hold_id)).one()
    assert released == NOW
    assert broken(any_session, NOW) == {}
