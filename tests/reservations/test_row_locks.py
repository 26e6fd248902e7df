"""What one transaction has changed and not committed: whoever comes next waits for what becomes."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from booking.core.errors import Conflict
from booking.infra.db import db
from booking.reservations.models import Allocation
from booking.reservations.queries.reservations import locked_reservation
from booking.reservations.queries.sweep import broken
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.requesting import request_reservation
from tests.cast import cast
from tests.conftest import NOW
from tests.factories import actor, units_of
from tests.reservations.steps import ask, at

LATER = 120  # hours after Tuesday: nothing is final yet


@pytest.mark.postgres
def test_who_comes_second_waits_for_the_row(pg_app, clock):
    with pg_app.app_context():
        people = cast(db.session())
        ada, mei = actor(people.ada), actor(people.mei)
        asked = ask(ada, 10, 12, pool_id=people.confocal.id).reservation_id
        with Session(db.engine) as deciding, Session(db.engine) as cancelling:
            locked_reservation(deciding, mei, asked)
            cancelling.execute(text("SET LOCAL lock_timeout = '200ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                locked_reservation(cancelling, ada, asked)


@pytest.mark.postgres
def test_nobody_takes_the_place_that_one_who_gives_way_is_getting(pg_app, clock):
    with pg_app.app_context():
        people = cast(db.session())
        ada, cy = actor(people.ada), actor(people.cy)
        first, second = [unit.id for unit in units_of(db.session(), people.automatic)]
        ask(cy, LATER + 11, LATER + 13, unit_id=second)
        early = ask(
            ada, LATER + 9, LATER + 10, pool_id=people.automatic.id, preferred_unit_ids=(first,)
        ).reservation_id
        whole = BookingRequest(at(LATER + 9), at(LATER + 12), pool_id=people.automatic.id)
        hour = BookingRequest(at(LATER + 9), at(LATER + 10), unit_id=second)
        moved = select(Allocation.unit_id).where(
            Allocation.reservation_id == early, Allocation.active == 1
        )
        with Session(db.engine) as making, Session(db.engine) as taking:
            request_reservation(making, cy, whole, NOW)
            assert making.scalars(moved).one() == second
            taking.execute(text("SET LOCAL lock_timeout = '200ms'"))
            # Committed, the second unit is still free then.
            with pytest.raises(OperationalError, match="lock timeout"):
                request_reservation(taking, ada, hour, NOW)
            taking.rollback()
            making.commit()
            with pytest.raises(Conflict):
                request_reservation(taking, ada, hour, NOW)
        assert broken(db.session(), NOW) == {}
