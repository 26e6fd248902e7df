"""What people hold: one person's passport, and the people of a lab's instruments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from booking.accounts.models import User
from booking.companies.models import Lab, Site
from booking.companies.queries.lists import found_in
from booking.inventory.models import Category, Pool
from booking.policies.models import Equivalence, Qualification
from booking.training.models import Appeal, Course, CoursePool, Signup, Training
from booking.training.queries.courses import Names

SHOWN_AFTER = timedelta(days=90)  # what is over stays in the passport so long
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Holding:
    """A qualification with what it is for: a pool and its lab, or a class."""

    row: Qualification
    names: Names
    lab: Names
    zone: str | None
    appeal: Appeal | None = None  # the newest one


@dataclass(frozen=True, slots=True)
class Passport:
    """What a person may use, what is suspended, and what ended of late; soonest end first."""

    valid: tuple[Holding, ...]
    suspended: tuple[Holding, ...]
    over: tuple[Holding, ...]


def passport_of(session: Session, user_id: int, now: datetime) -> Passport:
    """Return a person's passport. Two queries."""
    ended = or_(Qualification.revoked_at > now - SHOWN_AFTER, Qualification.revoked_at.is_(None))
    lately = or_(
        Qualification.valid_until.is_(None), Qualification.valid_until > now - SHOWN_AFTER,
        Qualification.suspended_at.is_not(None),
    )  # fmt: skip
    query = _holdings().where(Qualification.user_id == user_id, ended, lately)
    rows = session.execute(
        query.order_by(
            Qualification.valid_until.is_(None), Qualification.valid_until, Qualification.id
        )
    ).all()
    appeals = appeals_of(session, [row[0].id for row in rows])
    found = [_holding(row, appeals) for row in rows]
    live = [one for one in found if one.row.revoked_at is None]
    suspended = [one for one in live if one.row.suspended_at is not None]
    valid = [one for one in live if one.row.suspended_at is None and not _over(one.row, now)]
    over = [one for one in found if one not in suspended and one not in valid]
    return Passport(tuple(valid), tuple(suspended), tuple(_not_replaced(over, valid)))


def holding(session: Session, qualification_id: int) -> Holding | None:
    """Return one qualification with what it is for. Two queries."""
    query = _holdings().where(Qualification.id == qualification_id)
    row = session.execute(query).one_or_none()
    return _holding(row, appeals_of(session, [qualification_id])) if row else None


def people_qualified(
    lab_id: int, q: str, shown: str, now: datetime
) -> Select[*tuple[Any, ...]]:  # fmt: skip
    """Return a query for (Qualification, User, Pool) of a lab's pools, by name.

    `shown`: empty for what is valid, `suspended`, or `ending` within 30 days.
    """
    query = (
        select(Qualification, User, Pool)
        .join(User, User.id == Qualification.user_id)
        .join(Pool, Pool.id == Qualification.pool_id)
        .where(Pool.lab_id == lab_id, Qualification.revoked_at.is_(None))
        .where(found_in(q, User.name, User.email, Pool.name_zh, Pool.name_en))
        .order_by(User.name, User.id, Pool.name_zh, Qualification.id)
    )
    if shown == "suspended":
        return query.where(Qualification.suspended_at.is_not(None))
    query = query.where(Qualification.suspended_at.is_(None), _valid(now))
    if shown == "ending":
        return query.where(Qualification.valid_until <= now + timedelta(days=30))
    return query


def open_appeals(session: Session, lab_id: int) -> list[tuple[Appeal, Qualification, User, Pool]]:
    """Return what people said against suspensions at a lab's pools, oldest first. One query."""
    rows = session.execute(
        select(Appeal, Qualification, User, Pool)
        .join(Qualification, Qualification.id == Appeal.qualification_id)
        .join(User, User.id == Qualification.user_id)
        .join(Pool, Pool.id == Qualification.pool_id)
        .where(Pool.lab_id == lab_id, Appeal.answered_at.is_(None))
        .order_by(Appeal.id)
        .limit(200)
    )
    return [(a, held, user, pool) for a, held, user, pool in rows]


def appeals_of(session: Session, qualification_ids: Sequence[int]) -> dict[int, Appeal]:
    """Return the newest appeal of each of these qualifications. One query, none for none."""
    if not qualification_ids:
        return {}
    query = select(Appeal).where(Appeal.qualification_id.in_(qualification_ids))
    return {one.qualification_id: one for one in session.scalars(query.order_by(Appeal.id))}


def own_sessions(session: Session, user_id: int, now: datetime) -> list[Any]:
    """Return (Training, Course, Signup, zone) of one's coming sessions, soonest first. One query.

    The zone is None for a course without pools.
    """
    zone = (
        select(Site.time_zone)
        .join(Pool, Pool.site_id == Site.id)
        .join(CoursePool, CoursePool.pool_id == Pool.id)
        .where(CoursePool.course_id == Course.id)
        .limit(1)
        .correlate(Course)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Training, Course, Signup, zone)
        .join(Course, Course.id == Training.course_id)
        .join(Signup, Signup.session_id == Training.id)
        .where(Signup.user_id == user_id, Signup.state.in_(("seated", "waiting")))
        .where(Training.end_at > now, Training.cancelled_at.is_(None))
        .order_by(Training.start_at, Training.id)
    )
    return list(rows)


