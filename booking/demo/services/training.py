"""Courses of Mei's lab: seats, a queue, a quiz, a signature, levels that ended or are disputed."""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.core.actor import Actor
from booking.demo.rules.park import CAST
from booking.demo.rules.words import COURSE_TEXT, QUIZ_BANK
from booking.inventory.models import Pool
from booking.policies.models import Qualification
from booking.policies.services.qualifications import Grant, grant
from booking.training.rules.courses import QUIZ, SESSION, SIGNOFF, CourseWanted
from booking.training.rules.quizzes import QuizWanted
from booking.training.services.courses import create_course, set_quiz
from booking.training.services.quizzes import start_attempt
from booking.training.services.records import request_signature
from booking.training.services.seats import sign_up
from booking.training.services.sessions import SessionWanted, plan_session
from booking.training.services.standing import EquivalenceWanted, accept_elsewhere, appeal, suspend


def build_training(session: Session, pool_ids: list[int], now: datetime) -> None:
    """Set up the courses for the first of these pools, which are of Mei's lab.

    No instrument asks for a level: everybody may try to book.
    """
    emails = [person.email for person in CAST]
    query = select(User.email, User.id).where(User.email.in_(emails))
    people = {email.partition("@")[0]: Actor(key, email) for email, key in session.execute(query)}
    lab_id = session.get_one(Pool, pool_ids[0]).lab_id
    people["mei"] = Actor(people["mei"].user_id, "Mei", labs={lab_id: "manager"})
    _microscopes(session, people, lab_id, pool_ids, now)
    _centrifuges(session, people, lab_id, pool_ids[3], now)
    _levels(session, people, lab_id, pool_ids, now)


def _microscopes(
    session: Session, people: dict[str, Actor], lab_id: int, pool_ids: list[int], now: datetime
) -> None:
    """A course with a session that has seats left, a full one with a queue, and a quiz begun."""
    mei = people["mei"]
    wanted = CourseWanted(
        "共聚焦显微镜上机培训", "Confocal microscope training", COURSE_TEXT, level=2,
        valid_days=365, steps=frozenset({SESSION, QUIZ}), pool_ids=tuple(pool_ids[:2]),
    )  # fmt: skip
    course = create_course(session, mei, lab_id, wanted, now)
    set_quiz(session, mei, course, QuizWanted(QUIZ_BANK, 3, 60, 3), now)
    # Next week at 10:00 in Xi'an.
    start = now.replace(hour=2, minute=0, second=0, microsecond=0) + timedelta(days=7)
    for weeks, seats, coming in ((0, 6, ("ada",)), (1, 1, ("bo", "cy"))):
        first = start + timedelta(weeks=weeks)
        last = first + timedelta(hours=2)
        times = SessionWanted(first, last, seats, "3 号楼 201", "梅老师 Mei")
        key = plan_session(session, mei, course, times, now)
        for name in coming:
            sign_up(session, people[name], key, now)
    start_attempt(session, people["ada"], course, Random(1), now)  # noqa: S311 - no secret


def _centrifuges(
    session: Session, people: dict[str, Actor], lab_id: int, pool_id: int, now: datetime
) -> None:
    """A course that ends with the lab's signature, for which somebody asks."""
    wanted = CourseWanted(
        "高速离心机安全操作", "Safe use of high-speed centrifuges",
        "配平、转头选择与日检。带教两次后由实验室签字。\n"
        "Balancing, choosing a rotor, daily checks. The lab signs after two runs beside you.",
        level=1, steps=frozenset({SIGNOFF}), pool_ids=(pool_id,),
    )  # fmt: skip
    course = create_course(session, people["mei"], lab_id, wanted, now)
    note = "已在带教下完成两次 two runs done, beside Lan"
    request_signature(session, people["bo"], course, note, (), now)


def _levels(
    session: Session, people: dict[str, Actor], lab_id: int, pool_ids: list[int], now: datetime
) -> None:
    """One level that ends soon, one that has ended, one suspended with an appeal against it."""
    mei = people["mei"]
    confocal, super_resolution, _live, centrifuge = pool_ids[:4]
    soon = (now + timedelta(days=21)).date()
    level = Grant("ada@demo.example", 1, soon, "陪同上机 assisted")
    grant(session, mei, ("pool", str(confocal)), level, now)
    session.add(
        Qualification(
            user_id=people["ada"].user_id, pool_id=super_resolution, level=2,
            granted_at=now - timedelta(days=375), granted_by_id=mei.user_id,
            valid_until=now - timedelta(days=10), note="",
        )
    )  # fmt: skip
    held = Grant("cy@demo.example", 2)
    key = grant(session, mei, ("pool", str(centrifuge)), held, now)
    suspend(session, mei, key, "两次未配平即开机 Started twice without balancing", now)
    text = "转头传感器当时有故障，请核对日志。 The rotor sensor was faulty, please see its log."
    appeal(session, people["cy"], key, text, now)
    microscopes = session.get_one(Pool, confocal).category_code
    elsewhere = EquivalenceWanted(2, category_code=microscopes, for_pool_id=confocal)
    accept_elsewhere(session, mei, lab_id, elsewhere, now)
