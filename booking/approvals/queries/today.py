"""A lab's day: its units with what is on there, who has not come, who left without a word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, may
from booking.approvals.rules.today import AHEAD, BEHIND, Block
from booking.companies.models import Lab, Site
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.core.period import Period
from booking.inventory.models import Pool, Unit
from booking.inventory.queries.visible import pools_seen_by
from booking.reservations.models import Reservation
from booking.reservations.queries.facts import pool_facts
from booking.reservations.queries.lists import AGREED
from booking.reservations.queries.named import Named, named_in_order
from booking.reservations.queries.on_units import named_blocks, subject_of_block
from booking.reservations.queries.reservations import seen_by
from booking.reservations.rules.using import LOOKED_BACK

MOST_LATE = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A unit, the group it is of, and what permission needs to know of it."""

    unit_id: int
    name: str
    asset_no: str
    serial: str
    state: str
    pool_id: int
    pool: tuple[str, str]
    zone: ZoneInfo
    subject: Subject


def labs_of(session: Session, actor: Actor, lab_id: int | None) -> list[Any]:
    """Return id and names of the labs whose day the actor may look at: their own, or one asked for.

    Raises NotFound for a lab that is not theirs, and for who is in none. One query.
    """
    wanted = set(actor.lab_ids)
    if lab_id is not None:
        wanted = {lab_id} if lab_id in wanted or may(actor, "pool.see_unshared") else set()
    query = select(Lab.id, Lab.name_zh, Lab.name_en).where(Lab.id.in_(sorted(wanted)))
    found = list(session.execute(query.order_by(Lab.name_zh, Lab.id)))
    if not found:
        raise NotFound("lab")
    return found


def units_of_labs(lab_ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """Return a query for the rows of `place_of_row`, by the group's name. The caller scopes."""
    return _places().where(Pool.lab_id.in_(lab_ids)).order_by(Pool.name_zh, Pool.id, Unit.id)


def visible_place(session: Session, actor: Actor, unit_id: int, now: datetime) -> Place:
    """Return a unit the actor sees. Raises NotFound. One query."""
    query = _places().where(Unit.id == unit_id, pools_seen_by(actor, now))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("unit")
    return place_of_row(row)


def place_of_row(row: Any) -> Place:
    """Return one row of `units_of_labs`."""
    subject = Subject(
        lab_id=row.lab_id, institution_id=row.institution_id,
        staff_may_approve=bool(row.staff_may_approve),
    )  # fmt: skip
    return Place(
        row.id, row.name or "", row.asset_no or "", row.serial or "", row.state, row.pool_id,
        (row.name_zh, row.name_en), ZoneInfo(row.time_zone), subject,
    )  # fmt: skip


def blocks_of(session: Session, places: Sequence[Place], now: datetime) -> dict[int, list[Block]]:
    """Return what holds each unit from now on for AHEAD, in order. One query.

    Whose it is comes with each: the caller shows it only to whom it is told.
    """
    owners = {place.unit_id: place.subject for place in places}
    found: dict[int, list[Block]] = {}
    for row in session.execute(named_blocks(sorted(owners), Period(now, now + AHEAD))):
        found.setdefault(row.unit_id, []).append(_block(row, owners[row.unit_id]))
    return found


def late_ones(
    session: Session, actor: Actor, lab_ids: Sequence[int], now: datetime
) -> tuple[list[Named], list[Named]]:
    """Return who has not checked in though their time runs, and whose use ended unsaid.

    Only where the group's people check in; at most 50 of each, longest ago first. Five queries.
    """
    of_labs = Reservation.pool_id.in_(select(Pool.id).where(Pool.lab_id.in_(lab_ids)))
    absent = session.execute(
        select(Reservation.id, Reservation.pool_id)
        .where(AGREED, Reservation.status == "approved", of_labs, seen_by(actor))
        .where(Reservation.start_at <= now, Reservation.start_at > now - LOOKED_BACK)
        .order_by(Reservation.start_at, Reservation.id)
    ).all()
    pools = pool_facts(session, sorted({row.pool_id for row in absent}))
    late = [row.id for row in absent if pools[row.pool_id].rules.check_in.value][:MOST_LATE]
    left = session.scalars(
        select(Reservation.id)
        .where(Reservation.status.in_(("completed", "in_use")), of_labs, seen_by(actor))
        .where(Reservation.start_at <= now, Reservation.start_at > now - LOOKED_BACK)
        .where(Reservation.checked_in_at.is_not(None), Reservation.checked_out_at.is_(None))
        .where(Reservation.end_at <= now, Reservation.end_at > now - BEHIND)
        .order_by(Reservation.end_at, Reservation.id)
        .limit(MOST_LATE)
    ).all()
    return named_in_order(session, late), named_in_order(session, left)


def _places() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Unit.id, Unit.name, Unit.asset_no, Unit.serial, Unit.state,
            Pool.id.label("pool_id"), Pool.name_zh, Pool.name_en, Pool.lab_id,
            Pool.institution_id, Lab.staff_may_approve, Site.time_zone,
        )
        .join(Pool, Pool.id == Unit.pool_id)
        .join(Lab, Lab.id == Pool.lab_id)
        .join(Site, Site.id == Pool.site_id)
        .where(Unit.state != "retired", Pool.retired_at.is_(None))
    )  # fmt: skip


def _block(row: Any, pool: Subject) -> Block:
    if row.id is None:
        return Block(row.kind, Period(row.block_start, row.block_end), row.reason or "")
    return Block(
        row.kind, Period(row.start_at, row.end_at), "", row.id, row.status, row.version,
        row.person, (row.party_zh, row.party_en), subject_of_block(row, pool),
    )  # fmt: skip
