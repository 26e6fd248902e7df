"""Changing the rule of a series: this and what follows, or all that is coming; previewed first."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import (
    Conflict,
    NotFound,
    Problem,
    RuleViolated,
    WrongState,
)
from booking.core.period import Period, to_epoch
from booking.infra.db import rehearsal, savepoint
from booking.reservations.models import Reservation, ReservationAnswer
from booking.reservations.queries.groups import group_version, series_of
from booking.reservations.queries.reservations import Found
from booking.reservations.rules.groups import OnProblem, Part, Scope, Series
from booking.reservations.rules.life import Move
from booking.reservations.rules.proposal import BookingRequest, require_period, require_text
from booking.reservations.rules.recurrence import Occurrence, Recurrence, occurrences, rule_days
from booking.reservations.rules.rerule import Pairing, paired
from booking.reservations.rules.rrule import rule_text
from booking.reservations.services.asking_again import named_unit
from booking.reservations.services.cancelling import cancel
from booking.reservations.services.group_changes import GroupChange, in_reach
from booking.reservations.services.grouping import Opening, as_asked, group_ref, refuse_problems
from booking.reservations.services.moving import Change, move
from booking.reservations.services.notices import folded, tell_folded
from booking.reservations.services.requesting import tell_of
from booking.reservations.services.splitting import reopen, retell, split


@dataclass(frozen=True, slots=True)
class NewRule:
    """The rule a series is to follow, and the times of its first day by it.

    `reservation_id` names the occurrence it holds from; None: from the first that is coming.
    With SKIP what cannot have its new time keeps the old one, and new days that cannot be had are
    left out. `seen` is the digest of the preview that was agreed to, if any.
    """

    start: datetime
    end: datetime
    rule: Recurrence
    reservation_id: int | None = None
    on_problem: OnProblem = OnProblem.REFUSE
    reason: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one: stays, moves, asked, comes, goes; kept or left_out with its problem."""

    how: str
    was: Period | None
    period: Period | None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Reruled:
    """The group that follows the new rule, and what became of each reservation, in order."""

    group_id: int
    steps: tuple[Step, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return why some cannot be as the rule says."""
        return tuple(step.problem for step in self.steps if step.problem is not None)

    @property
    def digest(self) -> str:
        """Return a short hash of what is done: the same preview, the same hash."""
        plain = [(s.how, _epochs(s.was), _epochs(s.period)) for s in self.steps]
        return hashlib.sha256(repr(plain).encode()).hexdigest()[:16]


def preview_rule(
    session: Session, actor: Actor, group_id: int, wanted: NewRule, now: datetime
) -> Reruled:
    """Return what the new rule would come to, as of now: it is done, and undone.

    Raises as `change_rule`, but for the problems of single days.
    """
    with rehearsal(session):
        return _apply(session, actor, group_id, None, wanted, now)


def change_rule(
    session: Session,
    actor: Actor,
    group_id: int,
    expected_version: int | None,
    wanted: NewRule,
    now: datetime,
) -> Reruled:
    """Have a series follow a new rule; what has begun, and what comes before, never changes.

    Reservations move to their new days, keeping what was approved as any move does; days there
    were none for are booked, those that are left over cancelled. Raises NotFound, Forbidden,
    Stale, Invalid, WrongState `nothing_coming`, `series_changed`; PartsTaken or PartsViolated with
    every problem, and then nothing has changed.
    """
    done = _apply(session, actor, group_id, expected_version, wanted, now)
    if wanted.on_problem is OnProblem.REFUSE and done.problems:
        refuse_problems(done.problems)
    if wanted.seen and wanted.seen != done.digest:
        raise WrongState("series_changed")
    return done


class _Changing:
    """One change of a rule under way: what is to happen, and what did."""

    def __init__(
        self, session: Session, actor: Actor, wanted: NewRule, now: datetime, found: Sequence[Found]
    ) -> None:
        self.session, self.actor, self.wanted, self.now = session, actor, wanted, now
        self.ids = [member.row.id for member in found]
        self.old = [member.period for member in found]
        self.template = _request_like(session, actor, found[0].row)
        self.steps: list[Step] = []

    def end(self, old: int) -> None:
        """Cancel one that the rule has no day for."""
        was = self.old[old]
        try:
            with savepoint(self.session):
                cancel(self.session, self.actor, self.ids[old], self.wanted.reason, self.now)
        except RuleViolated as refusal:
            self.session.expire_all()
            self.steps.append(Step("kept", was, was, Problem(old, was, refusal.violations)))
        else:
            self.steps.append(Step("goes", was, None))

    def move(self, old: int, to: Period, place: int) -> None:
        """Move one to its new day; where that cannot be had it keeps its time."""
        was, change = self.old[old], Change(to.start, to.end)
        problem = None
        try:
            with savepoint(self.session):
                how = move(self.session, self.actor, self.ids[old], None, change, self.now)
        except RuleViolated as refusal:
            problem = Problem(place, to, refusal.violations)
        except Conflict as refusal:
            problem = Problem(place, to, conflicts=refusal.conflicts)
        if problem is not None:
            self.session.expire_all()
            self.steps.append(Step("kept", was, to, problem))
            return
        self.steps.append(Step("asked" if how is Move.REQUEST else "moves", was, to))

    def book(self, occurrence: Occurrence, place: int, opening: Opening) -> bool:
        """Return whether a day that there was none for could be booked."""
        period, day = occurrence.period, occurrence.day.isoformat()
        request = replace(self.template, start=period.start, end=period.end)
        outcome = as_asked(self.session, self.actor, Part(place, request, day), opening)
        if outcome.plan is None or outcome.booked is None:
            self.steps.append(Step("left_out", None, period, outcome.problem))
            return False
        tell_of(self.session, self.actor, outcome.plan, outcome.booked, self.now)
        self.steps.append(Step("comes", None, period))
        return True


def _apply(
    session: Session,
    actor: Actor,
    group_id: int,
    expected_version: int | None,
    wanted: NewRule,
    now: datetime,
) -> Reruled:
    period = require_period(wanted.start, wanted.end)
    require_text("reason", wanted.reason)
    scope = Scope.ALL if wanted.reservation_id is None else Scope.FOLLOWING
    reach = GroupChange(scope, wanted.reservation_id)
    group, found = in_reach(session, actor, group_id, expected_version, reach, now)
    if group.row.kind != "series":
        raise NotFound("series")
    zone, before = series_of(group.row).zone, group.row.rule
    first = period.start.astimezone(zone).replace(tzinfo=None)
    days = occurrences(wanted.rule, first, period.length, zone)
    index = min(member.row.group_position or 0 for member in found)
    earlier = any((member.row.group_position or 0) < index for member in group.members)
    under_way = _Changing(session, actor, wanted, now, found)
    row = split(session, actor, group, index, now) if earlier else group.row
    session.flush()
    new_id = row.id
    session.expire_all()
    pairing = paired(under_way.old, days)
    places = {day: n for n, day in enumerate(rule_days(wanted.rule, first.date()))}
    with folded(session) as folds:
        left = _do(under_way, pairing, days, places, Opening(session, actor, {}, now, new_id))
    _renumber(session, under_way.ids, pairing, days, places)
    kept = replace(wanted.rule, exceptions=wanted.rule.exceptions | {days[n].day for n in left})
    session.refresh(row)
    retell(row, Series(kept, first, zone), period.length)
    if any(step.how not in ("goes", "left_out") for step in under_way.steps):
        reopen(session, new_id)
    session.flush()
    tell_folded(session, group_ref(new_id), group_version(session, new_id), folds, now)
    record(
        session, actor, "group.rule", ("reservation_group", new_id), now,
        before={"rule": before}, after={"rule": rule_text(kept), "from": group_id},
        reason=wanted.reason.strip() or None,
    )  # fmt: skip
    steps = sorted(under_way.steps, key=lambda step: (step.period or step.was or period).start)
    return Reruled(new_id, tuple(steps))


def _do(
    under_way: _Changing,
    pairing: Pairing,
    days: Sequence[Occurrence],
    places: Mapping[date, int],
    opening: Opening,
) -> list[int]:
    """Do it all, places given up before they are taken; return the new days left out."""
    for old, _new in pairing.stay:
        under_way.steps.append(Step("stays", under_way.old[old], under_way.old[old]))
    for old in pairing.go:
        under_way.end(old)
    # In the direction they move, so that each finds the place the one before has left.
    later = any(days[new].period.start > under_way.old[old].start for old, new in pairing.move)
    for old, new in sorted(pairing.move, reverse=later):
        under_way.move(old, days[new].period, new)
    return [
        new for new in pairing.come if not under_way.book(days[new], places[days[new].day], opening)
    ]


def _renumber(
    session: Session,
    ids: Sequence[int],
    pairing: Pairing,
    days: Sequence[Occurrence],
    places: Mapping[date, int],
) -> None:
    """Write which day of the new rule each reservation now stands for, from 0 on."""
    told = [(ids[old], days[new].day) for old, new in (*pairing.stay, *pairing.move)]
    session.flush()
    if told:
        session.execute(
            update(Reservation),
            [
                {"id": row, "occurrence_day": day.isoformat(), "group_position": places[day]}
                for row, day in told
            ],
        )
    session.expire_all()


def _request_like(session: Session, actor: Actor, row: Reservation) -> BookingRequest:
    """Return the request that would make such a reservation again, its answers with it."""
    unit_id = named_unit(session, row)
    stored = session.scalar(
        select(ReservationAnswer.answers).where(ReservationAnswer.reservation_id == row.id)
    )
    return BookingRequest(
        row.start_at, row.end_at, pool_id=None if unit_id else row.pool_id, unit_id=unit_id,
        quantity=row.quantity, purpose=row.purpose, note=row.note, company_id=row.company_id,
        institution_id=row.institution_id, answers=json.loads(stored) if stored else {},
        on_behalf_of=row.user_id if row.user_id != actor.user_id else None,
    )  # fmt: skip


def _epochs(period: Period | None) -> tuple[int, int] | None:
    return None if period is None else (to_epoch(period.start), to_epoch(period.end))