def ending(session: Session, now: datetime, within: timedelta) -> Sequence[Qualification]:
    """Return what ends within a time and is not followed by anything as good. One query."""
    later = aliased(Qualification)
    same = or_(
        and_(later.pool_id.is_not(None), later.pool_id == Qualification.pool_id),
        and_(later.category_code.is_not(None), later.category_code == Qualification.category_code),
    )
    longer = or_(later.valid_until.is_(None), later.valid_until > Qualification.valid_until)
    followed = exists().where(
        later.user_id == Qualification.user_id, same, longer, later.revoked_at.is_(None),
        later.level >= Qualification.level, later.id != Qualification.id,
    )  # fmt: skip
    query = (
        select(Qualification)
        .join(User, User.id == Qualification.user_id)
        .where(Qualification.valid_until > now, Qualification.valid_until <= now + within)
        .where(Qualification.revoked_at.is_(None), Qualification.suspended_at.is_(None))
        .where(User.retired_at.is_(None), ~followed)
    )
    return session.scalars(query.order_by(Qualification.id)).all()


def equivalences_of(session: Session, lab_id: int) -> list[tuple[Equivalence, Names, Names | None]]:
    """Return what a lab accepts of others: the row, what of, and for which pool. One query."""
    here = aliased(Pool)
    rows = session.execute(
        select(
            Equivalence, Pool.name_zh, Pool.name_en, Category.name_zh, Category.name_en,
            here.name_zh, here.name_en,
        )
        .outerjoin(Pool, Pool.id == Equivalence.pool_id)
        .outerjoin(Category, Category.code == Equivalence.category_code)
        .outerjoin(here, here.id == Equivalence.for_pool_id)
        .where(Equivalence.lab_id == lab_id, Equivalence.retired_at.is_(None))
        .order_by(Equivalence.id)
    )  # fmt: skip
    return [
        (row, (pool_zh or class_zh or "", pool_en or class_en or ""),
         (zh, en or "") if zh is not None else None)
        for row, pool_zh, pool_en, class_zh, class_en, zh, en in rows
    ]  # fmt: skip


def courses_again(session: Session, found: Sequence[Holding]) -> dict[int, int]:
    """Return the course that gives each of these anew, by qualification. Two queries at most."""
    pools = {one.row.pool_id for one in found if one.row.pool_id is not None}
    if not pools:
        return {}
    rows = session.execute(
        select(CoursePool.pool_id, Course.id, Course.level)
        .join(Course, Course.id == CoursePool.course_id)
        .where(CoursePool.pool_id.in_(pools), Course.retired_at.is_(None))
        .order_by(Course.level, Course.id)
    ).all()
    again: dict[int, int] = {}
    for one in found:
        held = one.row
        fit = [key for pool, key, level in rows if pool == held.pool_id and level >= held.level]
        again[held.id] = fit[0] if fit else 0
    return again


def labs_of(session: Session, lab_ids: Sequence[int]) -> list[tuple[int, Names]]:
    """Return these labs' names, live ones only. One query, none for none."""
    if not lab_ids:
        return []
    rows = session.execute(
        select(Lab.id, Lab.name_zh, Lab.name_en)
        .where(Lab.id.in_(lab_ids), Lab.retired_at.is_(None))
        .order_by(Lab.name_zh, Lab.id)
    )
    return [(key, (zh, en)) for key, zh, en in rows]


def _holdings() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Qualification, Pool.name_zh, Pool.name_en, Lab.name_zh, Lab.name_en, Site.time_zone,
            Category.name_zh, Category.name_en,
        )
        .outerjoin(Pool, Pool.id == Qualification.pool_id)
        .outerjoin(Lab, Lab.id == Pool.lab_id)
        .outerjoin(Site, Site.id == Pool.site_id)
        .outerjoin(Category, Category.code == Qualification.category_code)
    )  # fmt: skip


def _holding(row: Any, appeals: dict[int, Appeal]) -> Holding:
    held, zh, en, lab_zh, lab_en, zone, class_zh, class_en = row
    return Holding(
        held, (zh or class_zh or "", en or class_en or ""), (lab_zh or "", lab_en or ""), zone,
        appeals.get(held.id),
    )  # fmt: skip


def _over(row: Qualification, now: datetime) -> bool:
    return row.valid_until is not None and row.valid_until <= now


def _valid(now: datetime) -> ColumnElement[bool]:
    return or_(Qualification.valid_until.is_(None), Qualification.valid_until > now)


def _not_replaced(over: Sequence[Holding], valid: Sequence[Holding]) -> list[Holding]:
    """Return what is over for good: not what was granted anew for the same."""
    here = {(one.row.pool_id, one.row.category_code) for one in valid}
    return [one for one in over if (one.row.pool_id, one.row.category_code) not in here]
