"""Changing and ending groups: one, this and the following, or all that is coming, at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Problem,
    RuleViolated,
    Stale,
    WrongState,
)
from booking.core.period import Period
from booking.infra.db import savepoint
from booking.reservations.models import Reservation
from booking.reservations.queries.groups import (
    Group,
    group_version,
    locked_group,
    series_of,
    visible_group,
)
from booking.reservations.queries.reservations import Found
from booking.reservations.rules.groups import OnProblem, Scope, require_title
from booking.reservations.rules.life import Move, require_live
from booking.reservations.rules.proposal import require_period, require_text
from booking.reservations.rules.recurrence import wall_instant
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.grouping import group_ref, refuse_problems
from booking.reservations.services.locking import lock_booking
from booking.reservations.services.moving import Change, move
from booking.reservations.services.notices import folded, tell_folded
from booking.reservations.services.splitting import keep_times, shorten, split


@dataclass(frozen=True, slots=True)
class GroupChange:
    """What to change of a group, and how far; None leaves it as it is.

    `reservation_id` names the occurrence that ONE and FOLLOWING start from; `start` and `end` are
    its new times, which the others follow. Without it ALL speaks of the first that is coming.
    `on_problem` SKIP keeps the old time where the new one cannot be had.
    """

    scope: Scope
    reservation_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    quantity: int | None = None
    note: str | None = None
    title: str | None = None
    override_reason: str = ""
    on_problem: OnProblem = OnProblem.REFUSE


@dataclass(frozen=True, slots=True)
class GroupChanged:
    """Which group now holds what was changed, how many were, and which kept their old time."""

    group_id: int
    changed: int
    asked: int = 0  # of them, how many wait for a decision
    kept: tuple[Problem, ...] = ()


def change_group(
    session: Session,
    actor: Actor,
    group_id: int,
    expected_version: int | None,
    change: GroupChange,
    now: datetime,
) -> GroupChanged:
    """Change a group in the caller's transaction; what has begun never changes.

    A series changed from the middle on becomes two: the new one begins with the first that
    changes. Raises NotFound, Forbidden, Stale, Invalid, WrongState; PartsTaken or PartsViolated
    with every problem, and then nothing has changed.
    """
    group, affected = in_reach(session, actor, group_id, expected_version, change, now)
    if change.title is not None:
        group.row.title = require_title(change.title)
    with folded(session) as folds:
        changed, asked, problems = _move_all(session, actor, group, affected, change, now)
    moves = change.start is not None or change.end is not None
    target = group_id
    if moves and group.row.kind == "series" and change.scope is not Scope.ONE and not asked:
        target = _follow(session, actor, group, affected, change, now)
    elif changed or change.title is not None:
        group.row.version += 1
    session.flush()
    tell_folded(session, group_ref(group_id), group_version(session, group_id), folds, now)
    record(
        session, actor, "group.change", ("reservation_group", group_id), now,
        after={"scope": change.scope.value, "count": changed, "kept": len(problems),
               "group": target},
    )  # fmt: skip
    return GroupChanged(target, changed, asked, problems)


def cancel_group(
    session: Session,
    actor: Actor,
    group_id: int,
    expected_version: int | None,
    scope: Scope,
    reason: str,
    now: datetime,
    reservation_id: int | None = None,
) -> int:
    """Return how many reservations of the group were cancelled: all of the scope, or none.

    Raises NotFound, Forbidden, Stale, Invalid (field reason), WrongState.
    """
    require_text("reason", reason)
    change = GroupChange(scope, reservation_id)
    group, affected = in_reach(session, actor, group_id, expected_version, change, now)
    with folded(session) as folds:
        for member in affected:
            cancel(session, actor, member.row.id, reason, now)
    if group.row.kind == "series" and scope is not Scope.ONE:
        shorten(group.row, _first_position(affected))
    group.row.version += 1
    session.flush()
    tell_folded(session, group_ref(group_id), group_version(session, group_id), folds, now)
    record(
        session, actor, "group.cancel", ("reservation_group", group_id), now,
        after={"scope": scope.value, "count": len(affected)}, reason=reason.strip() or None,
    )  # fmt: skip
    return len(affected)


def in_reach(
    session: Session,
    actor: Actor,
    group_id: int,
    expected_version: int | None,
    change: GroupChange,
    now: datetime,
) -> tuple[Group, list[Found]]:
    """Return the locked group and what of it is to change, in order, its pools locked.

    Raises NotFound, Forbidden, Stale, Invalid, WrongState `nothing_coming`.
    """
    visible_group(session, actor, group_id)  # nobody locks what is not theirs to see
    group = locked_group(session, actor, group_id)
    if expected_version is not None and group.version != expected_version:
        raise Stale(expected_version, group.version)
    if change.scope is not Scope.ALL:
        if change.reservation_id is None:
            raise Invalid("required", field="reservation_id")
        chosen = group.member(change.reservation_id)
        require_live(chosen.row.status, chosen.period, now, chosen.row.decide_by)
    found = _in_scope(group, change, now)
    if not found:
        raise WrongState("nothing_coming")
    if not all(may(actor, "reservation.change", member.subject) for member in found):
        raise Forbidden
    whose = found[0].row
    pool_ids = sorted({member.row.pool_id for member in found})
    lock_booking(session, pool_ids, whose.user_id, whose.company_id)
    return group, found


def _in_scope(group: Group, change: GroupChange, now: datetime) -> list[Found]:
    if change.scope is Scope.ONE:
        return [group.member(change.reservation_id)]
    coming = group.coming(now)
    if change.scope is Scope.ALL:
        return coming
    first = group.member(change.reservation_id).row.group_position or 0
    return [member for member in coming if (member.row.group_position or 0) >= first]


def _move_all(
    session: Session,
    actor: Actor,
    group: Group,
    affected: Sequence[Found],
    change: GroupChange,
    now: datetime,
) -> tuple[int, int, tuple[Problem, ...]]:
    """Return how many changed, how many of them were asked for, and what could not be."""
    wanted = _wanted_times(group, affected, change)
    # In the direction they move, so that each finds the place the one before has left.
    later = any(period.start > member.period.start for member, period in wanted)
    hows, problems = [], []
    for member, period in sorted(wanted, key=lambda w: w[0].row.start_at, reverse=later):
        new = Change(period.start, period.end, change.quantity, change.note, change.override_reason)
        try:
            with savepoint(session):
                hows.append(move(session, actor, member.row.id, None, new, now))
        except RuleViolated as refusal:
            problems.append(Problem(member.row.group_position or 0, period, refusal.violations))
            session.expire_all()
        except Conflict as refusal:
            taken = refusal.conflicts
            problems.append(Problem(member.row.group_position or 0, period, conflicts=taken))
            session.expire_all()
    found = tuple(sorted(problems, key=lambda problem: problem.position))
    all_or_none = change.on_problem is OnProblem.REFUSE or group.row.kind != "series"
    if found and (all_or_none or len(found) == len(affected)):
        refuse_problems(found)
    return len(hows), sum(how is Move.REQUEST for how in hows), found


def _wanted_times(
    group: Group, affected: Sequence[Found], change: GroupChange
) -> list[tuple[Found, Period]]:
    """Return the new times of each: those of the chosen one, and what follows from them."""
    if change.start is None and change.end is None:
        return [(member, member.period) for member in affected]
    chosen = affected[0]
    if change.reservation_id is not None:
        chosen = group.member(change.reservation_id)
    old = chosen.period
    new = require_period(change.start or old.start, change.end or old.end)
    if group.row.kind == "bundle":
        return [(member, new) for member in affected]
    if change.scope is Scope.ONE:
        return [(member, new) for member in affected]
    if group.row.kind == "chain":
        if new.length != old.length:
            raise Invalid("chain_length", field="end")
        by = new.start - old.start
        return [(member, member.period.shifted(by)) for member in affected]
    zone = series_of(group.row).zone
    start = new.start.astimezone(zone)
    by = start.date() - _day(chosen)
    found = []
    for member in affected:
        at = wall_instant(_day(member) + by, start.time(), zone)
        found.append((member, Period(at, at + new.length)))
    return found


def _day(member: Found) -> date:
    return date.fromisoformat(member.row.occurrence_day or "")


def _follow(
    session: Session,
    actor: Actor,
    group: Group,
    affected: Sequence[Found],
    change: GroupChange,
    now: datetime,
) -> int:
    """Return the group that holds what was moved, its rule and days told anew."""
    index = _first_position(affected)
    chosen = group.member(change.reservation_id) if change.reservation_id else affected[0]
    zone = series_of(group.row).zone
    start = (change.start or chosen.period.start).astimezone(zone)
    by = start.date() - _day(chosen)
    length = (change.end or chosen.period.end) - (change.start or chosen.period.start)
    earlier = any((member.row.group_position or 0) < index for member in group.members)
    row = split(session, actor, group, index, now) if earlier else group.row
    keep_times(row, start.time(), by, length)
    if by:
        _renumber(session, [member.row for member in affected], by)
    return row.id


def _renumber(session: Session, rows: Sequence[Reservation], by: timedelta) -> None:
    days = [(row.id, date.fromisoformat(row.occurrence_day or "") + by) for row in rows]
    session.flush()
    session.execute(
        update(Reservation), [{"id": row, "occurrence_day": day.isoformat()} for row, day in days]
    )
    session.expire_all()


def _first_position(affected: Sequence[Found]) -> int:
    return min(member.row.group_position or 0 for member in affected)
