"""What pools are compared by, beyond their cards and rules; and what somebody put together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Building, LabMember, Room
from booking.core.actor import Actor
from booking.inventory.models import BundleItem, Pool, Unit
from booking.inventory.queries.cards import Named
from booking.inventory.queries.pools import specification_lines
from booking.inventory.queries.visible import pools_seen_by

RUNS = ("manager", "deputy")


@dataclass(frozen=True, slots=True)
class Further:
    """A pool's specifications, the rooms its units are in, who runs it."""

    specifications: dict[str, str] = field(default_factory=dict)
    rooms: list[tuple[Named, str]] = field(default_factory=list)  # building, room
    people: list[str] = field(default_factory=list)


def compared(session: Session, pool_ids: Sequence[int]) -> dict[int, Further]:
    """Return what else is known of pools the caller sees, by id. Three queries."""
    texts = session.execute(
        select(Pool.id, Pool.specifications, Pool.lab_id).where(Pool.id.in_(pool_ids))
    ).all()
    rooms: dict[int, list[tuple[Named, str]]] = {}
    places = (
        select(Unit.pool_id, Building.name_zh, Building.name_en, Room.name)
        .join(Room, Room.id == Unit.room_id)
        .join(Building, Building.id == Room.building_id)
        .where(Unit.pool_id.in_(pool_ids), Unit.state != "retired")
        .distinct()
        .order_by(Unit.pool_id, Building.name_zh, Room.name)
    )
    for pool_id, zh, en, room in session.execute(places):
        rooms.setdefault(pool_id, []).append((Named(zh, en), room))
    people: dict[int, list[str]] = {}
    members = (
        select(LabMember.lab_id, User.name)
        .join(User, User.id == LabMember.user_id)
        .where(LabMember.lab_id.in_({row.lab_id for row in texts}), LabMember.role.in_(RUNS))
        .where(User.retired_at.is_(None))
        .order_by(LabMember.role.desc(), LabMember.id)  # managers first
    )
    for lab_id, name in session.execute(members):
        people.setdefault(lab_id, []).append(name)
    return {
        row.id: Further(
            dict(specification_lines(row.specifications)), rooms.get(row.id, []),
            people.get(row.lab_id, []),
        )
        for row in texts
    }  # fmt: skip


def visible_bundle(session: Session, actor: Actor, now: datetime) -> tuple[list[int], int]:
    """Return the pools in the actor's bundle that they see, as added; and how many they do not.

    One query.
    """
    seen = pools_seen_by(actor, now).label("seen")
    rows = session.execute(
        select(BundleItem.pool_id, seen)
        .join(Pool, Pool.id == BundleItem.pool_id)
        .where(BundleItem.user_id == actor.user_id)
        .order_by(BundleItem.added_at, BundleItem.pool_id)
    ).all()
    ids = [row.pool_id for row in rows if row.seen]
    return ids, len(rows) - len(ids)
