"""A course of Mei's lab with a session and a quiz; Ada holds a level and has a seat."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.core.actor import Actor
from booking.demo.rules.words import COURSE_TEXT, QUIZ_BANK
from booking.inventory.models import Pool
from booking.policies.services.qualifications import Grant, grant
from booking.training.rules.courses import QUIZ, SESSION, CourseWanted
from booking.training.rules.quizzes import QuizWanted
from booking.training.services.courses import create_course, set_quiz
from booking.training.services.seats import sign_up
from booking.training.services.sessions import SessionWanted, plan_session


def build_training(session: Session, pool_ids: list[int], now: datetime) -> None:
    """Set up the course for the first two of these pools, which are of Mei's lab.

    No instrument asks for a level: everybody may try to book.
    """
    query = select(User.email, User.id)
    people = {email.partition("@")[0]: key for email, key in session.execute(query)}
    lab_id = session.get_one(Pool, pool_ids[0]).lab_id
    mei = Actor(people["mei"], "Mei", labs={lab_id: "manager"})
    wanted = CourseWanted(
        "共聚焦显微镜上机培训", "Confocal microscope training", COURSE_TEXT, level=2,
        valid_days=365, steps=frozenset({SESSION, QUIZ}), pool_ids=tuple(pool_ids[:2]),
    )  # fmt: skip
    course = create_course(session, mei, lab_id, wanted, now)
    set_quiz(session, mei, course, QuizWanted(QUIZ_BANK, 3, 60, 3), now)
    # Next week at 10:00 in Xi'an.
    start = now.replace(hour=2, minute=0, second=0, microsecond=0) + timedelta(days=7)
    times = SessionWanted(start, start + timedelta(hours=2), 6, "3 号楼 201", "梅老师 Mei")
    key = plan_session(session, mei, course, times, now)
    sign_up(session, Actor(people["ada"], "Ada"), key, now)
    level = Grant("ada@demo.example", 1, (now + timedelta(days=21)).date(), "陪同上机 assisted")
    grant(session, mei, ("pool", str(pool_ids[0])), level, now)
