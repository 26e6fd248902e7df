"""Writing a new reservation under a reference nobody has."""

import secrets
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import BindParameter, Row, Select, Table, bindparam, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.core.actor import Party
from booking.core.errors import Busy
from booking.infra.db import run
from booking.reservations.models import Allocation, Reservation
from booking.reservations.queries.people import BOOKER, booker_asked, lock_booker
from booking.reservations.queries.reservations import SHOWN
from booking.reservations.rules.reference import RANDOM_BYTES, reference
from booking.reservations.services.holding import Block

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
        row = run(session, insert, _named(values)).one_or_none()
        if row is not None:
            return row
    raise Busy


def insert_held(
    session: Session, values: dict[str, Any], party: Party, block: Block, *, pinned: bool
) -> tuple[Row[*tuple[Any, ...]], bool]:
    """Return the reservation written, and whether it holds `block`, which was free just now.

    On PostgreSQL only: the booker is locked, the reservation written and the block held in one
    statement instead of three. Raises what `lock_booker` does, Busy.
    """
    field, booker = booker_asked(values["user_id"], party)
    held = {
        "held_unit": block.unit_id, "held_from": block.period.start,
        "held_until": block.period.end, "held_pinned": int(pinned),
    }  # fmt: skip
    statement = _insert_all(field, tuple(sorted({*values, "reference"})))
    for _ in range(REFERENCE_TRIES):
        row = run(session, statement, {**_named(values), **booker, **held}).one_or_none()
        if row is not None:
            return row, row.allocation_id is not None
        lock_booker(session, values["user_id"], party)
    raise Busy


def _named(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "reference": reference(secrets.token_bytes(RANDOM_BYTES))}


@lru_cache(maxsize=8)
def _insert_all(field: str, names: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    """Return the statement for a booker's `field` and a reservation with values of these names.

    No row: the booker is retired, or the reference is taken. No `allocation_id`: the guard refused.
    """
    booker = BOOKER[field].cte("booker")
    columns = cast(Table, Reservation.__table__).c
    given: list[BindParameter[Any]] = [bindparam(name, type_=columns[name].type) for name in names]
    made = (
        postgresql.insert(cast(Table, Reservation.__table__))
        .from_select(list(names), select(*given).select_from(booker))
        .on_conflict_do_nothing(index_elements=[Reservation.reference])
        .returning(*SHOWN)
        .cte("made")
    )
    block = {
        "reservation_id": made.c.id,
        "kind": literal("reservation"),
        "unit_id": bindparam("held_unit", type_=Allocation.unit_id.type),
        "block_start": bindparam("held_from", type_=Allocation.block_start.type),
        "block_end": bindparam("held_until", type_=Allocation.block_end.type),
        "active": literal(1, Allocation.active.type),
        "pinned": bindparam("held_pinned", type_=Allocation.pinned.type),
    }
    held = (
        postgresql.insert(cast(Table, Allocation.__table__))
        .from_select(list(block), select(*block.values()))
        .on_conflict_do_nothing()
        .returning(Allocation.id)
        .cte("held")
    )
    return select(*made.c, select(held.c.id).scalar_subquery().label("allocation_id"))
