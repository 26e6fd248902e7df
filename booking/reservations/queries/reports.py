"""Reports about units, as far as an actor may see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.permissions import may, may_look
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.infra.storage.files import StoredFile
from booking.reservations.models import UnitReport
from booking.reservations.queries.facts import PoolFacts, pool_facts, pool_of_unit
from booking.reservations.queries.named import UnitName, unit_names

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Reported:
    """A unit with its pool, and whether the actor may give reports about it or take them away."""

    unit: UnitName
    pool: PoolFacts
    may_add: bool
    may_drop: bool


@dataclass(frozen=True, slots=True)
class Report:
    """A report, its file's name, and who gave it."""

    id: int
    kind: str
    note: str
    created_at: datetime
    file_id: int
    file_name: str
    by: str


def visible_reports(session: Session, actor: Actor, unit_id: int) -> tuple[Reported, list[Report]]:
    """Return a unit and its reports, newest first: all, or those the actor gave themselves.

    Raises NotFound for a unit that is missing, or of which they may see none. Four queries.
    """
    at = _unit(session, actor, unit_id)
    query = _reports(_seen(actor, at)).where(UnitReport.unit_id == unit_id)
    found = [Report(*row) for row in session.execute(query.limit(SHOWN))]
    if not found and not _sees_all(actor, at):
        raise NotFound("unit")
    return at, found


def visible_report(session: Session, actor: Actor, report_id: int) -> Report:
    """Return one report. Raises NotFound when missing or not the actor's to see."""
    unit_id = session.scalars(
        select(UnitReport.unit_id).where(UnitReport.id == report_id)
    ).one_or_none()
    if unit_id is None:
        raise NotFound("report")
    seen = _seen(actor, _unit(session, actor, unit_id))
    row = session.execute(_reports(seen).where(UnitReport.id == report_id)).one_or_none()
    if row is None:
        raise NotFound("report")
    return Report(*row)


def reported_unit(session: Session, actor: Actor, unit_id: int) -> Reported:
    """Return a unit about which the actor may give reports. Raises NotFound."""
    at = _unit(session, actor, unit_id)
    if not at.may_add:
        raise NotFound("unit")
    return at


def _unit(session: Session, actor: Actor, unit_id: int) -> Reported:
    pool_id, _state = pool_of_unit(session, unit_id)
    pool = pool_facts(session, [pool_id])[pool_id]
    subject = pool.subject()
    return Reported(
        unit_names(session, {unit_id})[unit_id], pool,
        may(actor, "unit.report", subject), may(actor, "unit.close", subject),
    )  # fmt: skip


def _sees_all(actor: Actor, at: Reported) -> bool:
    return may_look(actor, "unit.report", at.pool.subject())


def _seen(actor: Actor, at: Reported) -> ColumnElement[bool]:
    return true() if _sees_all(actor, at) else UnitReport.user_id == actor.user_id


def _reports(seen: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            UnitReport.id, UnitReport.kind, UnitReport.note, UnitReport.created_at,
            UnitReport.file_id, StoredFile.name, User.name,
        )
        .join(StoredFile, StoredFile.id == UnitReport.file_id)
        .join(User, User.id == UnitReport.user_id)
        .where(seen)
        .order_by(UnitReport.id.desc())
    )  # fmt: skip
