"""What the pages of one pool and one unit show beyond its card.

Whether the reader sees it is the caller's first step (`reservations.queries.facts.visible_pool`);
a unit is seen with its pool.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, literal_column, select
from sqlalchemy.orm import Session

from booking.companies.models import Building, Room
from booking.inventory.models import Pool, Unit
from booking.inventory.queries.cards import Named
from booking.reservations.models import Allocation


@dataclass(frozen=True, slots=True)
class PoolText:
    """A pool's long texts; `specifications` are (name, value), a line without a name has ""."""

    description: str
    specifications: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class UnitNow:
    """A unit, where it is, and what holds it now: until when and as what kind (or None)."""

    unit_id: int
    name: str
    asset_no: str
    serial: str
    kind: str
    state: str
    state_note: str
    building: Named | None
    room: str
    place: str
    commissioned_on: str | None
    customs_supervised: bool
    held_until: datetime | None
    held_as: str | None  # reservation, closure, hold

    @property
    def label(self) -> str:
        """Return what the unit is called: its own name, else a number it carries."""
        return self.name or self.asset_no or self.serial or f"#{self.unit_id}"


def pool_text(session: Session, pool_id: int) -> PoolText:
    """Return the texts of a pool. One query."""
    query = select(Pool.description, Pool.specifications).where(Pool.id == pool_id)
    description, specifications = session.execute(query).one()
    return PoolText(description, tuple(specification_lines(specifications)))


def specification_lines(text: str) -> list[tuple[str, str]]:
    """Return (name, value) of each line `name: value`; the colon may be Chinese."""
    lines = []
    for line in text.splitlines():
        name, colon, value = line.replace("：", ":", 1).partition(":")
        if line.strip():
            lines.append((name.strip(), value.strip()) if colon else ("", line.strip()))
    return lines


def units_now(session: Session, pool_id: int, now: datetime) -> list[UnitNow]:
    """Return the pool's units but the retired, by id. One query."""
    return [_unit(row) for row in session.execute(_units(now).where(Unit.pool_id == pool_id))]


def unit_now(session: Session, unit_id: int, now: datetime) -> UnitNow:
    """Return one unit, also a retired one. One query; raises NoResultFound when missing."""
    return _unit(session.execute(_units(now, retired=True).where(Unit.id == unit_id)).one())


def _units(now: datetime, *, retired: bool = False) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(
            Unit.id, Unit.name, Unit.asset_no, Unit.serial, Unit.kind, Unit.state,
            Unit.state_note, Unit.place, Unit.commissioned_on, Unit.customs_supervised,
            Room.name.label("room"), Building.name_zh, Building.name_en,
            Allocation.block_end, Allocation.kind.label("held_as"),
        )
        .outerjoin(Room, Room.id == Unit.room_id)
        .outerjoin(Building, Building.id == Room.building_id)
        # At most one row: active blocks of a unit never overlap.
        .outerjoin(
            Allocation,
            (Allocation.unit_id == Unit.id)
            & literal_column("allocation.active = 1")
            & (Allocation.block_start <= now)
            & (Allocation.block_end > now),
        )
        .order_by(Unit.id)
    )  # fmt: skip
    return query if retired else query.where(Unit.state != "retired")


def _unit(row: Any) -> UnitNow:
    return UnitNow(
        row.id, row.name, row.asset_no or "", row.serial, row.kind, row.state, row.state_note,
        Named(row.name_zh, row.name_en) if row.name_zh else None, row.room or "", row.place,
        row.commissioned_on, bool(row.customs_supervised), row.block_end, row.held_as,
    )  # fmt: skip
