"""What messages say about training: a record, a sign-up or a qualification as it is now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Site
from booking.core.period import Period
from booking.inventory.models import Category, Pool
from booking.inventory.queries.zones import DEFAULT, zone_for
from booking.policies.models import Qualification
from booking.training.models import Course, CoursePool, Record, Signup, Training
from booking.training.queries.courses import Names
from booking.training.queries.passport import holding


@dataclass(frozen=True, slots=True)
class Trained:
    """A record, sign-up or qualification; `state` is its own, `text` the reason or answer given.

    `what` is the course, or what one is qualified for.
    """

    id: int
    state: str
    what: Names
    person: str
    level: int
    zone: str
    course_id: int | None = None
    lab_id: int | None = None
    until: datetime | None = None
    period: Period | None = None
    where: str = ""
    text: str = ""
    pools: tuple[Names, ...] = ()


def trained(session: Session, what: str, key: int) -> Trained | None:
    """Return what a message is about, None when there is none. At most five queries."""
    return {"record": _record, "signup": _signup, "qualification": _qualification}[what](
        session, key
    )


def is_over(kind: str, about: Trained, now: datetime) -> bool:
    """Return whether a message has lost its point."""
    if kind == "qualification_ends":
        return about.state != "valid" or about.until is None or about.until <= now
    if kind == "training_seat":
        return about.state != "seated"
    if kind == "signoff_requested":
        return about.state != "open"
    return kind == "suspended" and about.state != "suspended"


def _record(session: Session, key: int) -> Trained | None:
    row = session.execute(
        select(Record, Course, User)
        .join(Course, Course.id == Record.course_id)
        .join(User, User.id == Record.user_id)
        .where(Record.id == key)
    ).one_or_none()
    if row is None:
        return None
    record, course, user = row
    pools, zone = _pools(session, course)
    until = session.scalar(
        select(Qualification.valid_until)
        .where(Qualification.course_id == course.id, Qualification.user_id == user.id)
        .order_by(Qualification.id.desc())
        .limit(1)
    )
    return Trained(
        record.id, record.state, (course.name_zh, course.name_en), user.name,
        course.level, zone, course.id, course.lab_id, until, text=record.decision_note, pools=pools,
    )  # fmt: skip


def _signup(session: Session, key: int) -> Trained | None:
    row = session.execute(
        select(Signup, Training, Course, User)
        .join(Training, Training.id == Signup.session_id)
        .join(Course, Course.id == Training.course_id)
        .join(User, User.id == Signup.user_id)
        .where(Signup.id == key)
    ).one_or_none()
    if row is None:
        return None
    signup, training, course, user = row
    pools, zone = _pools(session, course)
    return Trained(
        signup.id, signup.state, (course.name_zh, course.name_en), user.name,
        course.level, zone, course.id, course.lab_id, where=training.place, pools=pools,
        period=Period(training.start_at, training.end_at),
    )  # fmt: skip


def _qualification(session: Session, key: int) -> Trained | None:
    found = holding(session, key)
    if found is None:
        return None
    row = found.row
    state = "valid" if row.revoked_at is None else "revoked"
    if row.suspended_at is not None:
        state = "suspended"
    text = row.suspension_reason or ""
    if found.appeal is not None and found.appeal.answered_at:
        text = found.appeal.answer
    person, lab_id = session.execute(
        select(User.name, Pool.lab_id)
        .outerjoin(Pool, Pool.id == row.pool_id)
        .where(User.id == row.user_id)
    ).one()
    return Trained(
        row.id, state, found.names, person, row.level,
        found.zone or DEFAULT, lab_id=lab_id, until=row.valid_until, text=text,
    )  # fmt: skip


def _pools(session: Session, course: Course) -> tuple[tuple[Names, ...], str]:
    """Return what a course is for, and the name of the zone of its first pool."""
    rows = session.execute(
        select(Pool.name_zh, Pool.name_en, Site.time_zone)
        .join(CoursePool, CoursePool.pool_id == Pool.id)
        .join(Site, Site.id == Pool.site_id)
        .where(CoursePool.course_id == course.id)
        .order_by(Pool.name_zh, Pool.id)
    ).all()
    if rows:
        return tuple((zh, en) for zh, en, _zone in rows), rows[0].time_zone
    category = session.get(Category, course.category_code) if course.category_code else None
    names = ((category.name_zh, category.name_en),) if category else ()
    return names, zone_for(session, []).key
