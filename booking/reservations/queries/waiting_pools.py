"""A pool that a search has come to: its units, and what the rules ask of each party there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.period import Period
from booking.policies.rules.decide import AT_ANY_TIME
from booking.reservations.queries.asking import Asked, Intent, askings
from booking.reservations.queries.candidates import Candidate, Looked, bookers
from booking.reservations.queries.facts import facts_of
from booking.reservations.rules.slots import UnitFacts

# No time is found for who lacks the level; who waits may have it by then.
WHENEVER = AT_ANY_TIME | {"level_needed"}


@dataclass(slots=True)
class Waiting:
    """A pool that waits, once its units are read: what is known of it so far."""

    candidate: Candidate
    units: list[UnitFacts]
    asked: tuple[Asked, ...] = ()  # for each party with rules of its own
    turn: int = 0
    offered: int = 0
    after: datetime | None = None  # the end of its last offer: slots of a pool do not overlap

    @property
    def pool_id(self) -> int:
        """Return the pool's id."""
        return self.candidate.pool_id


def ask_rules(
    session: Session, actor: Actor, pools: Sequence[Waiting], looked: Looked, now: datetime
) -> None:
    """Ask the rules for each party; pools that no time would mend are left without."""
    by_id = {waiting.pool_id: waiting for waiting in pools}
    period = Period(looked.first, looked.first + looked.length)
    intent = Intent(period, looked.quantity, now, searches=True, by=actor)
    askers = [
        (pool, len(waiting.units), booker)
        for waiting in pools
        for pool in [facts_of(session, waiting.candidate.row)]
        for booker in bookers(session, actor, pool, now)
    ]
    for asked in askings(session, askers, intent) if askers else ():
        waiting = by_id[asked.pool.pool_id]
        if not any(_same(asked, known) for known in waiting.asked):
            waiting.asked = (*waiting.asked, asked)
    for waiting in pools:
        if any(one.codes() & WHENEVER for one in waiting.asked):
            waiting.asked = ()


def _same(asked: Asked, other: Asked) -> bool:
    """Return whether rules and quotas are those of another party."""
    alike = asked.rules is other.rules or asked.rules == other.rules
    return alike and asked.proposal.accounts == other.proposal.accounts
