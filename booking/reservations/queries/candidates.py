"""Pools in which something might be found, and the earliest that each one's rules allow.

Thousands of pools share a few sets of rules, so the rules are asked once for each set.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, may
from booking.core.actor import Actor
from booking.core.period import Period
from booking.infra.db import run
from booking.inventory.models import BOOKABLE_STATES, Pool, Unit
from booking.inventory.queries.visible import pools_seen_by
from booking.inventory.rules import search
from booking.policies.queries.book import book_of
from booking.policies.rules.decide import unfit_at_any_time
from booking.policies.rules.horizon import starts_end
from booking.policies.rules.proposal import Person
from booking.policies.rules.settings import POOL_COLUMNS
from booking.policies.rules.tree import RuleBook
from booking.policies.rules.values import Rule
from booking.reservations.queries.asking import Asked, Booker, Intent, askings
from booking.reservations.queries.availability import WINDOWS
from booking.reservations.queries.facts import PoolFacts, facts_of, select_facts
from booking.reservations.queries.people import parties_for
from booking.reservations.rules.slots import Slot, first_start

Allowed = Callable[[PoolFacts, Period], Sequence[Period] | None]  # where slots may start
NO_LEVEL = Rule(0)
_own = attrgetter(*POOL_COLUMNS)


@dataclass(frozen=True, slots=True)
class Where:
    """Which pools are looked at: those that meet all that is given; `besides` are left out."""

    pool_ids: Collection[int] | None = None
    categories: Collection[str] | None = None  # codes, those below included
    sites: Collection[int] | None = None
    platforms: Collection[int] | None = None
    words: tuple[str, ...] = ()
    besides: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked for: a length and a quantity, from an instant on, over by `until` if given.

    `around`: how far on both sides of a slot its neighbours are looked for.
    """

    length: timedelta
    quantity: int
    first: datetime
    until: datetime | None = None
    around: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Offer:
    """A slot of a pool, and the unit of each other pool that would be held with it."""

    pool: PoolFacts
    slot: Slot
    together: tuple[tuple[int, int], ...] = ()  # pool, unit

    @property
    def key(self) -> tuple[datetime, int]:
        """Return what offers are ordered by."""
        return (self.slot.period.start, self.pool.pool_id)


