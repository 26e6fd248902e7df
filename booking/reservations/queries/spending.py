"""The quotas that apply to a booking and what is used of them: exact, whatever is counted.

From the ledger where it is complete (`quota_sums`), else from the reservations (`spending_rows`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking.core.period import CELL_SECONDS, Period, from_epoch, to_epoch
from booking.infra.db import is_postgresql
from booking.policies.queries.book import book_of
from booking.policies.rules.quota_cells import Piece, cells_of, days_of
from booking.policies.rules.quotas import AHEAD, NOTHING, Account, Days, Quota, spent, window_days
from booking.reservations.models import LONG_SECONDS
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.quota_sums import Look, Open, Sum, look, sums
from booking.reservations.queries.spending_rows import WINDOW_DAYS, RowSums, Subject, counted_by

DAY = timedelta(days=1)
Key = tuple[int, str]


@dataclass
class Spending:
    """Reads accounts, each once: pools of one site that share a quota share its account.

    `exact`: nothing is asked but whether `reach` is too much; then a window is one number, on its
    first day, and when a quota of coming reservations frees is left out.
    """

    session: Session
    subject: Subject
    reach: Period
    now: datetime
    besides: int | None = None
    exact: bool = False
    _known: dict[Key, Account] = field(default_factory=dict)
    _seen: Look | None = None
    _home: str | None = None
    _open: Sequence[Open] = ()
    _totals: dict[Key, int | None] = field(default_factory=dict)

    def accounts(self, pool: PoolFacts, quotas: Iterable[Quota]) -> tuple[Account, ...]:
        """Return what is used of each of these quotas that counts for the subject.

        Two queries for all, and four more for each whose ledger cannot tell.
        """
        theirs = [quota for quota in quotas if self.subject.who(quota) is not None]
        if not theirs:
            return ()
        self._look(pool, theirs)
        wanted = {}
        for quota in theirs:
            zone = self._zone(pool, quota)
            wanted[quota.quota_id, zone.key] = (quota, zone)
        self._read(pool, {key: of for key, of in wanted.items() if key not in self._known})
        return tuple(self._known[key] for key in wanted)

    def _read(self, pool: PoolFacts, wanted: Mapping[Key, tuple[Quota, ZoneInfo]]) -> None:
        asked = {key: self._asked(*of) for key, of in wanted.items()}
        told = self._told_by_ledger({key: one for key, one in asked.items() if one is not None})
        for key, (quota, zone) in wanted.items():
            one, days = asked[key], told.get(key)
            if one is None or days is None:
                self._known[key] = self._rows.account(pool, quota, zone, self.subject.holds(quota))
            else:
                self._known[key] = self._from_ledger(pool, one, days)

    def _asked(self, quota: Quota, zone: ZoneInfo) -> Sum | None:
        first, last = window_days(quota, self.reach, zone)
        cells = cells_of(quota, zone, first, last, self.now)
        who = self.subject.who(quota)
        return None if cells is None or who is None else Sum(quota, zone, who, cells)

    def _told_by_ledger(self, asked: Mapping[Key, Sum]) -> dict[Key, dict[date, int]]:
        """Return what the ledger tells by day, of those quotas whose ledger is complete."""
        apart = {key: one for key, one in asked.items() if key not in self._totals}
        told = {}
        for key, one in asked.items():
            total = self._totals.get(key)
            if total is not None:
                told[key] = {one.first_day: total}
        for (key, one), some in zip(apart.items(), self._pieces(apart.values()), strict=True):
            if some is not None:
                told[key] = days_of(one.quota, one.cells, some)
        return told

    def _pieces(self, asked: Iterable[Sum]) -> list[list[Piece] | None]:
        """Return what the ledger has day by day, of the same moment as what is looked at."""
        wanted = list(asked)
        if not wanted:
            return []
        while True:
            found, seen = sums(self.session, wanted), self._open
            # What somebody ends or decides between two statements would count twice or not at all.
            if self._seen is None or not is_postgresql(self.session):
                return found
            self._open = look(self.session, self._seen).open
            if self._open == seen:
                return found

    def _from_ledger(self, pool: PoolFacts, asked: Sum, days: dict[date, int]) -> Account:
        """Return the account: what the ledger tells, but for what is looked at by itself."""
        quota, zone = asked.quota, asked.zone
        looked_at = [o for o in self._open if self._concerns(pool, quota, o)]
        counted = [o for o in looked_at if o.row.status in counted_by(quota)]
        within = asked.cells.midnights and (asked.cells.first_day, asked.cells.last_day)
        for one in counted:
            for day, amount in self._told(asked, one).items():
                if not within or within[0] <= day <= within[1]:
                    days[day] = days.get(day, 0) - amount
        frees = None
        if quota.period == "future" and not self.exact and days.get(AHEAD):
            since = from_epoch(asked.cells.first * CELL_SECONDS)
            frees = self._rows.first_to_come(pool, quota, self.subject.holds(quota), since)
        live = (one.use for one in counted if one.live)
        changes = {one.use.id: one.asked for one in looked_at if one.asked is not None}
        told = Account(quota, zone, {d: a for d, a in days.items() if a}, frees=frees)
        return self._rows.tallied(told, live, changes)

    def _told(self, asked: Sum, one: Open) -> Days:
        """Return what the ledger tells of a reservation."""
        quota, period = asked.quota, Period(one.use.start_at, one.use.end_at)
        if quota.period == "future":
            if to_epoch(period.start) // CELL_SECONDS < asked.cells.first:
                return NOTHING
        elif quota.measure == "minutes" and period.length.total_seconds() > LONG_SECONDS:
            return NOTHING
        return spent(quota, asked.zone, period, one.use.quantity, self.now)

    def _concerns(self, pool: PoolFacts, quota: Quota, one: Open) -> bool:
        """Return whether a reservation is of the quota's subject and within its scope."""
        row, (kind, key) = one.row, quota.scope
        whose = row.company_id if quota.subject == "company" else row.user_id
        if whose != self.subject.who(quota):
            return False
        if kind == "category":
            return row.category_code in book_of(self.session, pool.edition).below(key)
        keys = {"pool": row.pool_id, "lab": row.lab_id, "site": row.site_id}
        return kind == "park" or keys[kind] == int(key)

    def _look(self, pool: PoolFacts, quotas: Sequence[Quota]) -> None:
        """Read what of the subject's is looked at by itself, as far as these quotas reach.

        And, of one window each, what is used: as if the company's home had the zone of the pool.
        """
        around = DAY * (max(q.rolling_days or WINDOW_DAYS[q.period] for q in quotas) + 1)
        within = Period(self.reach.start - around, self.reach.end + around)
        whose = (self.subject.person_id, self.subject.company_id)
        wanted = Look(tuple(quotas), *whose, self.besides, within, self.now)
        asked = self._windows(pool, quotas) if self.exact else {}
        if self._seen is None or asked or not self._seen.covers(wanted):
            self._seen = wanted if self._seen is None else self._seen.and_also(wanted)
            found = look(self.session, self._seen, tuple(asked.values()))
            self._home, self._open = found.zone, found.open
            self._totals |= dict(zip(asked, found.totals, strict=True))

    def _windows(self, pool: PoolFacts, quotas: Sequence[Quota]) -> dict[Key, Sum]:
        asked = {(q.quota_id, pool.zone.key): self._asked(q, pool.zone) for q in quotas}
        return {
            key: one for key, one in asked.items()
            if one is not None and one.is_one_window and key not in self._totals
        }  # fmt: skip

    def _zone(self, pool: PoolFacts, quota: Quota) -> ZoneInfo:
        """Return the zone of the company's home site; that of the pool where it has none."""
        home = self._home if quota.subject == "company" else None
        return ZoneInfo(home) if home else pool.zone

    @property
    def _rows(self) -> RowSums:
        return RowSums(self.session, self.reach, self.now, self.besides)
