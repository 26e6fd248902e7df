"""What the rules ask about a booking: the one gather behind every decision and every search.

Each fact is read only where a rule of one of the pools asks for it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.actor import Actor, Party
from booking.core.errors import Violation
from booking.core.period import Period
from booking.inventory.models import Unit
from booking.policies.queries.book import book_of
from booking.policies.queries.calendar import calendar_of
from booking.policies.rules.calendar import Calendar
from booking.policies.rules.decide import broken_codes, violations
from booking.policies.rules.people import OTHER
from booking.policies.rules.proposal import Person, Proposal
from booking.policies.rules.quotas import Account, Quota, applying
from booking.policies.rules.times import NEAREST_WITHIN
from booking.policies.rules.values import PoolRules
from booking.reservations.models import Reservation
from booking.reservations.queries.draws import undecided_days
from booking.reservations.queries.facts import BOOKABLE, PoolFacts
from booking.reservations.queries.person import NOBODY, PersonFacts
from booking.reservations.queries.spending import Spending
from booking.reservations.queries.spending_rows import RowSums, Subject
from booking.reservations.rules.steps import Step, chain

DAY = timedelta(days=1)
NO_DAYS = Calendar()


@dataclass(frozen=True, slots=True)
class Booker:
    """Whose booking it is: the person, and the party it counts for where that is known.

    `insider`: whether shared hours do not bind; by default they do not for the owner's people.
    """

    person_id: int = NOBODY
    party: Party | None = None
    insider: bool | None = None

    @property
    def company_id(self) -> int | None:
        """Return the company it counts for, if there is one."""
        return self.party.company_id if self.party is not None else None

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
    moves, and `keeps_start` whether it keeps its start; `group_id` is that of a bundle or chain it
    is part of. `by` books it, perhaps for another person; None for somebody who may not decide.
    `draw_id` is the draw in which it is their turn. `only`: nothing else than whether this very
    time passes is asked; what a refusal tells of other times is read when there is one.
    """

    period: Period
    quantity: int
    now: datetime
    searches: bool = False
    purpose: str | None = None
    note: str | None = None
    unit_id: int | None = None
    besides: int | None = None
    was: Period | None = None
    keeps_start: bool = False
    by: Actor | None = None
    draw_id: int | None = None
    group_id: int | None = None
    only: bool = False

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
    whole: "Callable[[], Asked] | None" = None  # asked again, of an `Intent.only`
    steps: tuple[Step, ...] = ()  # who has to agree, in order

    def violations(self) -> tuple[Violation, ...]:
        """Return every broken rule."""
        if self.whole is None:
            return violations(self.rules, self.proposal)
        return self.whole().violations() if self.codes() else ()

    def codes(self) -> frozenset[str]:
        """Return the code of every broken rule."""
        return broken_codes(self.rules, self.proposal)

    def at(self, period: Period) -> "Asked":
        """Return the same asked for another time within reach; not of an `Intent.only`."""
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

    A query for each kind of fact that a rule asks for, and four for each quota, however many
    pools. All bookers are one person.
    """
    now = intent.now
    person = PersonFacts(session, pools[0][2].person_id if pools else NOBODY, now)
    ruled = [(pool, units, b, *_ruled(session, person, pool, b)) for pool, units, b in pools]
    reach = intent.reach(rules for _pool, _units, _booker, rules, _quotas in ruled)
    fair = [pool.pool_id for pool, _, _, rules, _ in ruled if rules.fair_opening_minutes.value]
    drawn = undecided_days(session, fair, intent.draw_id) if fair else {}
    asker = _Asker(session, person, reach, intent, [rules for *_, rules, _quotas in ruled], drawn)
    return [asker.asked(*each) for each in ruled]


def rules_for(session: Session, pool: PoolFacts, booker: Booker, now: datetime) -> PoolRules:
    """Return the rules of a pool for a booker's groups; nothing else is read."""
    return _ruled(session, PersonFacts(session, booker.person_id, now), pool, booker)[0]


def rules_for_all(
    session: Session, person: PersonFacts, pools: Sequence[PoolFacts], booker: Booker
) -> dict[int, PoolRules]:
    """Return the rules of several pools for a booker's groups, by pool; the person's facts once."""
    return {pool.pool_id: _ruled(session, person, pool, booker)[0] for pool in pools}


def _ruled(
    session: Session, person: PersonFacts, pool: PoolFacts, booker: Booker
) -> tuple[PoolRules, tuple[Quota, ...]]:
    """Return the pool's rules and quotas for the groups of the booker."""
    book = book_of(session, pool.edition)
    kinds, quotas = book.group_kinds(pool.place), book.quotas(pool.place)
    if not kinds:
        return pool.rules, quotas
    groups = person.groups(booker.party, pool.place, kinds)
    return book.for_groups(pool.rules, pool.place, groups), applying(quotas, groups)


