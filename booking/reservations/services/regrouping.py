"""Units that change pools, and pools that are split; what is booked goes along or is dealt with."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from booking.audit.services import add, change, record
from booking.core.actor import Actor
from booking.core.errors import Busy, Invalid, WrongState
from booking.inventory.models import Contribution, Pool, Unit
from booking.inventory.queries.editing import visible_pool_to_edit, visible_unit_to_edit
from booking.inventory.queries.sharing import visible_pool_to_limit
from booking.inventory.rules.pools import PoolFields, checked_pool
from booking.inventory.services.search import refresh_search
from booking.policies.services.copying import copy_settings
from booking.policies.services.settings import lock_edition
from booking.reservations.models import (
    LIVE,
    Closure,
    PoolNextFree,
    Reservation,
    WaitlistEntry,
)
from booking.reservations.queries.facts import pool_facts
from booking.reservations.queries.going_along import misfits
from booking.reservations.queries.live import holds_unit
from booking.reservations.rules.dealing import NOTHING_DECIDED, Dealing
from booking.reservations.services.dealing import Dealt, Gone, deal
from booking.reservations.services.holding import held_blocks
from booking.reservations.services.notices import About, drop_questions
from booking.reservations.services.stepping import tell_deciders
from booking.reservations.services.taking_back import take_back
from booking.reservations.services.withdrawing import withdraw_change
from booking.training.models import CoursePool

MOST_SPLIT = 500
# What a pool split off has of its own from the start; all else it is, the old one is.
_NOT_COPIED = ("id", "name_zh", "name_en", "search_text", "created_at", "retired_at")


@dataclass(frozen=True, slots=True)
class Split:
    """The units that get a pool of their own, its names, and whether it is shared as theirs was.

    An institution takes units back with `shared` False; a lab's manager splits with True.
    """

    unit_ids: tuple[int, ...]
    name_zh: str
    name_en: str = ""
    shared: bool = True


def units_leave(
    pool_id: int, unit_ids: Sequence[int], now: datetime, into: int | None = None
) -> Gone:
    """Return whom it hits when units leave their pool; kept ones go along, `into` another."""
    others = () if into is None else (into,)
    held = [holds_unit(unit_id, now) for unit_id in unit_ids]
    return Gone(
        pool_id, or_(*held), tuple(unit_ids), other_pools=others, goes_along=True, into=into
    )


def regroup_unit(
    session: Session,
    actor: Actor,
    unit_id: int,
    target_id: int,
    now: datetime,
    dealing: Dealing = NOTHING_DECIDED,
) -> Dealt:
    """Return what became of the reservations of a unit that is now in another pool.

    Those kept go along; the others are dealt with as decided. Raises NotFound unless the actor
    looks after both pools, Invalid `unknown_choice` for one of another institution, WrongState
    `retired`, `cannot_go_along`, `needs_both_pools`, and what `deal` raises.
    """
    unit, pool = visible_unit_to_edit(session, actor, unit_id)
    pool_id = pool.id
    _require_target(session, actor, unit, pool_id, target_id)
    leaving = units_leave(pool_id, [unit_id], now, target_id)
    dealt = deal(session, actor, [leaving], dealing, now)
    # Again, under the lock of both.
    unit, pool = visible_unit_to_edit(session, actor, unit_id)
    if pool.id != pool_id:
        raise Busy
    if unit.retired_at is not None:
        raise WrongState("retired")
    target = _require_target(session, actor, unit, pool_id, target_id)
    _change_pool(session, actor, [unit], pool, target, now)
    _go_along(session, actor, leaving, target.id, now)
    return dealt


def split_pool(
    session: Session,
    actor: Actor,
    pool_id: int,
    wanted: Split,
    now: datetime,
    dealing: Dealing = NOTHING_DECIDED,
) -> Dealt:
    """Return what became of the reservations on units that now are a pool of their own.

    It begins as a copy: its rules, quotas, questions, agreement, qualified people, courses and,
    where wanted, sharing. Kept reservations go along. Raises NotFound, Invalid (also unless some
    units go and some stay), WrongState `retired`, `needs_both_pools`, and what `deal` raises.
    """
    pool = _to_split(session, actor, pool_id, wanted)
    fields = _fields(pool, wanted)
    unit_ids = sorted(set(wanted.unit_ids))[:MOST_SPLIT]
    _leaving(session, pool_id, unit_ids)
    lock_edition(session)  # before any pool, as setting a rule does
    leaving = units_leave(pool_id, unit_ids, now)
    dealt = deal(session, actor, [leaving], dealing, now)
    pool = _to_split(session, actor, pool_id, wanted)
    if pool.retired_at is not None:
        raise WrongState("retired")
    units = _leaving(session, pool_id, unit_ids)
    made = _copied(session, actor, pool, fields, now)
    if wanted.shared:
        _share_alike(session, actor, pool, made, now)
    _change_pool(session, actor, units, pool, made, now)
    _go_along(session, actor, leaving, made.id, now)
    return dealt


def _to_split(session: Session, actor: Actor, pool_id: int, wanted: Split) -> Pool:
    if wanted.shared:
        return visible_pool_to_edit(session, actor, pool_id)
    return visible_pool_to_limit(session, actor, pool_id)


def _fields(pool: Pool, wanted: Split) -> PoolFields:
    return checked_pool(
        PoolFields(
            pool.site_id, wanted.name_zh, wanted.name_en, pool.manufacturer, pool.model,
            pool.platform_id, pool.category_code, pool.description, pool.specifications,
        )
    )  # fmt: skip


def _require_target(
    session: Session, actor: Actor, unit: Unit, pool_id: int, target_id: int
) -> Pool:
    target = visible_pool_to_edit(session, actor, target_id)
    if target_id == pool_id or target.institution_id != unit.institution_id:
        raise Invalid("unknown_choice", field="pool_id", actual=target_id)
    if target.retired_at is not None:
        raise WrongState("retired")
    return target


def _leaving(session: Session, pool_id: int, unit_ids: Collection[int]) -> list[Unit]:
    """Return the units that leave, fresh. Raises Invalid unless some do and some stay."""
    live = session.scalars(
        select(Unit)
        .where(Unit.pool_id == pool_id, Unit.retired_at.is_(None))
        .order_by(Unit.id)
        .execution_options(populate_existing=True)
    ).all()
    found = [unit for unit in live if unit.id in unit_ids]
    if len(found) != len(unit_ids) or not found:
        raise Invalid("units_needed", field="unit_ids")
    if len(found) == len(live):
        raise Invalid("all_units", field="unit_ids")
    return found


def _copied(session: Session, actor: Actor, pool: Pool, fields: PoolFields, now: datetime) -> Pool:
    columns = [c.key for c in Pool.__table__.columns if c.key not in _NOT_COPIED]
    made = Pool(
        **{name: getattr(pool, name) for name in columns},
        name_zh=fields.name_zh, name_en=fields.name_en, created_at=now,
    )  # fmt: skip
    add(session, actor, made, now)
    copy_settings(session, pool.id, made.id)
    _copy_courses(session, pool.id, made.id)
    record(
        session, actor, "pool.split", ("pool", pool.id), now, after={"pool_id": made.id}
    )  # fmt: skip
    return made


def _copy_courses(session: Session, from_pool: int, to_pool: int) -> None:
    """Have the courses that qualify for a pool qualify for the new one."""
    courses = session.scalars(select(CoursePool.course_id).where(CoursePool.pool_id == from_pool))
    rows = [{"course_id": key, "pool_id": to_pool} for key in sorted(courses)]
    if rows:
        session.execute(insert(CoursePool), rows)


def _share_alike(session: Session, actor: Actor, pool: Pool, made: Pool, now: datetime) -> None:
    shared = session.scalars(
        select(Contribution).where(Contribution.pool_id == pool.id, Contribution.ended_at.is_(None))
    ).one_or_none()
    if shared is not None:
        terms = {
            c.key: getattr(shared, c.key)
            for c in Contribution.__table__.columns
            if c.key not in ("id", "pool_id")
        }
        add(session, actor, Contribution(pool_id=made.id, **terms), now)


def _change_pool(
    session: Session, actor: Actor, units: Sequence[Unit], pool: Pool, target: Pool, now: datetime
) -> None:
    """Write where the units are now, and what else names their pool."""
    ids = [unit.id for unit in units]
    take_back(session, ids, now)
    for unit in units:
        place = {} if pool.site_id == target.site_id else {"room_id": None}
        change(session, actor, unit, {"pool_id": target.id, **place}, now, action="regroup")
    ahead = (Closure.unit_id.in_(ids), Closure.end_at > now)
    session.execute(update(Closure).where(*ahead).values(pool_id=target.id))
    waiting = (WaitlistEntry.unit_id.in_(ids), WaitlistEntry.state == "waiting")
    session.execute(update(WaitlistEntry).where(*waiting).values(pool_id=target.id))
    both = PoolNextFree.pool_id.in_((pool.id, target.id))
    session.execute(delete(PoolNextFree).where(both))
    refresh_search(session, [pool.id, target.id])


def _go_along(session: Session, actor: Actor, leaving: Gone, target_id: int, now: datetime) -> None:
    """Write the new pool into what is kept. Raises WrongState for what cannot go along."""
    rows = session.scalars(
        select(Reservation)
        .where(leaving.where, Reservation.status.in_(LIVE), Reservation.end_at > now)
        .order_by(Reservation.id)
    ).all()
    going = []
    for row in rows:
        withdraw_change(session, row, now)
        held = {block.unit_id for block in held_blocks(session, ("reservation", row.id))}
        if not held & set(leaving.units):
            continue  # only the change that was asked for would have been on it
        if not held <= set(leaving.units):
            raise WrongState("needs_both_pools", references=row.reference)
        going.append(row)
    pool = pool_facts(session, [target_id])[target_id]
    broken = misfits(session, going, pool, 0, now) if leaving.into is not None else {}
    if broken:
        names = ", ".join(row.reference for row in going if row.id in broken)
        raise WrongState("cannot_go_along", count=len(broken), references=names)
    for row in going:
        before, row.pool_id = row.pool_id, target_id
        session.flush()
        record(
            session, actor, "reservation.regroup", ("reservation", row.id), now,
            before={"pool_id": before}, after={"pool_id": target_id},
        )  # fmt: skip
        if row.status == "pending":
            about = About.of(row)
            drop_questions(session, about)
            tell_deciders(session, about, "request_received", pool, row.company_id, now)
