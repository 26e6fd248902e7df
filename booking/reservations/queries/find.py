"""Find a time: offers of all pools that meet what is wanted, the soonest or the best."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import Company
from booking.core.actor import Actor
from booking.core.hours import WeeklyHours
from booking.infra.settings import find_weights
from booking.reservations.queries.candidates import Looked, Offer, Where
from booking.reservations.queries.soonest import soonest_slots
from booking.reservations.queries.together import together_with
from booking.reservations.rules.finding import BEST, LOOSE, SOONEST, Score, Weights, score

CONSIDERED = 60  # the soonest offers among which the best are chosen
MOST_OF_ONE = 2  # of each pool among these


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to find: where, how long, in which hours, with one unit of which other pools."""

    where: Where
    looked: Looked
    hours: WeeklyHours | None = None
    together: tuple[int, ...] = ()
    sort: str = SOONEST
    each: int | None = None  # offers of one pool at most


@dataclass(frozen=True, slots=True)
class Found:
    """Offers in order, each with its marks when the best were asked for.

    Not `complete` when too many times were refused to look further.
    """

    offers: Sequence[tuple[Offer, Score | None]]
    complete: bool = True


def find(session: Session, actor: Actor, wanted: Wanted, limit: int, now: datetime) -> Found:
    """Return up to `limit` offers; each passes every rule if the actor books it at once.

    The best are chosen among the 60 soonest, two of a pool at most. Raises NotFound when a pool
    that must be free too is not the actor's to see.
    """
    looked, best = wanted.looked, wanted.sort == BEST
    if best:
        looked = replace(looked, around=LOOSE)
    others = together_with(session, actor, wanted.together, wanted.hours, looked, now)
    where = replace(wanted.where, besides=wanted.together)
    found = soonest_slots(
        session, actor, where, looked, max(limit, CONSIDERED) if best else limit, now,
        together=others, each=MOST_OF_ONE if best else wanted.each,
    )  # fmt: skip
    if not best:
        return Found([(offer, None) for offer in found.found], found.complete)
    homes, weights = _homes(session, actor), Weights(*find_weights())
    marked = [
        (o, score(o.slot.period.start - looked.first, o.slot.slack, weights, near=_near(o, homes)))
        for o in found.found
    ]
    marked.sort(key=lambda pair: (-pair[1].total, pair[0].key))
    return Found(marked[:limit], found.complete)


def _homes(session: Session, actor: Actor) -> frozenset[int]:
    """Return the sites at which the actor's companies are. At most one query."""
    if not actor.company_ids:
        return frozenset()
    query = select(Company.home_site_id).where(
        Company.id.in_(sorted(actor.company_ids)), Company.home_site_id.is_not(None)
    )
    return frozenset(site for site in session.execute(query).scalars() if site is not None)


def _near(offer: Offer, homes: frozenset[int]) -> bool | None:
    return offer.pool.site_id in homes if homes else None