class _Asker:
    """Gathers what is left to ask, once the rules and how far they look are known."""

    def __init__(
        self,
        session: Session,
        person: PersonFacts,
        reach: Period,
        intent: Intent,
        rules: Sequence[PoolRules],
        drawn: Mapping[int, tuple[Period, ...]],
    ) -> None:
        self._session, self._person = session, person
        self._reach, self._intent = reach, intent
        self._spending: dict[int | None, Spending] = {}
        self._caps: dict[tuple[int, str], Account] = {}
        gap = max((r.own_gap_minutes.value for r in rules), default=0)
        near = gap or any(r.one_at_a_time.value for r in rules)
        self._own = person.own(reach.widened(gap, gap), intent.group_id) if near else ()
        self._drawn = drawn

    def asked(
        self,
        pool: PoolFacts,
        units: int,
        booker: Booker,
        rules: PoolRules,
        quotas: tuple[Quota, ...],
    ) -> Asked:
        """Return one pool with all that its rules ask for."""
        intent, insider = self._intent, booker.is_insider(pool)
        asks_lab = pool.needs_decision(intent.by)
        steps = chain(rules, booker.party, intent.by, asks_lab=asks_lab)
        proposal = Proposal(
            intent.period, intent.quantity, intent.now, pool.zone, units, insider=insider,
            sharing=pool.sharing, keeps_start=intent.keeps_start,
            needs_decision=bool(steps), purpose=intent.purpose,
            note=intent.note, pool_id=pool.pool_id, besides=intent.besides, was=intent.was,
            person=self._standing(pool, rules), calendar=self._calendar(pool, rules),
            customs=not insider and intent.purpose == OTHER and self._customs(pool),
            accounts=(*self._accounts(pool, booker, quotas), *self._cap(pool, booker)),
            drawn=self._drawn.get(pool.pool_id, ()), its_turn=intent.draw_id is not None,
        )  # fmt: skip
        whole = self._whole(pool, units, booker) if quotas else None
        return Asked(pool, rules, proposal, whole, steps)

    def _whole(self, pool: PoolFacts, units: int, booker: Booker) -> Callable[[], Asked] | None:
        if not self._intent.only:
            return None
        intent = replace(self._intent, only=False)
        return lambda: asking(self._session, pool, units, booker, intent)

    def _standing(self, pool: PoolFacts, rules: PoolRules) -> Person:
        asks = rules.level.value or rules.off_hours_level.value
        qualified = self._person.qualified(pool.place) if asks else ()
        return Person(self._person.person_id, qualified, self._own)

    def _calendar(self, pool: PoolFacts, rules: PoolRules) -> Calendar:
        if rules.holidays.value != "closed" and not rules.off_hours_level.value:
            return NO_DAYS
        first, last = (self._reach.start - DAY).date(), (self._reach.end + DAY).date()
        return calendar_of(self._session, pool.site_id, first, last, pool.edition)

    def _customs(self, pool: PoolFacts) -> bool:
        """Return whether a unit that could be used is under customs supervision. One query."""
        units = select(Unit.id).where(Unit.pool_id == pool.pool_id, Unit.customs_supervised == 1)
        named = self._intent.unit_id
        units = units.where(BOOKABLE if named is None else Unit.id == named)
        return self._session.execute(units.limit(1)).scalar() is not None

    def _cap(self, pool: PoolFacts, booker: Booker) -> tuple[Account, ...]:
        """Return what the booker's company lets them book, and what is used of it."""
        company = booker.company_id
        cap = book_of(self._session, pool.edition).cap(booker.person_id, company)
        if cap is None:
            return ()
        key = (company or 0, pool.zone.key)
        if key not in self._caps:
            intent = self._intent
            rows = RowSums(self._session, self._reach, intent.now, intent.besides)
            theirs = (Reservation.user_id == booker.person_id) & (Reservation.company_id == company)
            self._caps[key] = rows.account(pool, cap, pool.zone, theirs)
        return (self._caps[key],)

    def _accounts(
        self, pool: PoolFacts, booker: Booker, quotas: tuple[Quota, ...]
    ) -> tuple[Account, ...]:
        if not quotas:
            return ()
        company = booker.company_id
        spending = self._spending.get(company)
        if spending is None:
            subject, intent = Subject(booker.person_id, company), self._intent
            reach = intent.period if intent.only else self._reach
            spending = Spending(
                self._session, subject, reach, intent.now, intent.besides, exact=intent.only
            )
            self._spending[company] = spending
        return spending.accounts(pool, quotas)
