"""Granting and revoking qualifications: by a lab's managers for its pools, by operators for all."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound
from booking.core.text import is_keepable
from booking.inventory.models import Pool
from booking.inventory.queries.zones import zone_for
from booking.inventory.rules.terms import after_last
from booking.policies.models import Qualification
from booking.policies.queries.own import scope_to_edit

SCOPES = ("pool", "category")
LEVELS = range(1, 10)
MOST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may operate at which level; without a last day, for ever."""

    email: str
    level: int
    last_day: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What a person is given, until an instant or for ever; `course_id`: by which course."""

    user_id: int
    level: int
    until: datetime | None = None
    note: str = ""
    course_id: int | None = None


def grant(
    session: Session, actor: Actor, scope: tuple[str, str], wanted: Grant, now: datetime
) -> int:
    """Return the id of a person's new qualification; it takes the place of the one before.

    `scope` is a pool or a category. Raises NotFound unless the actor sets rules there, Invalid.
    """
    place = scope_to_edit(session, actor, *scope)
    if place.kind not in SCOPES:
        raise NotFound("scope")
    if wanted.level not in LEVELS:
        raise Invalid("out_of_range", field="level", least=1, most=9, actual=wanted.level)
    if len(wanted.note) > MOST_NOTE or not is_keepable(wanted.note):
        raise Invalid("too_long_text", field="note", limit=MOST_NOTE)
    user_id = _person(session, wanted.email)
    where = _where(*scope)
    until = _until(session, scope, wanted.last_day)
    if until is not None and until <= now:
        raise Invalid("ends_in_the_past", field="last_day")
    for row in _live(session, user_id, where):
        row.revoked_at, row.revoked_by_id = now, actor.user_id
    return _add(session, actor, where, Given(user_id, wanted.level, until, wanted.note), now)


def give_level(
    session: Session, actor: Actor, scope: tuple[str, str], given: Given, now: datetime
) -> int:
    """Return the id of a qualification that a course gives; the caller has asked who may.

    It takes the place of lower ones, not of a higher or a suspended one.
    """
    where = _where(*scope)
    session.execute(select(User.id).where(User.id == given.user_id).with_for_update(key_share=True))
    for row in _live(session, given.user_id, where):
        if row.level <= given.level and row.suspended_at is None:
            row.revoked_at, row.revoked_by_id = now, actor.user_id
    return _add(session, actor, where, given, now)


def revoke(session: Session, actor: Actor, qualification_id: int, now: datetime) -> tuple[str, str]:
    """End a qualification at once; return its scope. What is booked already stays.

    Raises NotFound unless the actor may grant it.
    """
    row = session.get(Qualification, qualification_id)
    if row is None or row.revoked_at is not None:
        raise NotFound("qualification")
    scope = ("pool", str(row.pool_id)) if row.pool_id else ("category", str(row.category_code))
    scope_to_edit(session, actor, *scope)
    row.revoked_at, row.revoked_by_id = now, actor.user_id
    session.flush()
    record(
        session, actor, "qualification.revoke", ("user_account", row.user_id), now,
        before={"pool_id": row.pool_id, "category_code": row.category_code, "level": row.level},
    )  # fmt: skip
    return scope


def _add(
    session: Session, actor: Actor, where: dict[str, object], given: Given, now: datetime
) -> int:
    row = Qualification(
        **where, user_id=given.user_id, level=given.level, valid_until=given.until,
        note=given.note.strip(), granted_at=now, granted_by_id=actor.user_id,
        course_id=given.course_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    until = given.until and int(given.until.timestamp())
    record(
        session, actor, "qualification.grant", ("user_account", given.user_id), now,
        after={**where, "level": given.level, "valid_until": until, "course": given.course_id},
    )  # fmt: skip
    return row.id


def _person(session: Session, email: str) -> int:
    address = email.strip().lower()
    # Locked: of two grants at once the later replaces the earlier.
    query = select(User.id).where(User.email == address, User.retired_at.is_(None))
    user_id = session.execute(query.with_for_update(key_share=True)).scalar()
    if user_id is None:
        raise Invalid("address_unknown", field="email", actual=address)
    return user_id


def _where(kind: str, key: str) -> dict[str, object]:
    return {"pool_id": int(key)} if kind == "pool" else {"category_code": key}


def _live(session: Session, user_id: int, where: dict[str, object]) -> list[Qualification]:
    query = select(Qualification).filter_by(user_id=user_id, revoked_at=None, **where)
    return list(session.scalars(query.order_by(Qualification.id)))


def _until(session: Session, scope: tuple[str, str], last: date | None) -> datetime | None:
    if last is None:
        return None
    sites = []
    if scope[0] == "pool":
        sites = [session.get_one(Pool, int(scope[1])).site_id]
    return after_last(last, zone_for(session, sites))
