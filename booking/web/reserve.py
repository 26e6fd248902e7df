"""The one way a page or the API makes or moves a reservation: look, write, explain."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from booking.core.actor import Actor
from booking.core.errors import Conflict, Invalid, NotFound, RuleViolated
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db, write
from booking.inventory.queries.like import like_pools, likeness_of
from booking.reservations.rules.draws import is_being_drawn, is_collected
from booking.reservations.rules.groups import BundleWanted, ChainWanted, SeriesWanted
from booking.reservations.rules.life import Move
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.alternatives import with_alternatives, with_other_times
from booking.reservations.services.bundles import (
    make_bundle,
    make_chain,
    preview_bundle,
    preview_chain,
)
from booking.reservations.services.entering import enter
from booking.reservations.services.grouping import GroupMade, Preview
from booking.reservations.services.idempotency import EnteredBefore
from booking.reservations.services.joining import (
    Apart,
    beside_change,
    join_change,
    join_request,
)
from booking.reservations.services.locking import pool_id_of
from booking.reservations.services.moving import Change, move
from booking.reservations.services.requesting import (
    Booked,
    look_before,
    request_reservation,
)
from booking.reservations.services.series import make_series, preview_series
from booking.reservations.services.waiting import accept
from booking.web.drawing import make_draws

MOST_TRIED = 10  # pools like the one asked for
GroupWanted = SeriesWanted | BundleWanted | ChainWanted


@dataclass(frozen=True, slots=True)
class Entered:
    """A request that waits for its draw: its day opens fairly just now."""

    entry_id: int


def reserve(actor: Actor, request: BookingRequest) -> Booked | Entered:
    """Return the reservation made, or the entry where its day opens fairly.

    A draw of the day that is due is made first. Raises what `request_reservation` and `enter` do,
    Conflict with offers.
    """
    now = clock.now()
    try:
        return _reserve_or_enter(actor, request, now)
    except EnteredBefore as before:  # the same Idempotency-Key and body
        return Entered(before.entry_id)


def _reserve_or_enter(actor: Actor, request: BookingRequest, now: datetime) -> Booked | Entered:
    try:
        return _reserve(actor, request, now)
    except RuleViolated as refusal:
        if is_collected(refusal):
            return Entered(write(lambda session: enter(session, actor, request, now)))
        if not is_being_drawn(refusal):
            raise
    make_draws(pool_id_of(db.session(), request))
    return _reserve(actor, request, now)


def _reserve(actor: Actor, request: BookingRequest, now: datetime) -> Booked:
    """Return the reservation made, or the own one beside it that it was joined into."""
    try:
        near = look_before(db.session(), actor, request, now)
        if near is not None:
            with contextlib.suppress(Apart):
                booked = write(lambda session: join_request(session, actor, request, near, now))
                _join_next(actor, near, now)
                return booked
        return write(lambda session: request_reservation(session, actor, request, now))
    except Conflict as conflict:
        session = db.session()
        raise with_alternatives(session, actor, request, now, conflict) from conflict


def _join_next(actor: Actor, reservation_id: int, now: datetime) -> bool:
    """Return whether a reservation with new times has taken in the own one beside it."""
    if beside_change(db.session(), actor, reservation_id, Change(), now) is None:
        return False
    with contextlib.suppress(Apart):
        write(lambda session: join_change(session, actor, reservation_id, None, Change(), now))
        return True
    return False


def take_offer(actor: Actor, entry_id: int, answers: Mapping[str, Any]) -> Booked:
    """Return what was made of an offer to who waits; it takes in the own one beside it, if it may.

    Raises what `accept` does.
    """
    now = clock.now()
    made = write(lambda session: accept(session, actor, entry_id, now, answers))
    return Booked(made, joined=_join_next(actor, made, now))


def reserve_like(actor: Actor, request: BookingRequest, aspects: Sequence[str]) -> Booked | Entered:
    """Return the reservation made, or the entry: as asked, else of a free pool that is like it.

    The soonest free is tried first; each pool's own rules are asked. Raises what `reserve` does for
    the pool asked for, when no other will do.
    """
    try:
        return reserve(actor, request)
    except (Conflict, RuleViolated) as refusal:
        for pool_id in _like(actor, request, aspects):
            other = replace(request, pool_id=pool_id, unit_id=None, preferred_unit_ids=())
            with contextlib.suppress(Conflict, RuleViolated, Invalid, NotFound):
                return _reserve(actor, other, clock.now())
        raise refusal


def _like(actor: Actor, request: BookingRequest, aspects: Sequence[str]) -> list[int]:
    """Return the pools to try, those with a unit free at that time."""
    session, now = db.session(), clock.now()
    pool_id = pool_id_of(session, request)
    likeness = likeness_of(session, pool_id, aspects)
    period = Period(request.start, request.end)
    return like_pools(session, actor, pool_id, likeness, now, period)[:MOST_TRIED]


def change(
    actor: Actor, reservation_id: int, expected_version: int | None, wanted: Change
) -> Move | None:
    """Return how a reservation was changed. Raises what `move` does, Conflict with offers."""
    now = clock.now()
    try:
        near = beside_change(db.session(), actor, reservation_id, wanted, now)
        if near is not None:
            with contextlib.suppress(Apart):
                args = (actor, reservation_id, expected_version, wanted, now)
                how = write(lambda s: join_change(s, *args))
                _join_next(actor, reservation_id, now)
                return how
        return write(lambda s: move(s, actor, reservation_id, expected_version, wanted, now))
    except Conflict as conflict:
        session = db.session()
        raise with_other_times(session, actor, reservation_id, wanted, now, conflict) from conflict


def reserve_group(actor: Actor, wanted: GroupWanted) -> GroupMade:
    """Return the group made. Raises what `make_series`, `make_bundle` or `make_chain` does."""
    now = clock.now()
    match wanted:
        case SeriesWanted():
            return write(lambda session: make_series(session, actor, wanted, now))
        case BundleWanted():
            return write(lambda session: make_bundle(session, actor, wanted, now))
        case ChainWanted():
            return write(lambda session: make_chain(session, actor, wanted, now))


def rehearse_group(actor: Actor, wanted: GroupWanted) -> Preview:
    """Return what making the group would come to. Raises Invalid, NotFound, Conflict."""
    now = clock.now()
    match wanted:
        case SeriesWanted():
            return write(lambda session: preview_series(session, actor, wanted, now))
        case BundleWanted():
            return write(lambda session: preview_bundle(session, actor, wanted, now))
        case ChainWanted():
            return write(lambda session: preview_chain(session, actor, wanted, now))
