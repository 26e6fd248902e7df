"""What someone wants to book, and the facts that the rules ask for."""

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from booking.core.period import Period
from booking.inventory.rules.sharing import Sharing
from booking.policies.rules.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Own:
    """A live reservation of the same person: its pool and times."""

    reservation_id: int
    pool_id: int
    period: Period


@dataclass(frozen=True, slots=True)
class Person:
    """What the rules ask about who will use the unit; gathered only where a rule asks.

    `level`: the highest valid qualification for the pool until the end of the period. `own`:
    their live reservations near the period, in order. `until`: the date their level ends.
    """

    user_id: int = 0
    level: int = 0
    until: date | None = None
    own: tuple[Own, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What someone wants to book, and the facts the rules ask for.

    `insider`: the pool is the person's own (shared hours do not bind). `units`: bookable units
    of the pool. `keeps_start`: a move that leaves the start alone may start in the past.
    `needs_decision`: somebody else has to agree, and cannot once it has begun.
    `pool_id` and `besides` (the reservation that moves) tell own reservations apart. `purpose`
    and `note` are None in a search, which does not know them yet.
    """

    period: Period
    quantity: int
    now: datetime
    zone: ZoneInfo
    units: int
    insider: bool = False
    sharing: Sharing | None = None
    keeps_start: bool = False
    needs_decision: bool = False
    purpose: str | None = "research"
    note: str | None = ""
    pool_id: int = 0
    besides: int | None = None
    customs: bool = False  # a unit asked for is under customs supervision
    person: Person = field(default_factory=Person)
    calendar: Calendar = field(default_factory=Calendar)
