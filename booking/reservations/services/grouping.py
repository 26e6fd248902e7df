"""Booking the parts of a group: each by the steps of a single reservation, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import insert
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import (
    PartsTaken,
    PartsViolated,
    Problem,
    RuleViolated,
)
from booking.core.period import Period
from booking.reservations.models import ReservationGroup
from booking.reservations.queries.availability import in_the_way
from booking.reservations.queries.groups import group_version
from booking.reservations.rules.groups import OnProblem, Part, digest
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.alternatives import nearest_time
from booking.reservations.services.idempotency import Key, claim_key, keep_key
from booking.reservations.services.locking import lock_booking, pool_id_of, subject_of
from booking.reservations.services.notices import folded, tell_folded
from booking.reservations.services.requesting import (
    Booked,
    Plan,
    can_hold,
    hold_plan,
    plan_booking,
    tell_of,
)

# Looking for another time is the dear part: a rule that fits nowhere must not cost seconds.
MOST_LOOKED_FOR = 40


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one part: booked as asked, at another time, or (no plan) left out."""

    part: Part
    problem: Problem | None = None
    plan: Plan | None = None
    booked: Booked | None = None

    @property
    def period(self) -> Period:
        """Return when it is booked, else when it was asked for."""
        return self.plan.period if self.plan else Period(*self._asked)

    @property
    def how(self) -> str:
        """Return booked, shifted or left_out."""
        return "left_out" if self.plan is None else "shifted" if self.problem else "booked"

    @property
    def _asked(self) -> tuple[datetime, datetime]:
        return self.part.request.start, self.part.request.end


@dataclass(frozen=True, slots=True)
class GroupMade:
    """The group made, or the one an Idempotency-Key made before (then without outcomes)."""

    group_id: int
    outcomes: tuple[Outcome, ...] = ()

    @property
    def replayed(self) -> bool:
        """Return whether it was made before."""
        return not self.outcomes


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of each occurrence, problems with the nearest time that passes."""

    outcomes: tuple[Outcome, ...]

    @property
    def problems(self) -> int:
        """Return how many cannot be as asked."""
        return sum(outcome.problem is not None for outcome in self.outcomes)

    @property
    def shifts(self) -> int:
        """Return how many of these have another time."""
        return sum(outcome.how == "shifted" for outcome in self.outcomes)

    def seen(self, on_problem: OnProblem) -> str:
        """Return the digest of what booking it so would hold."""
        return held_digest(self.outcomes, on_problem)


@dataclass(frozen=True, slots=True)
class Once:
    """An Idempotency-Key, if the request has one: what it made before, and what it makes."""

    session: Session
    key: Key | None
    made: int | None

    def keep(self, group_id: int) -> None:
        """Note what was made."""
        if self.key is not None:
            keep_key(self.session, self.key, "group_id", group_id)


@dataclass(slots=True)
class Opening:
    """The group's row: written with its first reservation, which tells whose it is."""

    session: Session
    actor: Actor
    columns: dict[str, Any]
    now: datetime
    group_id: int | None = field(default=None)

    def for_plan(self, plan: Plan) -> int:
        """Return the group's id."""
        if self.group_id is None:
            values = {
                **self.columns, "user_id": plan.person_id, "version": 1,
                "company_id": plan.party.company_id,
                "institution_id": plan.party.institution_id,
                "created_at": self.now, "created_by_id": self.actor.user_id,
            }  # fmt: skip
            made = insert(ReservationGroup).values(values).returning(ReservationGroup.id)
            self.group_id = int(self.session.execute(made).scalar_one())
        return self.group_id


def once(session: Session, actor: Actor, request: BookingRequest, now: datetime) -> Once:
    """Return what the request's key made before, or claim it. Raises WrongState."""
    if not request.idempotency_key:
        return Once(session, None, None)
    key = Key(actor.user_id, request.idempotency_key, request.body_hash)
    return Once(session, key, claim_key(session, key, "group_id", now))


