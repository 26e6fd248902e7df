"""Seats of a session: taking one, waiting for one, giving it up; and how many there are."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from booking.audit.services import record as audit
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState
from booking.training.models import Seat, Signup
from booking.training.queries.sessions import (
    free_seat,
    locked_session,
    own_signups,
    session_to_run,
    visible_session,
)
from booking.training.rules.courses import MOST_SEATS
from booking.training.services.records import open_record
from booking.training.services.telling import tell


def sign_up(session: Session, actor: Actor, session_id: int, now: datetime) -> Signup:
    """Return the actor's place in a session: a seat while there is one, else a wait for one.

    Who has a place keeps it. Raises NotFound, WrongState `session_over` once it begins or is off.
    """
    training, facts = visible_session(session, actor, session_id, now)
    training = locked_session(session, session_id)  # the crowd queues; the constraint decides
    if training.cancelled_at is not None or training.start_at <= now:
        raise WrongState("session_over")
    known = own_signups(session, [session_id], actor.user_id).get(session_id)
    if known is not None:
        return known
    row = _take(session, actor, session_id, free_seat(session, session_id), now)
    if facts.course.retired_at is None:
        open_record(session, actor.user_id, facts.course.id, now)
    audit(session, actor, "training_signup.create", ("training_signup", row.id), now,
          after={"session": session_id, "seat": row.seat_no})  # fmt: skip
    return row


def _take(
    session: Session, actor: Actor, session_id: int, seat: int | None, now: datetime
) -> Signup:
    row = Signup(
        session_id=session_id, user_id=actor.user_id, seat_no=seat, created_at=now,
        state="seated" if seat is not None else "waiting",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def give_up(session: Session, actor: Actor, signup_id: int, now: datetime) -> Signup:
    """Give up a place, one's own or as who holds the session; the seat is the next one's.

    Raises NotFound, WrongState `session_over` once the session begins.
    """
    known = session.get(Signup, signup_id)
    if known is None:
        raise NotFound("sign-up")
    if known.user_id != actor.user_id:
        session_to_run(session, actor, known.session_id, now)
    training = locked_session(session, known.session_id)
    row = session.scalars(
        select(Signup).where(Signup.id == signup_id).execution_options(populate_existing=True)
    ).one()
    if row.state not in ("seated", "waiting") or training.start_at <= now:
        raise WrongState("session_over")
    freed, row.seat_no, row.state = row.seat_no, None, "cancelled"
    row.changed_at, row.changed_by_id = now, actor.user_id
    session.flush()  # before the seat is anybody else's
    audit(session, actor, "training_signup.cancel", ("training_signup", row.id), now)
    if freed is not None:
        _next(session, row.session_id, freed, now)
    return row


def _next(session: Session, session_id: int, seat: int, now: datetime) -> bool:
    """Seat who waits longest, and tell them; return whether anybody does."""
    waiting = select(Signup).where(Signup.session_id == session_id, Signup.state == "waiting")
    row = session.scalars(waiting.order_by(Signup.id).limit(1)).one_or_none()
    if row is None:
        return False
    row.seat_no, row.state, row.changed_at = seat, "seated", now
    session.flush()
    audit(session, None, "training_signup.seat", ("training_signup", row.id), now,
          after={"seat": seat})  # fmt: skip
    tell(session, "training_seat", [row.user_id], f"signup:{row.id}", now, key="seat")
    return True


def change_seats(session: Session, actor: Actor, session_id: int, seats: int, now: datetime) -> int:
    """Return how many of those who wait got one of the seats added.

    Raises NotFound, WrongState `session_over` once it ends or is off, Invalid on field seats for
    fewer than are taken.
    """
    session_to_run(session, actor, session_id, now)
    training = locked_session(session, session_id)  # sign-ups queue behind
    if training.cancelled_at is not None or training.end_at <= now:
        raise WrongState("session_over")
    numbers, taken = _numbers(session, session_id)
    least = max(1, len(taken))
    if not least <= seats <= MOST_SEATS:
        raise Invalid("out_of_range", field="seats", least=least, most=MOST_SEATS, actual=seats)
    if seats == training.seats:
        return 0
    added = range(max(numbers) + 1, max(numbers) + 1 + max(0, seats - len(numbers)))
    gone = sorted(numbers - taken, reverse=True)[: max(0, len(numbers) - seats)]
    if gone:
        where = (Seat.session_id == session_id, Seat.number.in_(gone))
        session.execute(delete(Seat).where(*where))
    if added:
        session.execute(insert(Seat), [{"session_id": session_id, "number": n} for n in added])
    before, training.seats = training.seats, seats
    session.flush()
    audit(session, actor, "training_session.seats", ("training_session", session_id), now,
          before={"seats": before}, after={"seats": seats})  # fmt: skip
    return sum(_next(session, session_id, number, now) for number in added)


def _numbers(session: Session, session_id: int) -> tuple[set[int], set[int]]:
    """Return the numbers of a session's seats, and of those that somebody has. Two queries."""
    numbers = select(Seat.number).where(Seat.session_id == session_id)
    taken = select(Signup.seat_no).where(
        Signup.session_id == session_id, Signup.seat_no.is_not(None)
    )
    return set(session.scalars(numbers)), {key for key in session.scalars(taken) if key is not None}
