"""The reasons labs offer to those who reject and cancel."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import LabReason

MOST_OFFERED = 20


def reasons_of(session: Session, lab_ids: Iterable[int | None]) -> list[str]:
    """Return the reasons of these labs in their order, each once, at most 20. One query."""
    keys = sorted({key for key in lab_ids if key is not None})
    query = select(LabReason.text).where(LabReason.lab_id.in_(keys))
    found = session.scalars(query.order_by(LabReason.lab_id, LabReason.position))
    return list(dict.fromkeys(found))[:MOST_OFFERED]
