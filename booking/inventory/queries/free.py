"""Pools with a free unit, for the catalogue: what is held is read, rules other than hours are not.

Slots to offer and units to hold are `reservations.queries.availability`'s.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select
from sqlalchemy.orm import Session

from booking.companies.models import Site
from booking.core.actor import Actor
from booking.core.hours import WeeklyHours
from booking.core.period import Period, to_epoch
from booking.infra.db import BigInt
from booking.inventory.models import BOOKABLE_STATES, Contribution, Pool, Unit
from booking.inventory.queries.visible import agreed_during, own_pools, pools_seen_by
from booking.reservations.models import Allocation

FEW = 500  # pools named in a query; more are all looked at


def pools_free_during(
    session: Session, actor: Actor, period: Period, among: Sequence[int], now: datetime
) -> frozenset[int]:
    """Return which of the pools `among` have a bookable unit free for `period`, buffers included.

    Opening hours must hold it too and, for others than its own people, the agreement and its
    shared hours. Of pools the actor does not see nothing is told. One query.
    """
    free = select(Unit.id).where(
        Unit.pool_id == Pool.id, Unit.state.in_(BOOKABLE_STATES), unit_is_free(period)
    )
    own = own_pools(actor)
    agreed = and_(*agreed_during(period))
    query = (
        select(
            Pool.id, Pool.opening_hours, Site.time_zone,
            case((own, None), else_=Contribution.shared_hours),
        )
        .join(Site, Site.id == Pool.site_id)
        .outerjoin(
            Contribution, (Contribution.pool_id == Pool.id) & Contribution.ended_at.is_(None)
        )
        .where(pools_seen_by(actor, now), or_(own, agreed), free.correlate(Pool).exists())
        .order_by(Pool.id)
    )  # fmt: skip
    if len(among) <= FEW:
        query = query.where(Pool.id.in_(among))
    hours = _Hours(period)
    rows = session.execute(query).all()
    held = {key for key, *texts in rows if hours.hold(*texts)}
    return frozenset(held.intersection(among))


def unit_is_free(period: Period) -> ColumnElement[bool]:
    """Return the condition on Unit joined to Pool: nothing active meets its block for `period`.

    One index step: active rows of a unit never overlap, so the last that starts before the
    block's end decides. `active = 1` is a literal, which the partial index needs.
    """
    start, end = to_epoch(period.start), to_epoch(period.end)
    warmup = func.coalesce(Unit.warmup_minutes, Pool.warmup_minutes, Pool.inherited_warmup_minutes)
    cleanup = func.coalesce(
        Unit.cleanup_minutes, Pool.cleanup_minutes, Pool.inherited_cleanup_minutes
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
    """Whether weekly hours hold a period; thousands of pools share a handful of texts and zones."""

    def __init__(self, period: Period) -> None:
        self._period = period
        self._known: dict[tuple[str | None, str, str | None], bool] = {}

    def hold(self, opening: str | None, zone: str, shared: str | None) -> bool:
        """Return whether the period lies in both hours; None means all hours."""
        key = (opening, zone, shared)
        if key not in self._known:
            texts = [text for text in (opening, shared) if text is not None]
            self._known[key] = all(
                WeeklyHours.parse(text).contains(self._period, ZoneInfo(zone)) for text in texts
            )
        return self._known[key]
