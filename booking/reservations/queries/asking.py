"""What the rules ask about a booking: the one gather behind every decision and every search.

Each fact is read only where a rule of one of the pools asks for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import Company
from booking.core.actor import Actor, Party
from booking.core.errors import Violation
from booking.core.period import Period
from booking.policies.models import CalendarDay
from booking.policies.queries.book import book_of
from booking.policies.rules.calendar import Calendar
from booking.policies.rules.decide import violations
from booking.policies.rules.proposal import Own, Person, Proposal
from booking.policies.rules.times import NEAREST_WITHIN
from booking.policies.rules.values import PoolRules
from booking.reservations.models import LIVE, Reservation
from booking.reservations.queries.facts import PoolFacts

DAY = timedelta(days=1)
NOBODY = 0  # asks for everybody: no facts of a person are read


@dataclass(frozen=True, slots=True)
class Booker:
    """Whose booking it is: the person, and the party it counts for where that is known.

    `insider`: whether shared hours do not bind; by default they do not for the owner's people.
    """

    person_id: int = NOBODY
    party: Party | None = None
    insider: bool | None = None

    def is_insider(self, pool: PoolFacts) -> bool:
        """Return whether the pool is their own."""
        if self.insider is not None:
            return self.insider
        return self.party is not None and self.party.institution_id == pool.institution_id


def booker_of(row: Reservation) -> Booker:
    """Return whose reservation it is."""
    party = None
    if row.company_id is not None or row.institution_id is not None:
        party = Party(row.company_id, row.institution_id, frozenset())
    return Booker(row.user_id or NOBODY, party)


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be booked; or what is looked for, at any time up to the horizon (`searches`).

    `purpose` and `note` are None where they are not known yet; `besides` is the reservation that
    moves, and `keeps_start` whether it keeps its start. `by` books it, perhaps for another person;
    None for somebody who may not decide.
    """

    period: Period
    quantity: int
    now: datetime
    searches: bool = False
    purpose: str | None = None
    note: str | None = None
    besides: int | None = None
    keeps_start: bool = False
    by: Actor | None = None

    def reach(self, rules: Iterable[PoolRules]) -> Period:
        """Return the times that facts must cover: rules also look for the nearest that passes."""
        first = max(self.period.start, self.now)
        last = first + NEAREST_WITHIN
        if self.searches:
            days = max((r.horizon_days.value for r in rules), default=0)
            last = max(last, self.now + timedelta(days=days + 1))
        return Period(min(self.period.start, self.now) - DAY, last + self.period.length + DAY)


@dataclass(frozen=True, slots=True)
class Asked:
    """A pool as one person may book it: their rules, and what is proposed to these rules."""

    pool: PoolFacts
    rules: PoolRules
    proposal: Proposal

    def violations(self) -> tuple[Violation, ...]:
        """Return every broken rule."""
        return violations(self.rules, self.proposal)

    def at(self, period: Period) -> "Asked":
        """Return the same asked for another time within reach."""
        return replace(self, proposal=replace(self.proposal, period=period))


def asking(session: Session, pool: PoolFacts, units: int, booker: Booker, intent: Intent) -> Asked:
    """Return what the rules say and ask for one pool that has `units` bookable units.

    No query where no rule of the pool asks for a fact.
    """
    return askings(session, [(pool, units, booker)], intent)[0]


def askings(
    session: Session, pools: Sequence[tuple[PoolFacts, int, Booker]], intent: Intent
) -> list[Asked]:
    """Return the same for many pools with their bookable units and bookers, in their order.

    At most one query for each kind of fact, however many pools. All bookers are one person.
    """
    groups = _Groups(session)
    ruled = [(pool, units, b, groups.rules(pool, b)) for pool, units, b in pools]
    reach = intent.reach(rules for _pool, _units, _booker, rules in ruled)
    days = _calendars(session, [(pool, rules) for pool, _units, _b, rules in ruled], reach)
    person = _person(session, [(b, rules) for _pool, _units, b, rules in ruled], reach)
    return [
        Asked(
            pool, rules,
            Proposal(
                intent.period, intent.quantity, intent.now, pool.zone, units,
                insider=booker.is_insider(pool), sharing=pool.sharing,
                keeps_start=intent.keeps_start,
                needs_decision=pool.needs_decision(intent.by), purpose=intent.purpose,
                note=intent.note,
                pool_id=pool.pool_id, besides=intent.besides, person=person,
                calendar=days.get(pool.site_id, Calendar())
                if rules.holidays.value == "closed" else Calendar(),
            ),
        )
        for pool, units, booker, rules in ruled
    ]  # fmt: skip


class _Groups:
    """The groups a party belongs to, read once where a pool has values for such groups."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tiers: dict[int, str] = {}

    def rules(self, pool: PoolFacts, booker: Booker) -> PoolRules:
        """Return the pool's rules for the booker's groups."""
        book = book_of(self._session, pool.edition)
        if not book.has_groups(pool.place):
            return pool.rules
        return book.for_groups(pool.rules, pool.place, self._of(booker))

    def _of(self, booker: Booker) -> set[str]:
        party = booker.party
        if party is None:
            return set()
        if party.company_id is None:
            return {f"institution:{party.institution_id}"}
        if party.company_id not in self._tiers:
            tier = select(Company.price_tier).where(Company.id == party.company_id)
            self._tiers[party.company_id] = self._session.execute(tier).scalar_one()
        return {f"company:{party.company_id}", f"tier:{self._tiers[party.company_id]}"}


def _calendars(
    session: Session, pools: Sequence[tuple[PoolFacts, PoolRules]], reach: Period
) -> dict[int, Calendar]:
    """Return the calendar of each site where a pool closes on holidays. At most one query."""
    sites = {pool.site_id for pool, rules in pools if rules.holidays.value == "closed"}
    if not sites:
        return {}
    rows = session.execute(
        select(CalendarDay.site_key, CalendarDay.day, CalendarDay.kind)
        .where(CalendarDay.site_key.in_([0, *sorted(sites)]))
        .where(CalendarDay.day >= (reach.start - DAY).date().isoformat())
        .where(CalendarDay.day <= (reach.end + DAY).date().isoformat())
        .order_by(CalendarDay.site_key, CalendarDay.day)
    ).all()
    found = {}
    for site in sites:
        # In order of site_key: the site's own row comes last and wins.
        days = {date.fromisoformat(r.day): r.kind for r in rows if r.site_key in (0, site)}
        found[site] = Calendar({day: kind for day, kind in days.items() if kind != "normal"})
    return found


def _person(session: Session, askers: Sequence[tuple[Booker, PoolRules]], reach: Period) -> Person:
    """Return what the rules ask about the person. A query only where one asks."""
    person_id = askers[0][0].person_id if askers else NOBODY
    gap = max((rules.own_gap_minutes.value for _booker, rules in askers), default=0)
    asked = gap or any(rules.one_at_a_time.value for _booker, rules in askers)
    if person_id == NOBODY or not asked:
        return Person(person_id)
    return Person(person_id, own=_own(session, person_id, reach.widened(gap, gap)))


def _own(session: Session, person_id: int, reach: Period) -> tuple[Own, ...]:
    rows = session.execute(
        select(Reservation.id, Reservation.pool_id, Reservation.start_at, Reservation.end_at)
        .where(Reservation.user_id == person_id, Reservation.status.in_(LIVE))
        .where(Reservation.start_at < reach.end, Reservation.end_at > reach.start)
        .order_by(Reservation.start_at, Reservation.id)
    )
    return tuple(Own(r.id, r.pool_id, Period(r.start_at, r.end_at)) for r in rows)
