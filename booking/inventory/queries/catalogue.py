"""The catalogue: pools found by words, narrowed by ticks, free in a time; best first.

Constant number of queries whatever the park's size: the matches, the names of the facets, the
cards of one page; one more for a wanted time, two more when a word was corrected.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from booking.companies.models import Institution, Site
from booking.core.actor import Actor
from booking.core.period import Period
from booking.inventory.models import (
    BOOKABLE_STATES,
    Category,
    Favourite,
    Platform,
    Pool,
    SearchWord,
    Unit,
)
from booking.inventory.queries.cards import Named, PoolCard, cards
from booking.inventory.queries.free import pools_free_during
from booking.inventory.queries.visible import pools_seen_by
from booking.inventory.rules import search
from booking.inventory.rules.facets import Chosen, Facets, Match, Paths, narrow, paths
from booking.inventory.rules.search import Query
from booking.reservations.models import PoolNextFree

PER_PAGE = 20
CANDIDATES = 2000  # near words looked at; each costs half a microsecond


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is looked for: words, ticks, and a time in which a unit must be free."""

    query: Query = Query("", ())
    chosen: Chosen = Chosen()
    period: Period | None = None
    favourites: bool = False  # only those the reader keeps


@dataclass(frozen=True, slots=True)
class Found:
    """One page of pools with the counts of all; `corrected` is the search used instead."""

    cards: Sequence[PoolCard]
    number: int
    per_page: int
    total: int
    facets: Facets
    category_paths: Paths
    corrected: Query | None = None
    pool_ids: Sequence[int] = field(default=(), repr=False)  # of all pages, best first

    @property
    def has_more(self) -> bool:
        """Return whether a page follows."""
        return self.number * self.per_page < self.total


@dataclass(frozen=True, slots=True)
class FacetNames:
    """Names of the facets' values, by code or id."""

    categories: Mapping[str, Named]
    platforms: Mapping[int, Named]
    sites: Mapping[int, Named]
    institutions: Mapping[int, Named]


def search_pools(
    session: Session,
    actor: Actor,
    criteria: Criteria,
    now: datetime,
    number: int = 1,
    per_page: int = PER_PAGE,
) -> Found:
    """Return page `number` (from 1) of the pools the actor sees that meet `criteria`.

    Order: exact model, asset or serial number; words in a name; words elsewhere; pinyin. Within
    one rank soonest free, then id. When nothing at all is found, words with one wrong letter are
    corrected and `Found.corrected` tells.
    """
    matches, corrected = _matches(session, actor, criteria, now), None
    if not matches and criteria.query.correctable:
        corrected = _corrected(session, criteria.query)
        better = replace(criteria, query=corrected) if corrected else None
        matches = _matches(session, actor, better, now) if better else []
    if criteria.period is not None and matches:
        among = [match.pool_id for match in matches]
        free = pools_free_during(session, actor, criteria.period, among, now)
        matches = [match for match in matches if match.pool_id in free]
    category_paths = _category_paths(session)
    passed, facets = narrow(matches, criteria.chosen, category_paths)
    number = max(1, number)
    ids = [match.pool_id for match in passed]
    shown = ids[(number - 1) * per_page : number * per_page]
    return Found(
        cards=cards(session, actor, shown, now),
        number=number,
        per_page=per_page,
        total=len(ids),
        facets=facets,
        category_paths=category_paths,
        corrected=corrected if matches else None,
        pool_ids=ids,
    )


def sees_any_pool(session: Session, actor: Actor, now: datetime) -> bool:
    """Return whether there is any pool for the actor to see. One query."""
    return bool(session.scalar(select(exists().where(pools_seen_by(actor, now)))))


