"""A reservation about to be changed is locked: whoever comes next waits for what becomes of it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from booking.infra.db import db
from booking.reservations.queries.reservations import locked_reservation
from tests.cast import cast
from tests.factories import actor
from tests.reservations.steps import ask


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
