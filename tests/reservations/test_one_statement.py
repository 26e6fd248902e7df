"""A booking in few statements is the booking it was in many."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from booking.infra.db import is_postgresql
from booking.reservations.models import Allocation
from booking.reservations.services import requesting
from tests.cast import cast
from tests.factories import actor
from tests.reservations.steps import ask
from tests.statements import statements


@pytest.fixture
def people(any_session, clock):
    return cast(any_session)


def test_a_booking_takes_few_statements(any_session, people):
    who, pool_id = actor(people.ada), people.automatic.id
    ask(who, 8, 9, pool_id=pool_id)  # the book is read

    with statements(any_session.get_bind()) as sent:
        ask(who, 10, 11, pool_id=pool_id)

    # Looked at, and again behind the locks; what is written, told and recorded.
    assert len(sent) == (6 if is_postgresql(any_session) else 7), sent


def test_a_block_that_is_refused_leaves_a_reservation_to_be_seated(
    any_session, people, monkeypatch
):
    """Somebody who took no lock was quicker."""
    taken = ask(actor(people.cy), 10, 11, unit_id=people.confocal_units[0].id)
    look = requesting.stocked_pool

    def before(*asked):
        pool, stock = look(*asked)
        first = replace(stock.free[0], unit_id=people.confocal_units[0].id)
        return pool, replace(stock, free=(first, *stock.free))

    monkeypatch.setattr(requesting, "stocked_pool", before)
    booked = ask(actor(people.ada), 10, 11, pool_id=people.confocal.id)

    held = dict(any_session.execute(select(Allocation.reservation_id, Allocation.unit_id)).all())
    assert held[taken.reservation_id] == people.confocal_units[0].id
    assert booked.unit_ids == (held[booked.reservation_id],)
    assert len(set(held.values())) == 2
