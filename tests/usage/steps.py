"""Past use, and adding it up."""

from datetime import timedelta

from sqlalchemy.orm import Session

from booking.core.period import Period
from booking.infra.db import write
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Reservation
from booking.usage.services.keeping import keep_up
from tests import factories
from tests.conftest import NOW

# Saturday 00:00 in Asia/Shanghai: the day before the last that is over.
DAY = NOW - timedelta(hours=57)


def used(
    session: Session, pool: Pool, unit_id: int, start: float, end: float, company_id: int | None,
    status: str = "completed", days: int = 0,
) -> Reservation:  # fmt: skip
    """Return a reservation of those hours of Saturday, or of another day."""
    period = Period(DAY + timedelta(days=days, hours=start), DAY + timedelta(days=days, hours=end))
    unit = session.get(Unit, unit_id)
    assert unit is not None
    more = {"company_id": company_id, "status": status, "source": "import:test"}
    row = factories.create_reservation(session, pool, period, [unit], **more)
    return row


def kept_up(session: Session, now=NOW) -> int:  # type: ignore[no-untyped-def]
    """Return how many days were added up until none was left to do."""
    days = 0
    while done := keep_up(session, write, now):
        days += done
    return days
