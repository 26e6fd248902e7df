"""Writing a new reservation under a reference nobody has."""

import secrets
from typing import Any, cast

from sqlalchemy import Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.core.errors import Busy
from booking.infra.db import run
from booking.reservations.models import Reservation
from booking.reservations.queries.reservations import SHOWN
from booking.reservations.rules.reference import RANDOM_BYTES, reference

# A reference that is taken makes no row: another is tried.
_INSERT = {
    engine.dialect.name: engine.insert(cast(Table, Reservation.__table__))
    .on_conflict_do_nothing(index_elements=["reference"])
    .returning(*SHOWN)
    for engine in (postgresql, sqlite)
}
REFERENCE_TRIES = 5


def insert_reservation(session: Session, values: dict[str, Any]) -> Row[*tuple[Any, ...]]:
    """Return the SHOWN columns of the reservation written with these values. Raises Busy."""
    insert = _INSERT[session.get_bind().dialect.name]
    for _ in range(REFERENCE_TRIES):
        values["reference"] = reference(secrets.token_bytes(RANDOM_BYTES))
        row = run(session, insert, values).one_or_none()
        if row is not None:
            return row
    raise Busy
