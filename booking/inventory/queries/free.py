"""Pools with a free unit, for the catalogue: what is held is read, rules other than hours are not.

Slots to offer and units to hold are `reservations.queries.availability`'s.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, literal_column, or_, select
from sqlalchemy.orm import Session

from booking.companies.models import Site
from booking.core.actor import Actor
from booking.core.hours import WeeklyHours
from booking.core.period import Period, to_epoch
from booking.infra.db import BigInt
from booking.inventory.models import BOOKABLE_STATES, Contribution, Pool, Unit
from booking.inventory.queries.visible import pools_seen_by
from booking.inventory.rules.sharing import Sharing, is_insider
from booking.policies.rules import DEFAULTS
from booking.reservations.models import Allocation


def pools_free_during(
    session: Session, actor: Actor, period: Period, now: datetime
) -> frozenset[int]:
    """Return the pools the actor sees with a bookable unit free for `period`, buffers included.

    Opening hours and, for others than its own people, the shared hours must hold it too. One query.
    """
    free = select(Unit.id).where(
        Unit.pool_id == Pool.id, Unit.state.in_(BOOKABLE_STATES), unit_is_free(period)
    )
    rows = session.execute(
        select(
            Pool.id, Pool.institution_id, Pool.lab_id, Pool.opening_hours, Site.time_zone,
            Contribution.from_at, Contribution.until_at, Contribution.shared_hours,
        )
        .join(Site, Site.id == Pool.site_id)
        .outerjoin(
            Contribution, (Contribution.pool_id == Pool.id) & Contribution.ended_at.is_(None)
        )
        .where(pools_seen_by(actor, now), free.correlate(Pool).exists())
        .order_by(Pool.id)
    )  # fmt: skip
    hours = _Hours(period)
    return frozenset(row.id for row in rows if _open_to(actor, row, hours))


def unit_is_free(period: Period) -> ColumnElement[bool]:
    """Return the condition on Unit joined to Pool: nothing active meets its block for `period`.

    One index step: active rows of a unit never overlap, so the last that starts before the
    block's end decides. `active = 1` is a literal, which the partial index needs.
    """
    start, end = to_epoch(period.start), to_epoch(period.end)
    warmup = func.coalesce(Unit.warmup_minutes, Pool.warmup_minutes, DEFAULTS.warmup_minutes.value)
    cleanup = func.coalesce(
        Unit.cleanup_minutes, Pool.cleanup_minutes, DEFAULTS.cleanup_minutes.value
    )
    last_end = (
        select(Allocation.block_end)
        .where(
            Allocation.unit_id == Unit.id,
            literal_column("allocation.active = 1"),
            Allocation.block_start < literal_column(str(end), BigInt) + cleanup * 60,
        )
        .order_by(Allocation.block_start.desc())
        .limit(1)
        .correlate(Unit, Pool)
        .scalar_subquery()
    )
    return or_(last_end.is_(None), last_end <= literal_column(str(start), BigInt) - warmup * 60)


class _Hours:
    """Whether weekly hours hold a period; 1,500 pools share a handful of texts and zones."""

    def __init__(self, period: Period) -> None:
        self.period = period
        self._known: dict[tuple[str, str], bool] = {}

    def hold(self, text: str | None, zone: str) -> bool:
        """Return whether the period lies in the hours; without a text all hours do."""
        if text is None:
            return True
        if (text, zone) not in self._known:
            hours = WeeklyHours.parse(text)
            self._known[text, zone] = hours.contains(self.period, ZoneInfo(zone))
        return self._known[text, zone]


def _open_to(actor: Actor, row: Any, hours: _Hours) -> bool:
    if not hours.hold(row.opening_hours, row.time_zone):
        return False
    if is_insider(actor, row.institution_id, row.lab_id):
        return True
    agreed = Sharing(row.from_at, row.until_at, None)
    ends = agreed.until_at is None or hours.period.end <= agreed.until_at
    return (
        agreed.covers(hours.period.start) and ends and hours.hold(row.shared_hours, row.time_zone)
    )
