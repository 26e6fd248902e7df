"""Reports about a unit: given by who works with it, taken away by who looks after it."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import require
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound
from booking.infra.storage.files import drop, use
from booking.reservations.models import UnitReport
from booking.reservations.queries.facts import pool_facts, pool_of_unit
from booking.reservations.queries.reports import reported_unit
from booking.reservations.rules.proposal import require_text

KINDS = ("fault", "calibration", "maintenance")
MOST_REPORTS = 500  # of one unit: ten years of weekly ones


def add_report(
    session: Session, actor: Actor, unit_id: int, kind: str, note: str, file_id: int, now: datetime
) -> int:
    """Return the id of a report about a unit, with a file that was kept.

    Raises NotFound (nobody of the lab, the institution or the park), Invalid.
    """
    reported_unit(session, actor, unit_id)
    if kind not in KINDS:
        raise Invalid("unknown_choice", field="kind")
    require_text("note", note)
    count = select(func.count()).where(UnitReport.unit_id == unit_id)
    if session.execute(count).scalar_one() >= MOST_REPORTS:
        raise Invalid("too_many_reports", field="file", limit=MOST_REPORTS)
    row = UnitReport(
        unit_id=unit_id, kind=kind, note=note, file_id=file_id, user_id=actor.user_id,
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    use(session, file_id)
    after = {"kind": kind, "record": row.id}
    record(session, actor, "unit.report", ("unit", unit_id), now, after=after)
    return row.id


def drop_report(session: Session, actor: Actor, report_id: int, now: datetime) -> int:
    """Return the unit whose report is taken away, with its file. Raises NotFound."""
    row = session.get(UnitReport, report_id)
    if row is None:
        raise NotFound("report")
    pool_id, _state = pool_of_unit(session, row.unit_id)
    require(actor, "unit.close", pool_facts(session, [pool_id])[pool_id].subject())
    unit_id, before = row.unit_id, {"kind": row.kind, "record": row.id}
    gone = delete(UnitReport).where(UnitReport.id == report_id).returning(UnitReport.file_id)
    drop(session, list(session.scalars(gone)), now)
    record(session, actor, "unit.drop_report", ("unit", unit_id), now, before=before)
    return unit_id
