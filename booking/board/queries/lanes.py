"""Lanes of the timeline: units in order, and what holds them. The same number of queries always."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, may
from booking.board.rules.lanes import Held
from booking.companies.models import Lab, Site
from booking.core.actor import Actor
from booking.core.period import Period
from booking.inventory.models import Pool, Unit
from booking.inventory.queries.visible import pools_seen_by
from booking.inventory.rules import search
from booking.reservations.models import LIVE
from booking.reservations.queries.on_units import named_blocks, subject_of_block


@dataclass(frozen=True, slots=True)
class Among:
    """Which units are lanes; None leaves it wide. `words` must all be found in the group."""

    lab_ids: frozenset[int] | None = None
    pool_id: int | None = None
    site_id: int | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """A unit, the group it is of, and what permission needs to know of it."""

    unit_id: int
    name: str
    asset_no: str
    serial: str
    state: str
    pool_id: int
    pool: tuple[str, str]
    subject: Subject


def lane_ids(session: Session, actor: Actor, among: Among, now: datetime) -> list[int]:
    """Return the ids of all lanes the actor sees, by the group's name. One query."""
    query = (
        select(Unit.id)
        .join(Pool, Pool.id == Unit.pool_id)
        .where(pools_seen_by(actor, now), Unit.state != "retired")
        .order_by(Pool.name_zh, Pool.id, Unit.id)
    )
    if among.lab_ids is not None:
        query = query.where(Pool.lab_id.in_(sorted(among.lab_ids)))
    if among.pool_id is not None:
        query = query.where(Pool.id == among.pool_id)
    if among.site_id is not None:
        query = query.where(Pool.site_id == among.site_id)
    for word in among.words:
        query = query.where(Pool.search_text.like(search.anywhere(word), escape=search.ESCAPE))
    return list(session.scalars(query))


def lanes_of(session: Session, unit_ids: Sequence[int]) -> list[Lane]:
    """Return these lanes in the given order; the caller has scoped the ids. One query."""
    rows = session.execute(
        select(
            Unit.id, Unit.name, Unit.asset_no, Unit.serial, Unit.state, Pool.id.label("pool_id"),
            Pool.name_zh, Pool.name_en, Pool.lab_id, Pool.institution_id, Lab.staff_may_approve,
        )
        .join(Pool, Pool.id == Unit.pool_id)
        .join(Lab, Lab.id == Pool.lab_id)
        .where(Unit.id.in_(unit_ids))
    )  # fmt: skip
    found = {row.id: _lane(row) for row in rows}
    return [found[unit_id] for unit_id in unit_ids if unit_id in found]


def held_on(
    session: Session, actor: Actor, lanes: Sequence[Lane], period: Period, now: datetime
) -> dict[int, list[Held]]:
    """Return what holds each lane within `period`, in order; whose it is only where that is told.

    One query.
    """
    by_unit = {lane.unit_id: lane for lane in lanes}
    found: dict[int, list[Held]] = {}
    for row in session.execute(named_blocks(sorted(by_unit), period)):
        held = _seen(actor, by_unit[row.unit_id], row, now)
        found.setdefault(row.unit_id, []).append(held)
    return found


def site_choices(session: Session, actor: Actor, now: datetime) -> list[Any]:
    """Return id and names of the sites with groups the actor sees, by id. One query."""
    seen = select(Pool.site_id).where(pools_seen_by(actor, now))
    query = select(Site.id, Site.name_zh, Site.name_en).where(Site.id.in_(seen)).order_by(Site.id)
    return list(session.execute(query))


def zone_of(session: Session, among: Among, unit_ids: Sequence[int]) -> str | None:
    """Return the time zone of the site of the first lane, else of the first site. One query."""
    query = select(Site.time_zone)
    if unit_ids:
        query = query.join(Pool, Pool.site_id == Site.id).join(Unit, Unit.pool_id == Pool.id)
        query = query.where(Unit.id == unit_ids[0])
    elif among.site_id is not None:
        query = query.where(Site.id == among.site_id)
    return session.scalars(query.order_by(Site.id).limit(1)).first()


def _lane(row: Any) -> Lane:
    subject = Subject(
        lab_id=row.lab_id, institution_id=row.institution_id,
        staff_may_approve=bool(row.staff_may_approve),
    )  # fmt: skip
    return Lane(
        row.id, row.name or "", row.asset_no or "", row.serial or "", row.state, row.pool_id,
        (row.name_zh, row.name_en), subject,
    )  # fmt: skip


def _seen(actor: Actor, lane: Lane, row: Any, now: datetime) -> Held:
    """Return the block as the actor may see it."""
    block = Period(row.block_start, row.block_end)
    if row.id is None:
        return Held(row.unit_id, row.kind, block, block, reason=row.reason or "")
    period = Period(row.start_at, row.end_at)
    subject = subject_of_block(row, lane.subject)
    if not may(actor, "reservation.read", subject):
        return Held(row.unit_id, row.kind, period, block)
    live = row.status in LIVE and row.end_at > now
    return Held(
        row.unit_id, row.kind, period, block, row.id, row.status, row.version,
        row.person if may(actor, "reservation.read_note", subject) else "",
        (row.party_zh, row.party_en), row.user_id == actor.user_id,
        live and may(actor, "reservation.change", subject),
    )  # fmt: skip
