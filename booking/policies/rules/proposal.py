"""What someone wants to book, and the facts that the rules ask for."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from booking.core.period import Period
from booking.inventory.rules.sharing import Sharing
from booking.policies.rules.calendar import Calendar
from booking.policies.rules.quotas import Account

FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Own:
    """A live reservation of the same person: its pool and times."""

    reservation_id: int
    pool_id: int
    period: Period


@dataclass(frozen=True, slots=True)
class Qualified:
    """A level someone may operate the pool at, until an instant."""

    level: int
    until: datetime = FOR_EVER


@dataclass(frozen=True, slots=True)
class Person:
    """What the rules ask about who will use the unit; gathered only where a rule asks.

    `qualified`: what is valid now for the pool. `own`: their live reservations near the period,
    in order, and the times that an undecided change of one asks for.
    """

    user_id: int = 0
    qualified: tuple[Qualified, ...] = ()
    own: tuple[Own, ...] = ()

    @property
    def level(self) -> int:
        """Return the highest level valid now; 0 for none."""
        return max((q.level for q in self.qualified), default=0)

    def qualified_until(self, level: int) -> datetime | None:
        """Return until when the person has at least this level; None: not even now."""
        return max((q.until for q in self.qualified if q.level >= level), default=None)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What someone wants to book, and the facts the rules ask for.

    `insider`: the pool is the person's own (shared hours do not bind). `units`: bookable units
    of the pool. `keeps_start`: a move that leaves the start alone may start in the past.
    `needs_decision`: somebody else has to agree, and cannot once it has begun.
    `pool_id` and `besides` (the reservation that moves) tell own reservations apart. `purpose`
    and `note` are None in a search, which does not know them yet. `was`: the times of the
    reservation that is to change. `accounts`: the quotas that apply, and what is used of them.
    `drawn`: the days, in order, whose collected requests are not decided yet; `its_turn`: this is
    one of them that is being decided.
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
    was: Period | None = None
    accounts: tuple[Account, ...] = ()
    drawn: tuple[Period, ...] = ()
    its_turn: bool = False
    person: Person = field(default_factory=Person)
    calendar: Calendar = field(default_factory=Calendar)
