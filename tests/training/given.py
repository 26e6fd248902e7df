"""A course with what it asks, sessions and signatures, in short verbs."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.infra.db import write
from booking.infra.storage.files import NewFile, note
from booking.inventory.models import Pool
from booking.training.models import Course, CoursePool, Seat, Signup, Training
from booking.training.rules.courses import CourseWanted
from booking.training.rules.quizzes import QuizWanted
from booking.training.services.courses import create_course, set_quiz
from booking.training.services.sessions import SessionWanted, plan_session
from tests import factories
from tests.cast import Cast
from tests.conftest import NOW
from tests.factories import actor

BANK = "Is it hot?\n[x] Yes\n[ ] No\n\nWhich glow?\n[x] Dyes\n[ ] Glass\n[x] Lasers"


def course(people: Cast, *steps: str, **more: object) -> int:
    """Return the id of Mei's course for the centrifuge that asks for `steps`."""
    wanted = CourseWanted(
        **{
            "name_zh": "离心机培训", "name_en": "Centrifuge course", "level": 2, "valid_days": 365,
            "steps": frozenset(steps), "pool_ids": (people.automatic.id,), **more,
        }
    )  # fmt: skip
    mei, lab = actor(people.mei), people.west_lab.id
    key = write(lambda s: create_course(s, mei, lab, wanted, NOW))
    if "quiz" in steps:
        write(lambda s: set_quiz(s, mei, key, QuizWanted(BANK, 2, 80, 2), NOW))
    return key


def planned(people: Cast, course_id: int, seats: int = 1, **more: object) -> int:
    """Return the id of a session on Tuesday from 09:00 to 11:00."""
    start: datetime = NOW + timedelta(hours=24)
    wanted = SessionWanted(start, start + timedelta(hours=2), seats, "Room 1", **more)
    return write(lambda s: plan_session(s, actor(people.mei), course_id, wanted, NOW))


def done(work, who, *args, now: datetime = NOW):
    """Return what a service answers, as a person, in a transaction of its own."""
    by = actor(who)
    return write(lambda s: work(s, by, *args, now))


def kept(session: Session, table, **where):
    """Return the rows of a table, by id, as they are now."""
    session.expire_all()
    return session.query(table).filter_by(**where).order_by(table.id).all()


def create_session(session: Session, pool: Pool, user: User | None = None) -> int:
    """Return the id of a coming session for a pool; with `user`, of their seat in it."""
    kept = factories.keep
    about = {"name_zh": "课", "level": 2, "needs_session": 1, "created_at": NOW}
    made = kept(session, Course(lab_id=pool.lab_id, **about))
    kept(session, CoursePool(course_id=made.id, pool_id=pool.id))
    times = {"start_at": NOW + timedelta(days=9), "end_at": NOW + timedelta(days=10)}
    row = kept(session, Training(course_id=made.id, seats=1, created_at=NOW, **times))
    kept(session, Seat(session_id=row.id, number=1))
    if user is None:
        return row.id
    place = {"seat_no": 1, "state": "seated", "created_at": NOW}
    return kept(session, Signup(session_id=row.id, user_id=user.id, **place)).id


def stored_file(user: User) -> int:
    """Return the id of a file that a person gave."""
    file = NewFile("0" * 32, "certificate.pdf", "application/pdf", 5, "0" * 64)
    user_id = user.id
    return write(lambda s: note(s, file, user_id, NOW))
