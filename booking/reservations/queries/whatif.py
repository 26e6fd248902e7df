"""What a change of rules would have refused, and which coming reservations would break it.

Each is decided as it was when it was made, by the same rules as a booking. Not looked at: quotas,
and a person's other reservations. Who qualifies is asked as of today.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import Site
from booking.core.period import Period
from booking.inventory.models import Pool
from booking.policies.queries.book import EDITION, book_of, changed_book
from booking.policies.queries.calendar import calendar_of
from booking.policies.queries.own import Placed, Scope, below, pools_at
from booking.policies.rules.decide import newly_broken
from booking.policies.rules.levels import OF_LEVEL
from booking.policies.rules.proposal import Person, Proposal
from booking.policies.rules.settings import Change
from booking.policies.rules.tree import RuleBook
from booking.policies.rules.values import PoolRules
from booking.reservations.models import LIVE, Reservation
from booking.reservations.queries.crowd import Crowd

DAYS = 90
MOST = 3000  # looked at before now, the latest first; and as many after now, the next first
HELD = (*LIVE, "completed", "no_show")
DAY = timedelta(days=1)
_COLUMNS = (
    Reservation.id, Reservation.reference, Reservation.pool_id, Reservation.start_at,
    Reservation.end_at, Reservation.quantity, Reservation.purpose, Reservation.note,
    Reservation.user_id, Reservation.company_id, Reservation.institution_id,
    Reservation.created_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """A reservation that the changed rules refuse, and the codes of what refuses it."""

    reservation_id: int
    reference: str
    pool_id: int
    period: Period
    zone: ZoneInfo
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """What was found before or after now; `capped`: there are more than were looked at."""

    looked: int = 0
    capped: bool = False
    hits: tuple[Hit, ...] = ()

    @property
    def by_code(self) -> list[tuple[str, int]]:
        """Return how many each code refuses, most first."""
        return Counter(code for hit in self.hits for code in hit.codes).most_common()


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a change would have refused in the last 90 days, and what is coming that breaks it."""

    past: Side = Side()
    coming: Side = Side()

    @property
    def hits(self) -> bool:
        """Return whether anything is hit."""
        return bool(self.past.hits or self.coming.hits)


def what_if(session: Session, scope: Scope, changes: Sequence[Change], now: datetime) -> WhatIf:
    """Return what changes at a place do to reservations made already; nothing is written.

    At most 3,000 of the last 90 days and 3,000 coming ones are read, in one query each. The caller
    has made sure that the person may change the place. Raises Invalid for an unfit change.
    """
    judge = _Judge(session, scope, changes)
    if not judge.differs:
        return WhatIf()
    rows = select(*_COLUMNS)
    if scope.kind != "park":
        rows = rows.where(Reservation.pool_id.in_(select(Pool.id).where(below(session, scope))))
    past = rows.where(Reservation.start_at >= now - DAYS * DAY, Reservation.start_at < now)
    past = past.where(Reservation.status.in_(HELD)).order_by(Reservation.start_at.desc())
    coming = rows.where(Reservation.start_at >= now, Reservation.status.in_(LIVE))
    coming = coming.order_by(Reservation.start_at)
    return WhatIf(judge.side(past), judge.side(coming))


class _Judge:
    """The rules before and after, kept for each pool and each set of groups met."""

    def __init__(self, session: Session, scope: Scope, changes: Sequence[Change]) -> None:
        self._session = session
        self._edition = session.execute(select(EDITION)).scalar()
        self._old = book_of(session, self._edition)
        self._new = changed_book(session, scope.path, changes)
        self._pools = {pool.place.pool_id: pool for pool in pools_at(session, self._new, scope)}
        cleared = {change.rule for change in changes if change.clear and not change.group}
        self._cleared = cleared if scope.kind == "pool" else set()
        self._asks_level = any(change.rule in OF_LEVEL for change in changes)
        self._pairs: dict[tuple[int, frozenset[str]], tuple[PoolRules, PoolRules]] = {}
        groups = [frozenset({change.group} if change.group else ()) for change in changes]
        self.differs = any(
            old != new
            for pool in self._pools.values()
            for old, new in (self._pair(pool, group) for group in set(groups))
        )
        zones = session.execute(select(Site.id, Site.time_zone))
        self._zones = {site: ZoneInfo(zone) for site, zone in zones}

    def side(self, query: Any) -> Side:
        """Return what the changed rules refuse of a query's first rows."""
        rows = self._session.execute(query.limit(MOST + 1)).all()
        looked = [row for row in rows[:MOST] if row.pool_id in self._pools]
        crowd = Crowd(self._session, self._kinds(), looked, levels=self._asks_level)
        hits = [hit for row in looked if (hit := self._hit(row, crowd)) is not None]
        return Side(len(looked), len(rows) > MOST, tuple(hits))

    def _hit(self, row: Any, crowd: Crowd) -> Hit | None:
        pool = self._pools[row.pool_id]
        old, new = self._pair(pool, crowd.groups(row, pool.place))
        if old == new:
            return None
        zone = self._zones[pool.place.site_id]
        proposal = self._proposal(row, pool, zone, new, crowd)
        codes = newly_broken(old, new, proposal)
        if not codes:
            return None
        return Hit(row.id, row.reference, row.pool_id, proposal.period, zone, codes)

    def _proposal(
        self, row: Any, pool: Placed, zone: ZoneInfo, rules: PoolRules, crowd: Crowd
    ) -> Proposal:
        period = Period(row.start_at, row.end_at)
        person = Person(row.user_id or 0, crowd.qualified(row, pool.place))
        proposal = Proposal(
            period, row.quantity, row.created_at, zone, row.quantity, insider=True,
            # What was written down later has no time of booking that rules could ask about.
            keeps_start=row.created_at > row.start_at, purpose=row.purpose, note=row.note,
            pool_id=row.pool_id, person=person,
        )  # fmt: skip
        if rules.holidays.value != "closed" and not rules.off_hours_level.value:
            return proposal
        first, last = (period.start - DAY).date(), (period.end + DAY).date()
        calendar = calendar_of(self._session, pool.place.site_id, first, last, self._edition)
        return replace(proposal, calendar=calendar)

    def _pair(self, pool: Placed, groups: frozenset[str]) -> tuple[PoolRules, PoolRules]:
        key = (pool.place.pool_id, groups)
        if key not in self._pairs:
            kept = {name: value for name, value in pool.own.items() if name not in self._cleared}
            self._pairs[key] = (
                _rules(self._old, pool, pool.own, groups), _rules(self._new, pool, kept, groups),
            )  # fmt: skip
        return self._pairs[key]

    def _kinds(self) -> frozenset[str]:
        found: set[str] = set()
        for book in (self._old, self._new):
            for pool in self._pools.values():
                found |= book.group_kinds(pool.place)
        return frozenset(found)


def _rules(book: RuleBook, pool: Placed, own: dict[str, Any], groups: Iterable[str]) -> PoolRules:
    rules = book.rules(pool.place, own)
    return book.for_groups(rules, pool.place, frozenset(groups))
