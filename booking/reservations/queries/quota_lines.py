"""What is used of a person's quotas, for the pages that tell them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.local import midnight
from booking.core.period import Period
from booking.policies.queries.book import book_of, current_book
from booking.policies.rules.quotas import AHEAD, Account, Quota, window_of
from booking.reservations.models import LIVE, Reservation
from booking.reservations.queries.asking import Booker, Intent, asking, askings
from booking.reservations.queries.facts import PoolFacts, pool_facts

MOST_POOLS = 20
LOOKED_BACK = timedelta(days=31)
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """A quota that counts for somebody: `used` and `left` in minutes or reservations.

    `until` is the end of its present window, None where it has none of its own.
    """

    quota: Quota
    used: int
    left: int
    zone: ZoneInfo
    until: datetime | None


def lines_of(accounts: Iterable[Account], moment: datetime) -> list[QuotaLine]:
    """Return what is used of each quota in its window at a moment."""
    return [_line(account, moment) for account in accounts]


def quota_use(
    session: Session, pool: PoolFacts, booker: Booker, moment: datetime, now: datetime
) -> list[QuotaLine]:
    """Return what is used of the quotas that count for a booking of the pool at a moment."""
    book = book_of(session, pool.edition)
    if not book.quotas(pool.place) and book.cap(booker.person_id, booker.company_id) is None:
        return []
    intent = Intent(Period(moment, moment + QUARTER), 1, now)
    return lines_of(asking(session, pool, 1, booker, intent).proposal.accounts, moment)


def my_lines(session: Session, actor: Actor, now: datetime) -> list[QuotaLine]:
    """Return the quotas at work for the actor at the pools they use, each once, as of now.

    One query where no quota is set; else also those of 20 pools used last, four queries a quota.
    """
    if not current_book(session).any_quota:
        return []
    pools = pool_facts(session, _pools_of(session, actor, now))
    bookers = [
        (pool, 1, Booker(actor.user_id, party))
        for pool in pools.values()
        for party in actor.parties or (None,)
    ]
    intent = Intent(Period(now, now + QUARTER), 1, now)
    found: dict[int, QuotaLine] = {}
    for asked in askings(session, bookers, intent) if bookers else ():
        for line in lines_of(asked.proposal.accounts, now):
            found.setdefault(line.quota.quota_id, line)
    return sorted(found.values(), key=lambda line: line.quota.quota_id)


def _pools_of(session: Session, actor: Actor, now: datetime) -> list[int]:
    query = select(Reservation.pool_id).where(
        Reservation.user_id == actor.user_id,
        Reservation.status.in_((*LIVE, "completed")),
        Reservation.start_at > now - LOOKED_BACK,
    )
    rows = session.scalars(query.order_by(Reservation.start_at.desc()).limit(200))
    return sorted(list(dict.fromkeys(rows))[:MOST_POOLS])


def _line(account: Account, moment: datetime) -> QuotaLine:
    quota = account.quota
    first, last = (AHEAD, AHEAD) if quota.period == "future" else window_of(account, moment)
    used = account.used(first, last)
    one = 60 if quota.measure == "minutes" else 1
    until = None
    if quota.period in ("day", "week", "month"):
        until = midnight(last + timedelta(days=1), account.zone)
    left = max(quota.full - used, 0) // one
    return QuotaLine(quota, -(-used // one), left, account.zone, until)
