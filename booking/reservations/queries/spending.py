"""The quotas that apply to a booking and what is used of them: read from the reservations."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, select, true
from sqlalchemy.orm import Session

from booking.companies.models import Company, Site
from booking.core.period import Period
from booking.inventory.models import Pool
from booking.policies.queries.book import book_of
from booking.policies.rules.quotas import NOTHING, Account, Days, Quota, spent
from booking.reservations.models import Hold, Reservation
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.rules.proposal import MAX_DAYS

COUNTED = ("pending", "approved", "in_use", "completed")
WINDOW_DAYS = {"day": 1, "week": 7, "month": 31, "future": 0}
COLUMNS = (Reservation.id, Reservation.start_at, Reservation.end_at, Reservation.quantity)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom quotas are counted for: a person, and the company they book for."""

    person_id: int
    company_id: int | None

    def holds(self, quota: Quota) -> ColumnElement[bool] | None:
        """Return whose reservations count, as a condition; None where nobody's would."""
        if quota.subject == "company":
            return None if self.company_id is None else Reservation.company_id == self.company_id
        return Reservation.user_id == self.person_id if self.person_id else None


@dataclass
class Spending:
    """Reads accounts, each once: pools of one site that share a quota share its account."""

    session: Session
    subject: Subject
    reach: Period
    now: datetime
    besides: int | None = None
    _known: dict[tuple[int, str], Account] = field(default_factory=dict)
    _home: ZoneInfo | None = None

    def accounts(self, pool: PoolFacts, quotas: Iterable[Quota]) -> tuple[Account, ...]:
        """Return what is used of each of these quotas that counts for the subject."""
        return tuple(self._accounts(pool, quotas))

    def _accounts(self, pool: PoolFacts, quotas: Iterable[Quota]) -> Iterator[Account]:
        for quota in quotas:
            whose = self.subject.holds(quota)
            if whose is None:
                continue
            zone = self._home_zone(pool.zone) if quota.subject == "company" else pool.zone
            key = (quota.quota_id, zone.key)
            if key not in self._known:
                self._known[key] = self._read(pool, quota, zone, whose)
            yield self._known[key]

    def _read(
        self, pool: PoolFacts, quota: Quota, zone: ZoneInfo, whose: ColumnElement[bool]
    ) -> Account:
        where = and_(whose, self._within(quota), self._of_scope(pool, quota))
        rows = self.session.execute(_rows(COLUMNS, quota).where(where, self._live(quota))).all()
        asked = self._asked(and_(whose, self._of_scope(pool, quota)), quota)
        days: dict[date, int] = {}
        mine: Days = NOTHING
        undecided = []
        frees = [row.start_at for row in rows if row.start_at > self.now]
        for row in rows:
            use = self._spent(quota, zone, row)
            if row.id == self.besides:
                mine = use
            elif row.id in asked:
                undecided.append((use, self._spent(quota, zone, asked.pop(row.id))))
            else:
                for day, amount in use.items():
                    days[day] = days.get(day, 0) + amount
        asked.pop(self.besides or 0, None)
        undecided += [(NOTHING, self._spent(quota, zone, row)) for row in asked.values()]
        return Account(quota, zone, days, mine, tuple(undecided), min(frees, default=None))

    def _asked(self, where: ColumnElement[bool], quota: Quota) -> dict[int, Row[Any]]:
        """Return what undecided changes ask for, by reservation."""
        columns = (Reservation.id, Hold.start_at, Hold.end_at, Hold.quantity)
        query = _rows(columns, quota).join(Hold, Hold.reservation_id == Reservation.id)
        rows = self.session.execute(
            query.where(where, Hold.kind == "pending_move")
            .where(Hold.released_at.is_(None), Hold.expires_at > self.now)
        )  # fmt: skip
        return {row.id: row for row in rows}

    def _spent(self, quota: Quota, zone: ZoneInfo, row: Any) -> Mapping[date, int]:
        period = Period(row.start_at, row.end_at)
        return spent(quota, zone, period, row.quantity, self.now)

    def _live(self, quota: Quota) -> ColumnElement[bool]:
        counted = (*COUNTED, "no_show") if quota.counts_no_show else COUNTED
        undecided = and_(Reservation.status == "pending", Reservation.decide_by <= self.now)
        return and_(Reservation.status.in_(counted), ~undecided)

    def _within(self, quota: Quota) -> ColumnElement[bool]:
        """Return the times of which a window could meet those asked about."""
        if quota.period == "future":
            return Reservation.start_at > self.now
        around = timedelta(days=(quota.rolling_days or WINDOW_DAYS[quota.period]) + 1)
        first, last = self.reach.start - around, self.reach.end + around
        # No reservation is longer than a year: without a first start the index is read whole.
        return and_(
            Reservation.start_at < last,
            Reservation.start_at > first - timedelta(days=MAX_DAYS),
            Reservation.end_at > first,
        )

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

    def _home_zone(self, other: ZoneInfo) -> ZoneInfo:
        """Return the zone of the company's home site; that of the pool where it has none."""
        if self._home is None:
            query = select(Site.time_zone).join(Company, Company.home_site_id == Site.id)
            name = self.session.execute(query.where(Company.id == self.subject.company_id)).scalar()
            self._home = ZoneInfo(name) if name else other
        return self._home


def _rows(columns: tuple[Any, ...], quota: Quota) -> Select[*tuple[Any, ...]]:
    query = select(*columns).select_from(Reservation).order_by(Reservation.id)
    if quota.scope[0] in ("lab", "site", "category"):
        query = query.join(Pool, Pool.id == Reservation.pool_id)
    return query
