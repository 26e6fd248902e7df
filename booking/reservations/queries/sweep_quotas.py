"""Quotas that bookings made since they were set have overdrawn: what no lost race may leave.

A lower bound, so that nobody is blamed for nothing: only what was booked without an override after
the quota was set counts, in windows that no clock reads differently, of quotas that bind everyone.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, false, func, literal, select, true
from sqlalchemy.orm import Session

from booking.companies.models import Company, Site
from booking.core.period import to_epoch
from booking.infra.db import BigInt
from booking.infra.quota_use import COUNTED
from booking.inventory.models import Pool
from booking.policies.models import QuotaRow
from booking.policies.queries.book import current_book
from booking.reservations.models import Reservation
from booking.reservations.queries.spending_rows import END, EPOCH, START

SHOWN = 20
LOOKED_BACK, LOOKED_AHEAD = timedelta(days=31), timedelta(days=366)
SETTLED = timedelta(minutes=1)  # a quota binds from the next booking on
DAY = 86_400
MONTHS = 16  # that the days looked at may fall into
THURSDAY = 4  # 1970-01-01


def overdrawn(session: Session, now: datetime) -> list[int]:
    """Return the quotas of which somebody has more than its amount. One query a quota and zone."""
    rows = session.scalars(select(QuotaRow).order_by(QuotaRow.id)).all()
    loosened = {_kind(row) for row in rows if row.grants}
    binding = [
        row
        for row in rows
        if row.retired_at is None and not row.group_kind and row.hours is None
        and _kind(row) not in loosened
    ]  # fmt: skip
    if not binding:
        return []
    zones = [ZoneInfo(name) for name in session.scalars(select(Site.time_zone).distinct())]
    found = (row.id for row in binding for zone in zones if _exceeded(session, row, zone, now))
    return list(dict.fromkeys(found))[:SHOWN]


def _exceeded(session: Session, row: QuotaRow, zone: ZoneInfo, now: datetime) -> bool:
    """Return whether any account of the quota that is kept in `zone` is over its amount."""
    who = Reservation.user_id if row.subject == "person" else Reservation.company_id
    first, last = _window(row, START, zone, now), _window(row, END - 1, zone, now)
    counts = row.measure == "count"
    seconds = func.sum((END - START) * Reservation.quantity)
    used: ColumnElement[int] = func.count() if counts else seconds
    # What runs from one window into the next counts in both, in parts: left out.
    whole: ColumnElement[bool] = true() if counts else first == last
    limit = row.amount * 60 if row.measure == "minutes" else row.amount
    query = (
        select(who)
        .join(Pool, Pool.id == Reservation.pool_id)
        .where(*_counted(row, now), _kept_in(row, zone), _in_scope(session, row), whole)
        .group_by(who, first)
        .having(used > limit)
        .limit(1)
    )
    return session.execute(query).first() is not None


def _counted(row: QuotaRow, now: datetime) -> list[ColumnElement[bool]]:
    undecided = and_(Reservation.status == "pending", Reservation.decide_by <= now)
    since = now if row.period == "future" else now - LOOKED_BACK
    who = Reservation.user_id if row.subject == "person" else Reservation.company_id
    return [
        who.is_not(None),
        Reservation.status.in_(COUNTED),
        ~func.coalesce(undecided, false()),
        Reservation.source == "booked",
        Reservation.override_reason == "",
        Reservation.created_at > row.set_at + SETTLED,
        Reservation.start_at > since,
        Reservation.start_at < now + LOOKED_AHEAD,
    ]


def _kept_in(row: QuotaRow, zone: ZoneInfo) -> ColumnElement[bool]:
    """Return that the account has the clock of `zone`: its pool's, or its company's at home."""
    own = select(Site.time_zone).where(Site.id == Pool.site_id).correlate(Pool).scalar_subquery()
    if row.subject == "person":
        return own == zone.key
    home = (
        select(Site.time_zone)
        .join(Company, Company.home_site_id == Site.id)
        .where(Company.id == Reservation.company_id)
        .correlate(Reservation)
        .scalar_subquery()
    )
    return func.coalesce(home, own) == zone.key


def _in_scope(session: Session, row: QuotaRow) -> ColumnElement[bool]:
    if row.scope_kind == "category":
        return Pool.category_code.in_(sorted(current_book(session).below(row.scope_key)))
    columns: dict[str, Any] = {"pool": Pool.id, "lab": Pool.lab_id, "site": Pool.site_id}
    column = columns.get(row.scope_kind)
    return true() if column is None else column == int(row.scope_key)


def _window(row: QuotaRow, moment: Any, zone: ZoneInfo, now: datetime) -> ColumnElement[int]:
    """Return the number of the window a moment falls into.

    Of a rolling quota every so many days are a window, so those side by side are enough here.
    """
    if row.period == "future":
        return literal(0, BigInt)
    day = (moment + _offset(moment, zone, now)) // DAY
    if row.period == "week":
        return (day + THURSDAY - row.week_start) // 7
    if row.period == "rolling":
        return day // row.rolling_days
    return _month(day, zone, now) if row.period == "month" else day


def _offset(moment: Any, zone: ZoneInfo, now: datetime) -> ColumnElement[int]:
    """Return the zone's seconds east of UTC at a moment, in the days that are looked at."""
    start, end = to_epoch(now - LOOKED_BACK) - DAY, to_epoch(now + LOOKED_AHEAD) + 2 * DAY
    offset, changes = _east(start, zone), []
    for second in range(start, end, DAY):
        after = _east(second + DAY, zone)
        if after != offset:
            changes.append((moment < _change(second, second + DAY, zone), literal(offset, BigInt)))
            offset = after
    last = literal(offset, BigInt)
    return case(*changes, else_=last) if changes else last


def _change(before: int, after: int, zone: ZoneInfo) -> int:
    """Return the second at which the clock has changed that had not yet at `before`."""
    old = _east(before, zone)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _east(middle, zone) == old else (before, middle)
    return after


def _east(second: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def _month(day: ColumnElement[int], zone: ZoneInfo, now: datetime) -> ColumnElement[int]:
    first = (now.astimezone(zone) - LOOKED_BACK).date().replace(day=1)
    starts = []
    for _ in range(MONTHS):
        first = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        starts.append((first - EPOCH).days)
    return case(*((day < start, number) for number, start in enumerate(starts)), else_=MONTHS)


def _kind(row: QuotaRow) -> tuple[object, ...]:
    """Return what a quota that loosens another shares with it."""
    scope = (row.scope_kind, row.scope_key)
    return (scope, row.subject, row.measure, row.period, row.rolling_days, row.hours)
