"""An institution's own pages: West's, for who speaks for it and the park. Forms are empty."""

from sqlalchemy.orm import Session

from booking.reservations.models import Closure
from tests import factories
from tests.cast import Cast
from tests.conftest import NOW
from tests.matrix import table


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Add a unit of West's that its institution uses itself."""
    unit = factories.units_of(session, people.automatic)[0]
    closure = factories.keep(
        session,
        Closure(
            pool_id=people.automatic.id, unit_id=unit.id, kind="own_use", created_at=NOW,
            start_at=NOW.replace(year=2027), end_at=NOW.replace(year=2028),
        ),
    )  # fmt: skip
    return {"own_pool": people.automatic.id, "own_unit": unit.id, "own_closure": closure.id}


ACCESS = table(
    "rep ops adm",
    """
    # endpoint             ids                                          GET  POST
    contributed.pools      institution_id=west                          200  -
    contributed.pool       pool_id=own_pool                             200  -
    contributed.hours      pool_id=own_pool                             200  302
    contributed.pause      pool_id=own_pool                             200  422
    contributed.resume     pool_id=own_pool                             -    302
    contributed.end        pool_id=own_pool                             200  409   # is booked
    contributed.take_back  pool_id=own_pool,unit_id=own_unit            200  422
    contributed.take_out   pool_id=own_pool,unit_id=own_unit            200  422
    contributed.give_back  pool_id=own_pool,closure_id=own_closure      -    302
    """,
)
