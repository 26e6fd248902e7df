"""Sessions of courses: which are coming, who has a seat, what they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Closure
from booking.training.models import Seat, SessionHold, Signup, Training
from booking.training.models.courses import SEATED
from booking.training.queries.courses import (
    CourseFacts,
    course_to_read,
    course_to_run,
    visible_course,
)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session as a person sees it: its seats left, who waits, and the person's own place."""

    training: Training
    free: int
    waiting: int
    own: Signup | None


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody with a seat, or waiting for one, as those who hold the session see them."""

    signup_id: int
    state: str
    seat_no: int | None
    user_id: int
    name: str
    email: str


def session_lines(
    session: Session, course_ids: Sequence[int], user_id: int, now: datetime
) -> list[SessionLine]:
    """Return the sessions of courses that have not ended, soonest first. Two queries."""
    if not course_ids:
        return []
    rows = session.execute(
        select(Training, _count(*SEATED), _count("waiting"))
        .where(Training.course_id.in_(course_ids), Training.end_at > now)
        .where(Training.cancelled_at.is_(None))
        .order_by(Training.start_at, Training.id)
    ).all()
    own = own_signups(session, [row[0].id for row in rows], user_id)
    return [
        SessionLine(training, training.seats - taken, waiting, own.get(training.id))
        for training, taken, waiting in rows
    ]


def own_signups(session: Session, session_ids: Sequence[int], user_id: int) -> dict[int, Signup]:
    """Return a person's places in these sessions, by session. One query, none for none."""
    if not session_ids:
        return {}
    query = select(Signup).where(
        Signup.session_id.in_(session_ids), Signup.user_id == user_id, Signup.state != "cancelled"
    )
    return {signup.session_id: signup for signup in session.scalars(query.order_by(Signup.id))}


def visible_session(
    session: Session, actor: Actor, session_id: int, now: datetime
) -> tuple[Training, CourseFacts]:
    """Return a session and its course, seen by whoever sees the course. Raises NotFound."""
    training = _training(session, session_id)
    return training, visible_course(session, actor, training.course_id, now)


def session_to_read(
    session: Session, actor: Actor, session_id: int, now: datetime
) -> tuple[Training, CourseFacts]:
    """Return a session whose people the actor may read. Raises NotFound."""
    training = _training(session, session_id)
    return training, course_to_read(session, actor, training.course_id, now)


def session_to_run(
    session: Session, actor: Actor, session_id: int, now: datetime
) -> tuple[Training, CourseFacts]:
    """Return a session that the actor holds. Raises NotFound."""
    training = _training(session, session_id)
    return training, course_to_run(session, actor, training.course_id, now)


def locked_session(session: Session, session_id: int) -> Training:
    """Return a session's row as it is now, locked: sign-ups queue here. Raises NotFound."""
    row = session.scalars(
        select(Training)
        .where(Training.id == session_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("session")
    return row


def free_seat(session: Session, session_id: int) -> int | None:
    """Return the lowest seat nobody has, None when all are taken. One query."""
    taken = select(Signup.seat_no).where(
        Signup.session_id == session_id, Signup.seat_no.is_not(None)
    )
    query = select(func.min(Seat.number)).where(
        Seat.session_id == session_id, Seat.number.not_in(taken)
    )
    return session.execute(query).scalar()


def roster(session: Session, session_id: int) -> list[Attendee]:
    """Return who has a seat, by seat, then who waits, in their order. One query."""
    rows = session.execute(
        select(Signup.id, Signup.state, Signup.seat_no, User.id, User.name, User.email)
        .join(User, User.id == Signup.user_id)
        .where(Signup.session_id == session_id, Signup.state != "cancelled")
        .order_by(Signup.seat_no.is_(None), Signup.seat_no, Signup.id)
    )
    return [Attendee(*row) for row in rows]


def sessions_held(session: Session, course_id: int) -> list[tuple[Training, int, int]]:
    """Return a course's sessions, newest first, with seats taken and people waiting. One query."""
    rows = session.execute(
        select(Training, _count(*SEATED), _count("waiting"))
        .where(Training.course_id == course_id)
        .order_by(Training.start_at.desc(), Training.id.desc())
        .limit(100)
    )
    return [(training, taken, waiting) for training, taken, waiting in rows]


def units_held(session: Session, session_id: int) -> list[Unit]:
    """Return the units a session holds, by id. One query."""
    query = (
        select(Unit)
        .join(Closure, Closure.unit_id == Unit.id)
        .join(SessionHold, SessionHold.closure_id == Closure.id)
        .where(SessionHold.session_id == session_id, Closure.cancelled_at.is_(None))
    )
    return list(session.scalars(query.order_by(Unit.id)))


def units_to_hold(session: Session, facts: CourseFacts) -> list[tuple[Unit, Pool]]:
    """Return the units of a course's pools that a session may hold, at most 500. One query."""
    query = select(Unit, Pool).join(Pool, Pool.id == Unit.pool_id)
    if facts.pools:
        query = query.where(Pool.id.in_([pool.pool_id for pool in facts.pools]))
    else:
        query = query.where(
            Pool.lab_id == facts.course.lab_id, Pool.category_code == facts.course.category_code
        )
    live = query.where(Unit.retired_at.is_(None), Pool.retired_at.is_(None))
    rows = session.execute(live.order_by(Pool.name_zh, Pool.id, Unit.id).limit(500))
    return [(unit, pool) for unit, pool in rows]


def _training(session: Session, session_id: int) -> Training:
    training = session.get(Training, session_id)
    if training is None:
        raise NotFound("session")
    return training


def _count(*states: str) -> ScalarSelect[int]:
    return (
        select(func.count(Signup.id))
        .where(Signup.session_id == Training.id, Signup.state.in_(states))
        .correlate(Training)
        .scalar_subquery()
    )
