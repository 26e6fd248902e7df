"""Courses: which lead to a level at a pool, which a person sees, runs, or manages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, may, may_look
from booking.companies.models import Lab, Site
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.inventory.models import Category, Pool
from booking.inventory.queries.visible import pools_seen_by
from booking.inventory.queries.zones import zone_for
from booking.policies.models import Qualification
from booking.policies.queries.book import current_book
from booking.policies.rules.levels import TRAINER, counted
from booking.policies.rules.tree import Place
from booking.training.models import Course, CoursePool

Names = tuple[str, str]  # Chinese, English


@dataclass(frozen=True, slots=True)
class CoursePlace:
    """A pool for which a course qualifies."""

    pool_id: int
    names: Names


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """A course, whose it is, what it is for, and whether the reader is a trainer for it.

    `zone`: the name of the zone in which its times are told.
    """

    course: Course
    lab: Names
    pools: tuple[CoursePlace, ...]
    category: Names | None
    zone: str
    trains: bool = False

    def subject(self) -> Subject:
        """Return the course as the permission table wants it."""
        return Subject(lab_id=self.course.lab_id, trains=self.trains)

    def runs(self, actor: Actor) -> bool:
        """Return whether the actor holds its sessions and signs off."""
        return may(actor, "training.run", self.subject())

    def shows(self, actor: Actor) -> bool:
        """Return whether the actor may look at the pages of those who hold it."""
        return may_look(actor, "training.run", self.subject())

    def manages(self, actor: Actor) -> bool:
        """Return whether the actor sets what it is and asks."""
        return may(actor, "training.manage", self.subject())

    @property
    def scopes(self) -> tuple[tuple[str, str], ...]:
        """Return what it qualifies for, as qualifications name it."""
        if self.course.category_code is not None:
            return (("category", self.course.category_code),)
        return tuple(("pool", str(pool.pool_id)) for pool in self.pools)


def course_facts(session: Session, actor: Actor, course_id: int, now: datetime) -> CourseFacts:
    """Return a course, whoever may see it. Raises NotFound. At most six queries."""
    row = session.execute(
        select(Course, Lab.name_zh, Lab.name_en)
        .join(Lab, Lab.id == Course.lab_id)
        .where(Course.id == course_id)
    ).one_or_none()
    if row is None:
        raise NotFound("course")
    course: Course = row[0]
    pools = session.execute(
        select(Pool, Site.time_zone)
        .join(CoursePool, CoursePool.pool_id == Pool.id)
        .join(Site, Site.id == Pool.site_id)
        .where(CoursePool.course_id == course_id)
        # One that went to another lab is not this lab's to qualify for any more.
        .where(Pool.lab_id == course.lab_id, Pool.retired_at.is_(None))
        .order_by(Pool.name_zh, Pool.id)
    ).all()
    category = session.get(Category, course.category_code) if course.category_code else None
    zone = pools[0].time_zone if pools else _zone_of_lab(session, course.lab_id)
    outside = not may_look(actor, "training.run", Subject(lab_id=course.lab_id))
    return CourseFacts(
        course, (row.name_zh, row.name_en),
        tuple(CoursePlace(pool.id, (pool.name_zh, pool.name_en)) for pool, _zone in pools),
        (category.name_zh, category.name_en) if category else None, zone,
        trains=outside and _trains(session, actor, course, [row.Pool for row in pools], now),
    )  # fmt: skip


def course_to_run(session: Session, actor: Actor, course_id: int, now: datetime) -> CourseFacts:
    """Return a course whose sessions the actor holds. Raises NotFound."""
    facts = course_facts(session, actor, course_id, now)
    if not facts.runs(actor):
        raise NotFound("course")
    return facts


def course_to_read(session: Session, actor: Actor, course_id: int, now: datetime) -> CourseFacts:
    """Return a course whose pages for those who hold it the actor may read. Raises NotFound."""
    facts = course_facts(session, actor, course_id, now)
    if not facts.shows(actor):
        raise NotFound("course")
    return facts


def course_to_manage(session: Session, actor: Actor, course_id: int, now: datetime) -> CourseFacts:
    """Return a course the actor sets up. Raises NotFound."""
    facts = course_facts(session, actor, course_id, now)
    if not facts.manages(actor):
        raise NotFound("course")
    return facts


def visible_course(session: Session, actor: Actor, course_id: int, now: datetime) -> CourseFacts:
    """Return a course that the actor can take, or runs. Raises NotFound.

    Whoever sees one of its pools sees it; one that was retired only those who run it.
    """
    facts = course_facts(session, actor, course_id, now)
    if facts.shows(actor):
        return facts
    seen = facts.course.category_code is not None
    if not seen:
        ids = [pool.pool_id for pool in facts.pools]
        query = select(Pool.id).where(Pool.id.in_(ids), pools_seen_by(actor, now)).limit(1)
        seen = session.execute(query).scalar() is not None
    if facts.course.retired_at is not None or not seen:
        raise NotFound("course")
    return facts


def courses_for(session: Session, place: Place) -> Sequence[Course]:
    """Return the live courses that qualify for a pool or its class, by level. One query."""
    of_pool = select(CoursePool.course_id).where(CoursePool.pool_id == place.pool_id)
    own = Course.id.in_(of_pool) & (Course.lab_id == place.lab_id)
    here = or_(own, Course.category_code.in_(place.categories))
    query = select(Course).where(here, Course.retired_at.is_(None))
    return session.scalars(query.order_by(Course.level, Course.id)).all()


def courses_of_lab(session: Session, lab_id: int) -> Sequence[Course]:
    """Return a lab's courses, those that were retired last. One query."""
    query = select(Course).where(Course.lab_id == lab_id)
    return session.scalars(
        query.order_by(Course.retired_at.is_not(None), Course.name_zh, Course.id)
    ).all()


