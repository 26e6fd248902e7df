"""Coming and running reservations that stand in the way of retiring something."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from booking.companies.models import Site
from booking.core.period import Period
from booking.inventory.models import Pool
from booking.reservations.models import LIVE, Allocation, Hold, Reservation
from booking.reservations.queries.availability import ACTIVE


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A reservation that has not ended: what, when, in its site's zone; not whose."""

    id: int
    reference: str
    pool_zh: str
    pool_en: str
    period: Period
    zone: ZoneInfo
    status: str


def live_reservations(
    session: Session, where: ColumnElement[bool], now: datetime
) -> list[InTheWay]:
    """Return the pending, approved and running reservations `where` chooses, by start. One query.

    The condition may use Reservation and Pool.
    """
    rows = session.execute(
        select(
            Reservation.id, Reservation.reference, Pool.name_zh, Pool.name_en,
            Reservation.start_at, Reservation.end_at, Site.time_zone, Reservation.status,
        )
        .join(Pool, Pool.id == Reservation.pool_id)
        .join(Site, Site.id == Pool.site_id)
        .where(where, Reservation.status.in_(LIVE), Reservation.end_at > now)
        .order_by(Reservation.start_at, Reservation.id)
    )  # fmt: skip
    return [
        InTheWay(key, reference, zh, en, Period(start, end), ZoneInfo(zone), status)
        for key, reference, zh, en, start, end, zone, status in rows
    ]


def holds_unit(unit_id: int, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a reservation, or a change asked of it, holds the unit."""
    held = select(Allocation.reservation_id, Hold.reservation_id.label("moving"))
    held = held.outerjoin(Hold, Hold.id == Allocation.hold_id)
    blocks = held.where(
        Allocation.unit_id == unit_id, ACTIVE, Allocation.block_end > now
    ).subquery()
    return or_(
        Reservation.id.in_(select(blocks.c.reservation_id)),
        Reservation.id.in_(select(blocks.c.moving)),
    )


def of_strangers(pool_id: int, institution_id: int) -> ColumnElement[bool]:
    """Return the condition that a reservation of the pool is not its own institution's."""
    return (Reservation.pool_id == pool_id) & Reservation.institution_id.is_distinct_from(
        institution_id
    )
