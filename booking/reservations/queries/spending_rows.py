"""What is used of quotas, added up from the reservations themselves.

For quotas whose ledger (`quota_sums`) is not complete yet, or cannot tell; and what it must equal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from booking.core.period import Period, from_epoch, to_epoch
from booking.infra.db import BigInt
from booking.infra.quota_use import COUNTED
from booking.inventory.models import Pool
from booking.policies.queries.book import book_of
from booking.policies.rules.quotas import AHEAD, NOTHING, Account, Quota, spent
from booking.reservations.models import LONG_SECONDS, Hold, Reservation
from booking.reservations.queries.facts import PoolFacts

WINDOW_DAYS = {"day": 1, "week": 7, "month": 31, "future": 0}
EPOCH = date(1970, 1, 1)
# Plain seconds: what is added up in the database.
START = type_coerce(Reservation.start_at, BigInt)
END = type_coerce(Reservation.end_at, BigInt)
QUANTITY = Reservation.quantity
COLUMNS = (Reservation.id, Reservation.start_at, Reservation.end_at, Reservation.quantity)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom quotas are counted for: a person, and the company they book for."""

    person_id: int
    company_id: int | None

    def who(self, quota: Quota) -> int | None:
        """Return the id of the person or company the quota is counted for; None for nobody."""
        return self.company_id if quota.subject == "company" else self.person_id or None

    def holds(self, quota: Quota) -> ColumnElement[bool]:
        """Return whose reservations count, as a condition."""
        company = quota.subject == "company"
        return (Reservation.company_id if company else Reservation.user_id) == self.who(quota)