def facet_names(session: Session, found: Found, chosen: Chosen) -> FacetNames:
    """Return the names of every value counted in `found` or ticked. Four queries."""
    facets = found.facets
    ways = {code for ticked in chosen.categories for code in found.category_paths.get(ticked, ())}
    return FacetNames(
        categories=_names(session, Category, Category.code, facets.categories, ways),
        platforms=_names(session, Platform, Platform.id, facets.platforms, chosen.platforms),
        sites=_names(session, Site, Site.id, facets.sites, chosen.sites),
        institutions=_names(
            session, Institution, Institution.id, facets.institutions, chosen.institutions
        ),
    )


def _names(
    session: Session, model: Any, key: Any, counted: Iterable[Any], ticked: Iterable[Any]
) -> dict[Any, Named]:
    wanted = sorted({*counted, *ticked})
    query = select(key, model.name_zh, model.name_en).where(key.in_(wanted)).order_by(key)
    return {value: Named(zh, en) for value, zh, en in session.execute(query)}


def _matches(session: Session, actor: Actor, criteria: Criteria, now: datetime) -> list[Match]:
    query = criteria.query
    bookable = select(Unit.id).where(Unit.pool_id == Pool.id, Unit.state.in_(BOOKABLE_STATES))
    soonest = _soonest(now).label("soonest")
    statement: Select[*tuple[Any, ...]] = (
        select(
            Pool.id, Pool.category_code, Pool.platform_id, Pool.site_id, Pool.institution_id,
            bookable.correlate(Pool).exists().label("in_service"), soonest,
        )
        .where(pools_seen_by(actor, now), *(_like(search.anywhere(w)) for w in query.words))
        .order_by(_rank(query).desc(), soonest.asc().nulls_last(), Pool.id)
    )  # fmt: skip
    if criteria.favourites:
        kept = select(Favourite.pool_id).where(Favourite.user_id == actor.user_id)
        statement = statement.where(Pool.id.in_(kept))
    rows = session.execute(statement)
    return [Match(*row[:-1]) for row in rows]


def _rank(query: Query) -> ColumnElement[int]:
    if not query.words:
        return literal(search.TEXT)
    return case(
        (_like(search.is_code(query)), search.EXACT),
        (and_(*(_like(search.in_names(word)) for word in query.words)), search.NAME),
        (and_(*(_like(search.in_text(word)) for word in query.words)), search.TEXT),
        else_=search.PINYIN,
    )


def _soonest(now: datetime) -> ScalarSelect[Any]:
    """Return about when a pool is next free, not before `now`; NULL when unknown or never.

    A subquery, not a join: without statistics PostgreSQL joins by comparing all with all, 40 ms.
    """
    free_at = PoolNextFree.free_at
    # What was free before now is free now: how long ago it was computed must not order it.
    clamped = case((free_at <= now, literal(now, free_at.type)), else_=free_at)
    return select(clamped).where(PoolNextFree.pool_id == Pool.id).correlate(Pool).scalar_subquery()


def _like(pattern: str) -> ColumnElement[bool]:
    return Pool.search_text.like(pattern, escape=search.ESCAPE)


def _corrected(session: Session, query: Query) -> Query | None:
    """Return the query with near known words instead of unknown ones, or None. One query."""
    near = []
    for word in query.correctable:
        start, end = search.ends_of(word)
        ends = or_(SearchWord.word.startswith(start), SearchWord.word.endswith(end))
        size = func.length(SearchWord.word)
        near.append(ends & size.between(len(word) - 1, len(word) + 1))
    rows = session.execute(
        select(SearchWord.word, SearchWord.uses)
        .where(or_(*near))
        .order_by(SearchWord.uses.desc(), SearchWord.word)
        .limit(CANDIDATES)
    )
    known = [(word, uses) for word, uses in rows]
    better = {w: found for w in query.correctable if (found := search.nearest_word(w, known))}
    return query.corrected(better) if better else None


def _category_paths(session: Session) -> Paths:
    rows = session.execute(select(Category.code, Category.parent_code).order_by(Category.code))
    return paths((code, parent) for code, parent in rows)
