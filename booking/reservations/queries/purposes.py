"""Whose purposes the owner of an instrument is not told, because their company wishes so."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, may
from booking.companies.models import Company
from booking.core.actor import Actor
from booking.inventory.models import Unit
from booking.reservations.models import Reservation


def is_hidden(company: Any = Company) -> ColumnElement[bool]:
    """Return the condition that the owner's side does not read a reservation's purpose.

    Of instruments under customs supervision the owner answers for what they were used for: there
    the wish does not count. The query joins `company`.
    """
    supervised = exists().where(
        Unit.pool_id == Reservation.pool_id, Unit.customs_supervised == 1, Unit.state != "retired"
    )
    return and_(company.hides_purposes == 1, ~supervised)


def hidden_purposes(session: Session, actor: Actor, rows: Iterable[Any]) -> frozenset[int]:
    """Return the ids of those reservations whose purpose this reader is not told.

    Rows have id, user_id and company_id. One query; none where all are the reader's own.
    """
    others = [
        row.id for row in rows
        if row.company_id is not None and not may(
            actor, "reservation.read_purpose", Subject(row.user_id, row.company_id)
        )
    ]  # fmt: skip
    if not others:
        return frozenset()
    query = select(Reservation.id).join(Company, Company.id == Reservation.company_id)
    return frozenset(session.scalars(query.where(Reservation.id.in_(others), is_hidden())))