@dataclass(frozen=True, slots=True)
class Offers:
    """Offers, soonest first; not `complete` when too much was refused to look further."""

    found: tuple[Offer, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of pool facts, and the first start that the pool's rules allow."""

    row: Row[Any]
    start: datetime

    @property
    def pool_id(self) -> int:
        """Return the pool's id."""
        return int(self.row.id)


@dataclass(frozen=True, slots=True)
class Alike:
    """Rows of pools whose rules of time are the same, and the first of them as it is asked for."""

    rows: list[Row[Any]]
    asked: Asked

    def hopeless(self, quantity: int) -> bool:
        """Return whether so much, or so many units, cannot be had of any of them at any time."""
        proposal = replace(self.asked.proposal, quantity=quantity)
        return unfit_at_any_time(self.asked.rules, proposal)

    def relaxed(self) -> Asked:
        """Return what is asked of anybody, anywhere.

        What one may operate and has booked, and which days are drawn, differs by pool: that is
        left to the exact look.
        """
        anybody = replace(self.asked.proposal, drawn=(), quantity=1, person=Person())
        plain = replace(self.asked.rules, level=NO_LEVEL, off_hours_level=NO_LEVEL)
        return replace(self.asked, rules=plain, proposal=anybody)


def alike_pools(
    session: Session, actor: Actor, where: Where, looked: Looked, now: datetime
) -> list[Alike]:
    """Return the visible pools with enough units, those together that share their rules of time.

    One query, and what `askings` reads for one pool of each set.
    """
    rows = run(session, _query(actor, where, looked.quantity, now)).all()
    if not rows:
        return []
    alike = _Alike(actor, book_of(session, rows[0].edition), looked.first)
    sets: dict[tuple[Any, ...], list[Row[Any]]] = {}
    for row in rows:
        sets.setdefault(alike.key(row), []).append(row)
    pools = [facts_of(session, same[0]) for same in sets.values()]
    # Those with several parties may start no sooner than the first of them.
    askers = [(pool, 1, bookers(session, actor, pool, now)[0]) for pool in pools]
    period = Period(looked.first, looked.first + looked.length)
    intent = Intent(period, 1, now, searches=True, by=actor)
    asked = askings(session, askers, intent)
    found = [Alike(same, one) for same, one in zip(sets.values(), asked, strict=True)]
    return [same for same in found if not same.hopeless(looked.quantity)]


def candidates(sets: Sequence[Alike], looked: Looked, allowed: Allowed) -> list[Candidate]:
    """Return the pools whose rules allow a start at all, with the first, by id.

    `allowed` tells where slots may start besides.
    """
    found = [
        Candidate(row, start)
        for same in sets
        if (start := _first(same, looked, allowed)) is not None
        for row in same.rows
    ]
    return sorted(found, key=lambda candidate: candidate.row.id)


def bookers(session: Session, actor: Actor, pool: PoolFacts, now: datetime) -> list[Booker]:
    """Return the actor for each party they may book the pool for.

    Shared hours bind unless the pool is every party's own.
    """
    parties = parties_for(session, actor, actor.user_id, pool, now)
    insider = bool(parties) and all(p.institution_id == pool.institution_id for p in parties)
    return [Booker(actor.user_id, party, insider) for party in parties or (None,)]


def last_start(asked: Asked, looked: Looked) -> datetime:
    """Return the first instant at which nothing can start any more: by horizon and `until`."""
    last = starts_end(asked.rules, asked.proposal)
    if looked.until is not None:
        last = min(last, looked.until - looked.length + timedelta(seconds=1))
    return last


def _query(actor: Actor, where: Where, quantity: int, now: datetime) -> Any:
    bookable = select(Unit.id).where(Unit.pool_id == Pool.id, Unit.state.in_(BOOKABLE_STATES))
    query = select_facts().where(pools_seen_by(actor, now)).order_by(Pool.id)
    if quantity == 1:
        query = query.where(bookable.correlate(Pool).exists())
    else:
        counted = bookable.with_only_columns(func.count()).correlate(Pool).scalar_subquery()
        query = query.where(counted >= quantity)
    for column, among in (
        (Pool.id, where.pool_ids), (Pool.category_code, where.categories),
        (Pool.site_id, where.sites), (Pool.platform_id, where.platforms),
    ):  # fmt: skip
        if among is not None:
            query = query.where(column.in_(sorted(among)))
    if where.besides:
        query = query.where(Pool.id.not_in(sorted(where.besides)))
    for word in where.words:
        query = query.where(Pool.search_text.like(search.anywhere(word), escape=search.ESCAPE))
    return query


class _Alike:
    """Tells which pools have the same rules of time for one actor."""

    def __init__(self, actor: Actor, book: RuleBook, first: datetime) -> None:
        self._actor, self._book, self._first = actor, book, first
        self._institutions = actor.institution_ids
        self._places: dict[tuple[int, int, str | None], tuple[Any, ...]] = {}

    def key(self, row: Row[Any]) -> tuple[Any, ...]:
        """Return what is equal for pools alike."""
        decides = row.approval != "auto" and not self._may_decide(row)
        begins = row.from_at
        if begins is not None and begins <= self._first:
            begins = self._first  # how long ago makes no difference
        sharing = (
            row.contribution_id is None, begins, row.until_at, row.shared_hours,
            row.paused_from, row.paused_until,
        )  # fmt: skip
        actors = (
            row.institution_id if row.institution_id in self._institutions else 0,
            row.lab_id if row.lab_id in self._actor.labs else 0,
        )
        return (row.site_id, decides, actors, sharing, self._set_above(row), *_own(row))

    def _may_decide(self, row: Row[Any]) -> bool:
        if not self._actor.labs and self._actor.park_role is None:
            return False
        staff = bool(row.staff_may_approve)
        subject = Subject(
            lab_id=row.lab_id, institution_id=row.institution_id, staff_may_approve=staff
        )
        return may(self._actor, "reservation.decide", subject)

    def _set_above(self, row: Row[Any]) -> tuple[Any, ...]:
        """Return the places that set anything for the pool: its own, and those above it."""
        above = (row.lab_id, row.site_id, row.category_code)
        if above not in self._places:
            self._places[above] = self._book.setting(self._book.place(0, *above))
        own = ("pool", str(row.id))
        return (own, *self._places[above]) if self._book.sets(own) else self._places[above]


def _first(same: Alike, looked: Looked, allowed: Allowed) -> datetime | None:
    asked = same.relaxed()
    start, last = looked.first, last_start(asked, looked)
    for days in (*WINDOWS, None):
        end = last if days is None else min(last, looked.first + timedelta(days=days))
        if end <= start:
            return None
        window = Period(start, end)
        found = first_start(asked.rules, asked.proposal, window, allowed(asked.pool, window))
        if found is not None:
            return found
        start = end
    return None
