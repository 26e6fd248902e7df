"""Whose calendar a feed is, what of it is told, and over which time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from booking.accounts.rules.permissions import Subject, may
from booking.core.actor import Actor
from booking.core.period import Period

OWN, COMPANY, LAB, UNIT = "own", "company", "lab", "unit"
KINDS = (OWN, COMPANY, LAB, UNIT)
FULL, BUSY = "full", "busy"
DETAILS = (FULL, BUSY)
# A feed tells of the last month and of what can be booked; more entries than this it does not hold.
DAYS_BACK = 30
DAYS_AHEAD = 400
MOST_ENTRIES = 5000
MOST_FEEDS = 20  # of one person at a time
EVERY_MINUTES = 60  # how often programs are asked to come back


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose calendar: the person's own, or that of a company, lab or unit (`id`)."""

    kind: str
    id: int | None = None

    @property
    def name(self) -> str:
        """Return the scope as one word: own, company-3."""
        return self.kind if self.id is None else f"{self.kind}-{self.id}"


def scope_of(name: str) -> Scope | None:
    """Return the scope of that name, None if there is none.

    >>> scope_of("lab-12"), scope_of("own"), scope_of("lab-"), scope_of("park-1")
    (Scope(kind='lab', id=12), Scope(kind='own', id=None), None, None)
    """
    if name == OWN:
        return Scope(OWN)
    kind, _, number = name.partition("-")
    fits = kind in (COMPANY, LAB, UNIT) and number.isascii() and number.isdigit()
    return Scope(kind, int(number)) if fits and len(number) < 16 else None


def may_read(actor: Actor, scope: Scope) -> bool:
    """Return whether the calendar is the actor's to read now, units' pools apart."""
    subject = Subject(
        company_id=scope.id if scope.kind == COMPANY else None,
        lab_id=scope.id if scope.kind == LAB else None,
    )
    return may(actor, f"calendar.{scope.kind}", subject)


def scopes_of(actor: Actor) -> list[Scope]:
    """Return the calendars of the actor's own, their companies' and their labs', without units."""
    companies = [Scope(COMPANY, each) for each in sorted(actor.company_ids)]
    labs = [Scope(LAB, each) for each in sorted(actor.lab_ids)]
    return [scope for scope in (Scope(OWN), *companies, *labs) if may_read(actor, scope)]


def span(now: datetime) -> Period:
    """Return the time a feed tells of: whole days of UTC, so that it moves once a day."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Period(today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD))
