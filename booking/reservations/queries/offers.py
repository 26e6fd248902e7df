"""Which slot could be offered to who waits, and who still does; reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.queries.memberships import standing_of
from booking.core.actor import Party
from booking.core.period import Period
from booking.reservations.models import LIVE, Reservation, WaitlistEntry
from booking.reservations.queries.asking import Booker, Intent, asking
from booking.reservations.queries.availability import next_slots
from booking.reservations.queries.facts import PoolFacts, pool_facts, units_of
from booking.reservations.queries.reservations import unit_ids_of
from booking.reservations.queries.waiting import waiting_for
from booking.reservations.rules.slots import Slot, UnitFacts
from booking.reservations.rules.waiting import earliest

AT_ONCE = 50  # entries looked at for one release
LOOKED = 5  # slots tried for one entry: the rules of the person may refuse the first


@dataclass(frozen=True, slots=True)
class Queue:
    """A pool somebody waits for, its bookable units, and the time."""

    pool: PoolFacts
    units: Sequence[UnitFacts]
    now: datetime


def queue_for(session: Session, pool_id: int, now: datetime) -> Queue:
    """Return a pool with what decides who gets its time. Two queries."""
    return Queue(pool_facts(session, [pool_id])[pool_id], units_of(session, pool_id), now)


def window_of(entry: WaitlistEntry) -> Period:
    """Return the time within which the whole slot is wanted."""
    return Period(entry.first_at, entry.last_at)


def has_offer(session: Session, pool_id: int, now: datetime) -> bool:
    """Return whether `offer_waiting` would change anything, from a plain read."""
    queue = queue_for(session, pool_id, now)
    for entry in waiting_for(session, pool_id, None, AT_ONCE):
        if entry.kind == "notice":
            continue
        if not stands(session, entry, now) or slot_for(session, queue, entry)[0] is not None:
            return True
    return False


def stands(session: Session, entry: WaitlistEntry, now: datetime) -> bool:
    """Return whether its person is here and of the party, its window open.

    And what is to move up is still to come.
    """
    if earliest(window_of(entry), now) + timedelta(minutes=entry.minutes) > entry.last_at:
        return False
    here = session.scalar(
        select(User.id).where(User.id == entry.user_id, User.retired_at.is_(None))
    )
    parties, labs = standing_of(session, entry.user_id, now)
    mine = {(p.company_id, p.institution_id) for p in parties}
    stands = here is not None and ((entry.company_id, entry.institution_id) in mine or bool(labs))
    if entry.reservation_id is not None:
        row = session.get(Reservation, entry.reservation_id, populate_existing=True)
        stands = stands and row is not None and row.status in LIVE and row.start_at > now
    return stands and _is_still_lost(session, entry, now)


def _is_still_lost(session: Session, entry: WaitlistEntry, now: datetime) -> bool:
    """Return whether the time a fault took is lost, or may still be: it has not begun after all."""
    if entry.replaces_id is None:
        return True
    row = session.get(Reservation, entry.replaces_id, populate_existing=True)
    if row is None or row.user_id != entry.user_id:
        return False
    return row.status == "cancelled" or (row.status in LIVE and row.start_at > now)


def slot_for(
    session: Session, queue: Queue, entry: WaitlistEntry, within: Period | None = None
) -> tuple[Slot | None, tuple[str, ...], int]:
    """Return the earliest slot that passes every rule of the person, why none, the offer's minutes.

    None: the codes of the rules that refuse what is free, or `no_slot`.
    """
    window = within or window_of(entry)
    length = timedelta(minutes=entry.minutes)
    first = earliest(window, queue.now)
    row = session.get(Reservation, entry.reservation_id) if entry.reservation_id else None
    until = min(window.end - length + timedelta(seconds=1), row.start_at if row else window.end)
    if first >= until:
        return None, ("no_slot",), 0
    units = _units_for(session, queue, entry, row)
    booker = Booker(entry.user_id, _party(entry))
    intent = Intent(
        Period(first, first + length), entry.quantity, queue.now, searches=True,
        purpose=entry.purpose, note=entry.note, besides=entry.reservation_id or entry.replaces_id,
    )  # fmt: skip
    asked = asking(session, queue.pool, len(queue.units), booker, intent)
    minutes = asked.rules.offer_minutes.value
    codes: dict[str, None] = {}
    for slot in next_slots(session, asked, LOOKED, units=units, until=until):
        broken = asked.at(slot.period).violations()
        if not broken:
            return slot, (), minutes
        codes.update(dict.fromkeys(violation.code for violation in broken))
    return None, tuple(codes) or ("no_slot",), minutes


def _units_for(
    session: Session, queue: Queue, entry: WaitlistEntry, row: Reservation | None
) -> Sequence[UnitFacts]:
    """Return the units that would do: the named one, else any."""
    named: Sequence[int] = ()
    if entry.unit_id is not None:
        named = [entry.unit_id]
    elif row is not None and row.named_unit:
        named = unit_ids_of(session, [row.id]).get(row.id, [])
    return [unit for unit in queue.units if not named or unit.unit_id in named]


def _party(entry: WaitlistEntry) -> Party:
    return Party(entry.company_id, entry.institution_id, frozenset())