@dataclass(frozen=True)
class RowSums:
    """Reads accounts from reservations. `besides` is one that changes."""

    session: Session
    reach: Period
    now: datetime
    besides: int | None = None

    def account(
        self, pool: PoolFacts, quota: Quota, zone: ZoneInfo, whose: ColumnElement[bool]
    ) -> Account:
        """Return what is used of a quota by those of whom `whose` is true. Four queries."""
        where = and_(whose, self._of_scope(pool, quota))
        asked = self._asked(where, quota)
        apart = [*asked, *([self.besides] if self.besides is not None else [])]
        days, frees = self._by_day(quota, zone, and_(where, self._live(quota)), apart)
        rows = self._one_by_one(quota, zone, and_(where, self._live(quota)), apart)
        return self.tallied(Account(quota, zone, days, frees=frees), rows, asked)

    def tallied(self, told: Account, rows: Iterable[Any], asked: Mapping[int, Any]) -> Account:
        """Return an account with these reservations added to what is `told` without them.

        `asked`: what undecided changes ask for, by reservation, whether it counts now or not.
        """
        quota, zone, frees = told.quota, told.zone, told.frees
        days, mine, left = dict(told.days), NOTHING, dict(asked)
        undecided = []
        for row in rows:
            use = self._spent(quota, zone, row)
            if quota.period == "future" and row.start_at > self.now:
                frees = min(frees or row.start_at, row.start_at)
            if row.id == self.besides:
                mine = use
            elif row.id in left:
                undecided.append((use, self._spent(quota, zone, left.pop(row.id))))
            else:
                for day, amount in use.items():
                    days[day] = days.get(day, 0) + amount
        left.pop(self.besides or 0, None)
        undecided += [(NOTHING, self._spent(quota, zone, row)) for row in left.values()]
        return Account(quota, zone, days, mine, tuple(undecided), frees)

    def _by_day(
        self, quota: Quota, zone: ZoneInfo, where: ColumnElement[bool], apart: list[int]
    ) -> tuple[dict[date, int], datetime | None]:
        """Return what the database can add up: reservations that count whole, on one local day.

        And when the first that is still to come starts, for a quota of those.
        """
        offset = self._offset(quota, zone)
        if offset is None:
            return {}, None
        day = _day(START, offset) if quota.period != "future" else literal_column("0")
        amount = func.count() if quota.measure == "count" else func.sum((END - START) * QUANTITY)
        query = _rows((day.label("day"), amount.label("amount"), func.min(START)), quota)
        rows = self.session.execute(
            query.order_by(None)
            .where(where, self._near(quota), Reservation.id.not_in(apart))
            .where(~_crosses(quota, offset))
            .group_by("day")
        ).all()
        days = {_date(quota, row.day): int(row.amount) for row in rows if row.amount}
        first = min((row[2] for row in rows if row[2] is not None), default=None)
        return days, from_epoch(first) if first is not None and quota.period == "future" else None

    def _one_by_one(
        self, quota: Quota, zone: ZoneInfo, where: ColumnElement[bool], apart: list[int]
    ) -> list[Row[Any]]:
        """Return the reservations that the database cannot add up."""
        offset, query = self._offset(quota, zone), _rows(COLUMNS, quota).where(where)
        singly: ColumnElement[bool] = Reservation.id.in_(apart)
        if offset is None:
            singly = true()
        elif quota.period != "future" and quota.measure == "minutes":
            singly = or_(singly, _crosses(quota, offset))
        rows = list(self.session.execute(query.where(self._near(quota), singly)))
        if quota.period == "future":
            return rows
        # What began more than a day before and still runs has an index of its own.
        first = self._span(quota).start
        lasting = aliased(Reservation, name="lasting")
        earlier = select(lasting.id).where(
            literal_column(f"lasting.end_at - lasting.start_at > {LONG_SECONDS}"),
            lasting.end_at > first,
            literal_column("lasting.start_at + 0") <= to_epoch(first) - LONG_SECONDS,
        )
        lasting_rows = self.session.execute(query.where(Reservation.id.in_(earlier)))
        return rows + list(lasting_rows)

    def _asked(self, where: ColumnElement[bool], quota: Quota) -> dict[int, Row[Any]]:
        """Return what undecided changes ask for, by reservation."""
        columns = (Reservation.id, Hold.start_at, Hold.end_at, Hold.quantity)
        query = _rows(columns, quota).join(Hold, Hold.reservation_id == Reservation.id)
        rows = self.session.execute(
            query.order_by(None)
            .order_by(Hold.id)
            .where(where, Hold.kind == "pending_move")
            .where(Hold.released_at.is_(None), Hold.expires_at > self.now)
        )  # fmt: skip
        return {row.id: row for row in rows}

    def _spent(self, quota: Quota, zone: ZoneInfo, row: Any) -> Mapping[date, int]:
        period = Period(row.start_at, row.end_at)
        return spent(quota, zone, period, row.quantity, self.now)

    def _live(self, quota: Quota) -> ColumnElement[bool]:
        undecided = and_(Reservation.status == "pending", Reservation.decide_by <= self.now)
        return and_(Reservation.status.in_(counted_by(quota)), ~undecided)

    def _span(self, quota: Quota) -> Period:
        """Return the times of which a window could meet those asked about."""
        around = timedelta(days=(quota.rolling_days or WINDOW_DAYS[quota.period]) + 1)
        return Period(self.reach.start - around, self.reach.end + around)

    def _near(self, quota: Quota) -> ColumnElement[bool]:
        """Return that it meets the span, unless it began more than a day before."""
        if quota.period == "future":
            return Reservation.start_at > self.now
        span = self._span(quota)
        began = span.start - timedelta(seconds=LONG_SECONDS)
        return and_(
            Reservation.start_at > began, Reservation.start_at < span.end,
            Reservation.end_at > span.start,
        )  # fmt: skip

    def _offset(self, quota: Quota, zone: ZoneInfo) -> int | None:
        """Return the zone's seconds east of UTC; None where days must be told one by one."""
        if quota.hours is not None:
            return None
        span = self._span(quota)
        weeks = int(span.length / timedelta(days=7)) + 2
        moments = (span.start + timedelta(days=7 * n) for n in range(-1, weeks))
        offsets = {moment.astimezone(zone).utcoffset() for moment in moments}
        only = offsets.pop()
        return int(only.total_seconds()) if only is not None and not offsets else None

    def _of_scope(self, pool: PoolFacts, quota: Quota) -> ColumnElement[bool]:
        kind, key = quota.scope
        if kind == "pool":
            return Reservation.pool_id == int(key)
        if kind == "lab":
            return Pool.lab_id == int(key)
        if kind == "site":
            return Pool.site_id == int(key)
        if kind == "category":
            book = book_of(self.session, pool.edition)
            return Pool.category_code.in_(sorted(book.below(key)))
        return true()

    def first_to_come(
        self, pool: PoolFacts, quota: Quota, whose: ColumnElement[bool], since: datetime
    ) -> datetime | None:
        """Return when the first that counts starts, at or after `since`. One query."""
        where = and_(whose, self._of_scope(pool, quota), self._live(quota))
        query = _rows((Reservation.start_at,), quota).where(where)
        query = query.where(Reservation.start_at > self.now, Reservation.start_at >= since)
        return self.session.execute(query.limit(1)).scalar()


def counted_by(quota: Quota) -> tuple[str, ...]:
    """Return the states in which a reservation counts."""
    return (*COUNTED, "no_show") if quota.counts_no_show else COUNTED


def _day(moment: ColumnElement[int], offset: int) -> ColumnElement[int]:
    return (moment + offset) // 86_400


def _crosses(quota: Quota, offset: int) -> ColumnElement[bool]:
    """Return whether a reservation's use falls on several local days."""
    if quota.measure == "count" or quota.period == "future":
        return false()
    return _day(START, offset) != _day(END - 1, offset)


def _date(quota: Quota, day: int) -> date:
    return AHEAD if quota.period == "future" else EPOCH + timedelta(days=int(day))


def _rows(columns: tuple[Any, ...], quota: Quota) -> Select[*tuple[Any, ...]]:
    query = select(*columns).select_from(Reservation)
    query = query.order_by(Reservation.start_at, Reservation.id)
    if quota.scope[0] in ("lab", "site", "category"):
        query = query.join(Pool, Pool.id == Reservation.pool_id)
    return query
