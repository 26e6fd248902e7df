"""What the calendar of one group is drawn from. The same number of queries always."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking.board.queries.lanes import Among, Lane, held_on, lane_ids, lanes_of
from booking.board.rules.calendar import Frame
from booking.board.rules.lanes import Held
from booking.core.actor import Actor
from booking.core.period import Period
from booking.policies.rules.shading import Shade, bookable_spans, shades
from booking.reservations.queries.asking import Asked, Booker, Intent, asking
from booking.reservations.queries.facts import PoolFacts, units_of
from booking.reservations.rules.slots import UnitFacts

NEAR = 24 * 60  # minutes: buffers of what lies beyond the days reach at most so far into them


@dataclass(frozen=True, slots=True)
class Gathered:
    """A group as one person may book it, and what holds its units."""

    every: list[Lane]  # all units of the group
    lanes: list[Lane]  # those looked at: all, or one
    units: dict[int, UnitFacts]  # those that can be booked
    held: dict[int, list[Held]]
    asked: Asked
    spans: list[Period]  # when this person may book at all

    @property
    def busy(self) -> dict[int, list[Period]]:
        """Return what holds each unit, buffers included."""
        return {unit_id: [one.block for one in held] for unit_id, held in self.held.items()}

    @property
    def own(self) -> list[Held]:
        """Return the reader's own reservations, each once, in order."""
        mine = {
            one.reservation_id: one
            for held in self.held.values()
            for one in held
            if one.own and one.reservation_id is not None
        }
        return sorted(mine.values(), key=lambda one: one.period)

    def shaded(self, days: list[Period]) -> list[Shade]:
        """Return what of these days this person may not book, with the rules' reasons."""
        return shades(self.asked.rules, self.asked.proposal, days)


def gather(
    session: Session,
    actor: Actor,
    pool: PoolFacts,
    unit_id: int | None,
    frame: Frame,
    booker: Booker,
    now: datetime,
) -> Gathered:
    """Return what a view of a pool, or of one of its units, shows; the actor sees the pool.

    Four queries, and one for each kind of fact that a rule of the pool asks for.
    """
    ids = lane_ids(session, actor, Among(pool_id=pool.pool_id), now)
    every = lanes_of(session, ids)
    lanes = [lane for lane in every if unit_id in (None, lane.unit_id)]
    shown = {lane.unit_id for lane in lanes}
    units = {u.unit_id: u for u in units_of(session, pool.pool_id) if u.unit_id in shown}
    held = held_on(session, actor, lanes, frame.period.widened(NEAR, NEAR), now)
    intent = Intent(frame.period, 1, now, by=actor)
    asked = asking(session, pool, len(units), booker, intent)
    spans = bookable_spans(asked.rules, asked.proposal, frame.period)
    return Gathered(every, lanes, units, held, asked, spans)