def pools_of_lab(session: Session, lab_id: int) -> list[CoursePlace]:
    """Return a lab's live pools, by name. One query."""
    rows = session.execute(
        select(Pool.id, Pool.name_zh, Pool.name_en)
        .where(Pool.lab_id == lab_id, Pool.retired_at.is_(None))
        .order_by(Pool.name_zh, Pool.id)
    )
    return [CoursePlace(key, (zh, en)) for key, zh, en in rows]


def pool_called(
    session: Session, actor: Actor, name: str, number: int | None, now: datetime
) -> int | None:
    """Return the one pool the actor sees of this number, else of this name; None for several."""
    named = or_(Pool.name_zh == name, Pool.name_en == name)
    which = named if number is None else Pool.id == number
    query = select(Pool.id).where(pools_seen_by(actor, now), which).order_by(Pool.id).limit(2)
    rows = session.scalars(query).all()
    return rows[0] if len(rows) == 1 else None


def _trains(
    session: Session, actor: Actor, course: Course, pools: Sequence[Pool], now: datetime
) -> bool:
    """Return whether the actor has the trainer's level for all that a course qualifies for."""
    held = session.scalars(
        select(Qualification).where(
            Qualification.user_id == actor.user_id, Qualification.revoked_at.is_(None),
            Qualification.level >= TRAINER,
        )
    ).all()  # fmt: skip
    if not held:
        return False
    valid = [one for one in held if one.valid_until is None or one.valid_until > now]
    if course.category_code is not None:
        places = [Place(0, course.lab_id, 0, (course.category_code,))]
    else:
        book = current_book(session)
        places = [book.place(p.id, p.lab_id, p.site_id, p.category_code) for p in pools]
    return bool(places) and all(
        any(one.level >= TRAINER for one in counted(place, valid)) for place in places
    )


def _zone_of_lab(session: Session, lab_id: int) -> str:
    query = select(Site.time_zone).join(Pool, Pool.site_id == Site.id)
    found = session.scalar(query.where(Pool.lab_id == lab_id).order_by(Pool.id).limit(1))
    return found or zone_for(session, []).key
