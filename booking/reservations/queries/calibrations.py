"""Units whose calibration is coming due, and who has not been told of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Lab, LabMember, Site
from booking.infra.outbox import Message, Outbox
from booking.inventory.models import Pool, Unit
from booking.inventory.rules.terms import after_last
from booking.reservations.rules.calibration import warns

KIND = "calibration_due"
TOLD = ("manager", "deputy")
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class DueUnit:
    """A unit whose calibration is due soon; `due_on` is the last day it can be used without."""

    unit_id: int
    lab_id: int
    due_on: date
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class CaredUnit:
    """A unit in its lab's care as it is now; names in Chinese and English."""

    unit_id: int
    name: str
    pool: tuple[str, str]
    lab: tuple[str, str]
    site: tuple[str, str]
    due_on: date | None


def cared_unit(session: Session, unit_id: int) -> CaredUnit | None:
    """Return a unit as a message to its lab tells it, None when it is retired. One query."""
    row = session.execute(
        select(Unit, Pool, Lab, Site)
        .join(Pool, Pool.id == Unit.pool_id)
        .join(Lab, Lab.id == Pool.lab_id)
        .join(Site, Site.id == Pool.site_id)
        .where(Unit.id == unit_id, Unit.retired_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    unit, pool, lab, site = row
    name = unit.name or unit.asset_no or unit.serial or f"#{unit.id}"
    due = date.fromisoformat(unit.calibration_due_on) if unit.calibration_due_on else None
    return CaredUnit(
        unit.id, name, (pool.name_zh, pool.name_en), (lab.name_zh, lab.name_en),
        (site.name_zh, site.name_en), due,
    )  # fmt: skip


def due_soon(session: Session, now: datetime, which: ColumnElement[bool]) -> list[DueUnit]:
    """Return those of the units `which` that are due within their days of warning, by id.

    Days are those of the unit's site. One query.
    """
    rows = session.execute(
        select(
            Unit.id, Pool.lab_id, Unit.calibration_due_on, Unit.calibration_warn_days,
            Site.time_zone,
        )
        .join(Pool, Pool.id == Unit.pool_id)
        .join(Site, Site.id == Pool.site_id)
        .where(which, Unit.calibration_due_on.is_not(None), Unit.retired_at.is_(None))
        .where(Pool.retired_at.is_(None))
        .order_by(Unit.id)
    )  # fmt: skip
    found = []
    for unit_id, lab_id, due_on, warn_days, zone in rows:
        one = DueUnit(unit_id, lab_id, date.fromisoformat(due_on or ""), ZoneInfo(zone))
        if warns(one.due_on, warn_days, now.astimezone(one.zone).date()):
            found.append(one)
    return found


def untold(session: Session, due: Sequence[DueUnit], now: datetime) -> list[Message]:
    """Return a message for each manager and deputy who was not yet told of a unit's due day."""
    labs = {one.lab_id for one in due}
    readers = session.execute(
        select(LabMember.lab_id, LabMember.user_id)
        .join(User, User.id == LabMember.user_id)
        .where(LabMember.lab_id.in_(labs), LabMember.role.in_(TOLD), User.retired_at.is_(None))
        .order_by(LabMember.user_id)
    ).all()
    messages = [
        _message(one, user_id, now)
        for one in due
        for lab_id, user_id in readers
        if lab_id == one.lab_id
    ]
    told = _told(session, [message.dedupe_key for message in messages])
    return [message for message in messages if message.dedupe_key not in told]


def _message(one: DueUnit, user_id: int, now: datetime) -> Message:
    """Return the one message a person gets of a unit's due day; its key is unique for ever."""
    day = one.due_on.isoformat()
    return Message(
        dedupe_key=f"unit:{one.unit_id}:{KIND}:{day}:{user_id}",
        kind=KIND,
        recipient_id=user_id,
        subject_ref=f"unit:{one.unit_id}",
        due_at=now,
        useful_until=after_last(one.due_on, one.zone),
        parameters=json.dumps({"day": day}),
    )


def _told(session: Session, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for first in range(0, len(keys), AT_ONCE):
        some = keys[first : first + AT_ONCE]
        query = select(Outbox.dedupe_key).where(Outbox.dedupe_key.in_(some))
        found |= set(session.scalars(query))
    return found