def book_parts(
    session: Session,
    actor: Actor,
    parts: Sequence[Part],
    on_problem: OnProblem,
    opening: Opening,
    *,
    looks: bool,
) -> list[Outcome]:
    """Return what became of each part, in order; nobody is told yet.

    First all that pass as asked are held, each seen by the rules of the next; then, where it
    `looks` and not SKIP, those with a problem take the nearest time. Raises Invalid, NotFound.
    """
    pool_ids = sorted({pool_id_of(session, part.request) for part in parts})
    lock_booking(session, pool_ids, *subject_of(session, actor, parts[0].request, opening.now))
    outcomes = [as_asked(session, actor, part, opening) for part in parts]
    if not looks or on_problem is OnProblem.SKIP:
        return outcomes
    left = [n for n, outcome in enumerate(outcomes) if outcome.problem is not None]
    for n in left[:MOST_LOOKED_FOR]:
        outcomes[n] = _nearest(session, actor, outcomes[n], opening)
    return outcomes


def refuse(outcomes: Sequence[Outcome]) -> None:
    """Raise PartsTaken or PartsViolated with every problem, if there is any."""
    problems = tuple(o.problem for o in outcomes if o.problem is not None)
    if problems:
        refuse_problems(problems)


def refuse_problems(problems: tuple[Problem, ...]) -> NoReturn:
    """Raise PartsTaken where a time is taken, else PartsViolated, with every problem."""
    if any(problem.conflicts for problem in problems):
        raise PartsTaken(problems)
    raise PartsViolated(problems)


def tell_group(
    session: Session, opening: Opening, outcomes: Sequence[Outcome], after: dict[str, Any]
) -> int:
    """Tell whom the new group concerns, each person once; return the group's id."""
    group_id, actor, now = opening.group_id, opening.actor, opening.now
    if group_id is None:
        raise ValueError("a group without a reservation")
    made = [(o.plan, o.booked) for o in outcomes if o.plan and o.booked]
    with folded(session) as folds:
        for plan, booked in made:
            tell_of(session, actor, plan, booked, now)
    tell_folded(session, group_ref(group_id), group_version(session, group_id), folds, now)
    after = {"count": len(made), "left_out": len(outcomes) - len(made), **after}
    record(session, actor, "group.create", ("reservation_group", group_id), now, after=after)
    return group_id


def held_digest(outcomes: Sequence[Outcome], on_problem: OnProblem) -> str:
    """Return the digest of what is held when problems are dealt with so."""
    kept = [o for o in outcomes if o.plan and (not o.problem or on_problem is OnProblem.SHIFT)]
    return digest((o.part.position, o.period) for o in kept)


def group_ref(group_id: int) -> str:
    """Return the subject reference of a group's messages."""
    return f"group:{group_id}"


def as_asked(session: Session, actor: Actor, part: Part, opening: Opening) -> Outcome:
    """Return what became of one part, held where it passes; nobody is told yet.

    The caller holds the lock of its pool.
    """
    period = Period(part.request.start, part.request.end)
    try:
        request = replace(part.request, group_id=opening.group_id)
        plan = plan_booking(session, actor, request, opening.now)
    except RuleViolated as refusal:
        return Outcome(part, Problem(part.position, period, refusal.violations))
    if not can_hold(session, plan, opening.now):
        units = [plan.unit] if plan.unit else plan.units
        taken = in_the_way(session, units, period)
        return Outcome(part, Problem(part.position, period, conflicts=taken))
    return Outcome(part, None, plan, _hold(session, actor, part, plan, opening))


def _nearest(session: Session, actor: Actor, outcome: Outcome, opening: Opening) -> Outcome:
    part, problem = outcome.part, outcome.problem
    found = nearest_time(session, actor, part.request, opening.now)
    if found is None or problem is None:
        return outcome
    request = replace(part.request, start=found.start, end=found.end, group_id=opening.group_id)
    plan = plan_booking(session, actor, request, opening.now)
    booked = _hold(session, actor, part, plan, opening)
    return Outcome(part, replace(problem, nearest=found), plan, booked)


def _hold(session: Session, actor: Actor, part: Part, plan: Plan, opening: Opening) -> Booked:
    member = {
        "group_id": opening.for_plan(plan), "group_position": part.position,
        "occurrence_day": part.day,
    }  # fmt: skip
    return hold_plan(session, actor, plan, opening.now, member)
