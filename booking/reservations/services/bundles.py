"""Bundles (several pools at once) and chains (one after the other): found, and booked as one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.errors import Conflict, PartsTaken, PartsViolated, Problem, Violation
from booking.core.period import Period
from booking.infra.db import rehearsal, savepoint
from booking.reservations.queries.asking import Booker, Intent, asking
from booking.reservations.queries.availability import starts_within
from booking.reservations.queries.facts import units_of, visible_pool
from booking.reservations.rules.groups import (
    BundleWanted,
    ChainWanted,
    OnProblem,
    Part,
    require_chain,
    require_parts,
    require_title,
)
from booking.reservations.rules.proposal import BookingRequest, require_form
from booking.reservations.rules.sequences import common_starts, earliest_sequence, in_a_row
from booking.reservations.services.bookers import booker_for
from booking.reservations.services.grouping import (
    GroupMade,
    Opening,
    Outcome,
    Preview,
    book_parts,
    once,
    refuse,
    tell_group,
)
from booking.reservations.services.locking import pool_id_of

# A time may pass the rules of time and still break another: then the next one is tried.
TRIES = 12
LOOK_DAYS = 14


def preview_bundle(session: Session, actor: Actor, wanted: BundleWanted, now: datetime) -> Preview:
    """Return what booking the bundle would come to; problems with the next time all could."""
    parts = _bundle_parts(wanted)
    with rehearsal(session):
        outcomes = _book(session, actor, parts, _opening(session, actor, wanted, now))
    if not any(outcome.problem for outcome in outcomes):
        return Preview(tuple(outcomes))
    near = next_common_time(session, actor, wanted, now)
    return Preview(tuple(_with_time(outcome, near) for outcome in outcomes))


def make_bundle(session: Session, actor: Actor, wanted: BundleWanted, now: datetime) -> GroupMade:
    """Return the bundle made in the transaction of the caller, all of it.

    Raises Invalid, NotFound, WrongState("idempotency_mismatch"); PartsTaken or PartsViolated with
    every problem and the next time at which all parts could be had, else the last before.
    """
    parts = _bundle_parts(wanted)
    known = once(session, actor, wanted.requests[0], now)
    if known.made is not None:
        return GroupMade(known.made)
    try:
        made = _made(session, actor, wanted, parts, now)
    except (PartsTaken, PartsViolated) as refusal:
        near = next_common_time(session, actor, wanted, now)
        problems = tuple(replace(problem, nearest=near) for problem in refusal.problems)
        raise type(refusal)(problems) from refusal
    known.keep(made.group_id)
    return made


def next_common_time(
    session: Session, actor: Actor, wanted: BundleWanted, now: datetime
) -> Period | None:
    """Return the first time from the wanted start on at which all parts could be booked.

    Else the last before it: a day that is not open yet, or opens fairly, has nothing behind it.
    """
    start, reach = wanted.requests[0].start, timedelta(days=LOOK_DAYS)
    found = _common_time(session, actor, wanted, Period(start, start + reach), 1, now)
    first = max(now, start - reach)
    if found is None and first < start:
        found = _common_time(session, actor, wanted, Period(first, start), -1, now)
    return found


def _common_time(
    session: Session,
    actor: Actor,
    wanted: BundleWanted,
    window: Period,
    order: int,
    now: datetime,
) -> Period | None:
    """Return the first (order 1) or last (-1) start in a window at which all could be booked."""
    requests = wanted.requests
    length = requests[0].end - requests[0].start
    starts = common_starts([_starts(session, actor, r, window, now) for r in requests])
    for start in starts[::order][:TRIES]:
        at = tuple(replace(r, start=start, end=start + length) for r in requests)
        if not _problems(session, actor, replace(wanted, requests=at), _parts(at), now):
            return Period(start, start + length)
    return None


def find_chain(
    session: Session, actor: Actor, wanted: ChainWanted, now: datetime
) -> tuple[Part, ...] | None:
    """Return the earliest sequence in the wanted time that passes every rule and is free.

    None when there is none. Raises Invalid, NotFound; PartsViolated with the rules that refuse a
    step whenever it is in that time.
    """
    window = _chain_window(wanted)
    steps = wanted.steps
    starts = [_starts(session, actor, request, window, now) for request in wanted.requests]
    for tried in range(TRIES):
        found = earliest_sequence(steps, starts)
        if found is None or found[-1].end > window.end:
            if not tried:  # perhaps no step may be in that time at all
                first = _placed(wanted, in_a_row(steps, window.start))
                _require_curable(_problems(session, actor, wanted, first, now), window)
            return None
        parts = _placed(wanted, found)
        problems = _problems(session, actor, wanted, parts, now)
        if not problems:
            return parts
        _require_curable(problems, window)
        # This step cannot be then, whatever the others do: look on without this start.
        starts[problems[0].position].remove(problems[0].period.start)
    return None


def _require_curable(problems: Sequence[Problem], window: Period) -> None:
    """Raise PartsViolated with what breaks a rule that no other time in the window would keep."""

    def lasts(violation: Violation, asked: Period) -> bool:
        near = violation.nearest  # a step keeps its length
        return near is None or near.length != asked.length or not window.contains(near)

    lasting = [
        replace(p, violations=tuple(v for v in p.violations if lasts(v, p.period)))
        for p in problems
    ]
    found = tuple(problem for problem in lasting if problem.violations)
    if found:
        raise PartsViolated(found)


def _placed(wanted: ChainWanted, times: Sequence[Period]) -> tuple[Part, ...]:
    return _parts(
        replace(request, start=period.start, end=period.end)
        for request, period in zip(wanted.requests, times, strict=True)
    )


def preview_chain(session: Session, actor: Actor, wanted: ChainWanted, now: datetime) -> Preview:
    """Return the earliest sequence as it would be booked. Raises what `make_chain` does."""
    parts = find_chain(session, actor, wanted, now)
    if parts is None:
        raise Conflict
    with rehearsal(session):
        return Preview(tuple(_book(session, actor, parts, _opening(session, actor, wanted, now))))


def make_chain(session: Session, actor: Actor, wanted: ChainWanted, now: datetime) -> GroupMade:
    """Return the earliest sequence, booked in the transaction of the caller.

    Raises Invalid, NotFound, Conflict when there is none, PartsViolated where no time would help,
    WrongState("idempotency_mismatch").
    """
    known = once(session, actor, wanted.requests[0], now)
    if known.made is not None:
        return GroupMade(known.made)
    parts = find_chain(session, actor, wanted, now)
    if parts is None:
        raise Conflict
    made = _made(session, actor, wanted, parts, now)
    known.keep(made.group_id)
    return made


def _made(
    session: Session,
    actor: Actor,
    wanted: BundleWanted | ChainWanted,
    parts: Sequence[Part],
    now: datetime,
) -> GroupMade:
    opening = _opening(session, actor, wanted, now)
    with savepoint(session):  # what was held is given back when the rest cannot be
        outcomes = _book(session, actor, parts, opening)
        refuse(outcomes)
    return GroupMade(tell_group(session, opening, outcomes, {}), tuple(outcomes))


def _book(session: Session, actor: Actor, parts: Sequence[Part], opening: Opening) -> list[Outcome]:
    return book_parts(session, actor, parts, OnProblem.REFUSE, opening, looks=False)


def _problems(
    session: Session,
    actor: Actor,
    wanted: BundleWanted | ChainWanted,
    parts: Sequence[Part],
    now: datetime,
) -> list[Problem]:
    """Return what would keep these parts from being booked, in order; nothing is booked."""
    with rehearsal(session):
        outcomes = _book(session, actor, parts, _opening(session, actor, wanted, now))
    return [o.problem for o in outcomes if o.problem is not None]


def _starts(
    session: Session, actor: Actor, request: BookingRequest, window: Period, now: datetime
) -> list[datetime]:
    """Return when in `window` the request could start: free, and by the rules of time."""
    pool = visible_pool(session, actor, pool_id_of(session, request), now)
    units = [u for u in units_of(session, pool.pool_id) if request.unit_id in (None, u.unit_id)]
    booker = Booker(*booker_for(session, actor, pool, request, now))
    period = Period(request.start, request.end)
    intent = Intent(period, request.quantity, now, searches=True, purpose=request.purpose, by=actor)
    asked = asking(session, pool, len(units), booker, intent)
    return starts_within(session, asked, units, window)


def _opening(
    session: Session, actor: Actor, wanted: BundleWanted | ChainWanted, now: datetime
) -> Opening:
    pool = visible_pool(session, actor, pool_id_of(session, wanted.requests[0]), now)
    columns: dict[str, Any] = {
        "kind": wanted.kind, "title": require_title(wanted.title), "zone": pool.zone.key,
        "rule": "", "exceptions": "", "starts_local": "", "length_minutes": 0,
    }  # fmt: skip
    return Opening(session, actor, columns, now)


def _bundle_parts(wanted: BundleWanted) -> tuple[Part, ...]:
    require_parts(wanted.requests, wanted.kind)
    for request in wanted.requests:
        require_form(request)
    return _parts(wanted.requests)


def _parts(requests: Iterable[BookingRequest]) -> tuple[Part, ...]:
    return tuple(Part(n, replace(r, idempotency_key=None)) for n, r in enumerate(requests))


def _chain_window(wanted: ChainWanted) -> Period:
    require_chain(wanted)
    for request in wanted.requests:
        require_form(request)
    since = wanted.requests[0].start
    return Period(since, wanted.until or since + timedelta(days=LOOK_DAYS))


def _with_time(outcome: Outcome, near: Period | None) -> Outcome:
    if outcome.problem is None:
        return outcome
    return replace(outcome, problem=replace(outcome.problem, nearest=near))
