"""Joining one's own neighbours: two reservations side by side become one, where nothing is lost.

Each service here joins or raises `Apart`; then the caller's transaction is rolled back, and what
was asked for is done as ever.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor, Party
from booking.core.errors import Refusal
from booking.core.period import Period
from booking.reservations.models import Reservation
from booking.reservations.queries.beside import Alike, own_beside
from booking.reservations.queries.facts import pool_facts
from booking.reservations.queries.reservations import unit_ids_of, visible_reservation
from booking.reservations.rules.life import BECAME, Move
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.cancelling import end_reservation
from booking.reservations.services.holding import plain
from booking.reservations.services.idempotency import claim_key, keep_key
from booking.reservations.services.kept import use_hold
from booking.reservations.services.locking import lock_booking, pool_id_of, subject_of
from booking.reservations.services.moving import Change, move
from booking.reservations.services.notices import About, tell_person
from booking.reservations.services.requesting import Booked, Plan, key_of, plan_booking


class Apart(Exception):
    """They stay two: nothing has changed."""


def join_request(
    session: Session, actor: Actor, request: BookingRequest, near: int, now: datetime
) -> Booked:
    """Return the own reservation `near`, made longer by what is asked for, the gap included.

    Every rule is asked of the new time and of the whole, on the units it has. Raises Apart.
    """
    key = key_of(actor, request)
    known = claim_key(session, key, "reservation_id", now) if key else None
    if known is not None:
        return Booked(known)
    rows = _locked(session, [near])
    pool_id = pool_id_of(session, request)
    lock_booking(session, [pool_id], *subject_of(session, actor, request, now))
    try:
        # A short hold prefers its own units; the neighbour's are as good.
        plan = plan_booking(session, actor, use_hold(session, actor, request, now), now)
        if plan.pool.pool_id != pool_id:  # its unit changed pools meanwhile
            raise Apart
        _require_still(session, plan, request, near, now)
        whole = _both(Period(rows[0].start_at, rows[0].end_at), plan.period)
        _take_in(session, actor, rows[0], whole, rows[0].note or request.note.strip(), now)
    except Refusal as refusal:
        raise Apart from refusal
    after = plain(plan.period)
    record(session, actor, "reservation.join", ("reservation", near), now, after=after)
    if key:
        keep_key(session, key, "reservation_id", near)
    return Booked(near, joined=True)


def join_change(
    session: Session,
    actor: Actor,
    reservation_id: int,
    version: int | None,
    change: Change,
    now: datetime,
) -> Move:
    """Return JOIN when a reservation took in the own one beside its new times, which has ended.

    Raises Apart.
    """
    near = beside_change(session, actor, reservation_id, change, now)
    rows = {row.id: row for row in _locked(session, [reservation_id, near or 0])}
    if near not in rows or beside_change(session, actor, reservation_id, change, now) != near:
        raise Apart
    row, other = rows[reservation_id], rows[near]
    if other.start_at <= now or version not in (None, row.version):
        raise Apart
    taken, note = Period(other.start_at, other.end_at), row.note
    note = (note if change.note is None else change.note.strip()) or other.note
    whole = _both(Period(change.start or row.start_at, change.end or row.end_at), taken)
    lock_booking(session, [row.pool_id], row.user_id, row.company_id)
    end_reservation(session, other, "cancelled", BECAME + row.reference, now, actor.user_id)
    try:
        _take_in(session, actor, row, whole, note, now)
    except Refusal as refusal:
        raise Apart from refusal
    about = About(other.id, other.version, other.user_id, taken)
    tell_person(session, about, "joined", now, into=row.reference)
    after = {"into": row.reference, **plain(taken)}
    record(session, actor, "reservation.joined", ("reservation", other.id), now, after=after)
    record(session, actor, "reservation.join", ("reservation", row.id), now, after=plain(taken))
    return Move.JOIN


def beside_change(
    session: Session, actor: Actor, reservation_id: int, change: Change, now: datetime
) -> int | None:
    """Return the own reservation that the changed one may take in. Two queries or three.

    A change of nothing asks for what stands beside it as it is.
    """
    row = visible_reservation(session, actor, reservation_id).row
    start, end = change.start or row.start_at, change.end or row.end_at
    same = (start, end) == (row.start_at, row.end_at) and change != Change()
    if same or end <= start or change.override_reason or not _is_plain(row):
        return None
    pool = pool_facts(session, [row.pool_id])[row.pool_id]
    alike = Alike(
        row.user_id or 0, Party(row.company_id, row.institution_id, frozenset()),
        row.quantity if change.quantity is None else change.quantity, row.purpose,
        row.note if change.note is None else change.note.strip(), bool(row.named_unit), row.id,
    )  # fmt: skip
    return own_beside(session, pool, alike, Period(start, end), now)


def _is_plain(row: Reservation) -> bool:
    """Return whether nothing of a reservation is of its own: a decision, a group, an exception."""
    agreed = row.status in ("approved", "in_use")
    return agreed and row.group_id is None and row.source == "booked" and not row.override_reason


def _require_still(
    session: Session, plan: Plan, request: BookingRequest, near: int, now: datetime
) -> None:
    """Raise Apart unless the neighbour found from a plain read is still the one to be joined."""
    found = own_beside(session, plan.pool, plan.alike, plan.period, now)
    if found != near or plan.overridden or plan.status != "approved":
        raise Apart
    wanted = {request.unit_id} if request.unit_id else set(request.preferred_unit_ids)
    if wanted and not wanted.issuperset(unit_ids_of(session, [near]).get(near, ())):
        raise Apart


def _take_in(
    session: Session, actor: Actor, row: Reservation, whole: Period, note: str, now: datetime
) -> None:
    """Move a locked reservation to all of both times, on its units. Raises Apart, Refusal."""
    had = unit_ids_of(session, [row.id])
    change = Change(whole.start, whole.end, note=None if note == row.note else note)
    how = move(session, actor, row.id, None, change, now)
    if how is not Move.APPLY or unit_ids_of(session, [row.id]) != had:
        raise Apart


def _both(one: Period, other: Period) -> Period:
    return Period(min(one.start, other.start), max(one.end, other.end))


def _locked(session: Session, ids: Sequence[int]) -> list[Reservation]:
    """Return these reservations, locked and fresh, by id (DESIGN §2)."""
    query = select(Reservation).where(Reservation.id.in_(ids)).order_by(Reservation.id)
    fresh = query.with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(fresh))
