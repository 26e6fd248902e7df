"""What the rules ask about a reservation that is there already: a change of it, taking it back."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from booking.core.errors import RuleViolated
from booking.core.period import Period
from booking.policies.rules.people import OTHER
from booking.reservations.models import Reservation
from booking.reservations.queries.asking import Booker, Intent, asking, booker_of
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.reservations import unit_ids_of

# Rules that a person's other reservations may break meanwhile.
OF_OTHERS = ("quota_", "gap_", "one_at_a_time")


def named_unit(session: Session, row: Reservation) -> int | None:
    """Return the unit that was asked for, where the rules may ask which it is."""
    if not row.named_unit or row.purpose != OTHER:
        return None
    return next(iter(unit_ids_of(session, [row.id]).get(row.id, ())), None)


def require_note(session: Session, pool: PoolFacts, row: Reservation, now: datetime) -> None:
    """Raise RuleViolated where a note is needed and the last one is taken away."""
    _refuse(session, pool, row, booker_of(row), now, ("note_needed",))


def require_room(session: Session, pool: PoolFacts, row: Reservation, now: datetime) -> None:
    """Raise RuleViolated where the person's or company's other reservations leave no room."""
    _refuse(session, pool, row, booker_of(row), now, OF_OTHERS)


def require_heir(
    session: Session, pool: PoolFacts, row: Reservation, user_id: int, now: datetime
) -> None:
    """Raise RuleViolated where another person may not have this reservation instead."""
    heir = replace(booker_of(row), person_id=user_id)
    _refuse(session, pool, row, heir, now, ("level_", *OF_OTHERS))


def _refuse(
    session: Session,
    pool: PoolFacts,
    row: Reservation,
    booker: Booker,
    now: datetime,
    codes: tuple[str, ...],
) -> None:
    intent = Intent(Period(row.start_at, row.end_at), row.quantity, now, note="", besides=row.id)
    found = asking(session, pool, row.quantity, booker, intent).violations()
    broken = tuple(v for v in found if v.code.startswith(codes))
    if broken:
        raise RuleViolated(broken)
