"""Giving a new pool all that was set for another: what holds there, holds here from the start."""

from typing import Any, cast

from sqlalchemy import ColumnElement, Table, insert, select
from sqlalchemy.orm import Session

from booking.infra.db import Base
from booking.policies.models import (
    Acceptance,
    Agreement,
    Qualification,
    Questionnaire,
    QuotaRow,
    RuleValue,
)
from booking.policies.services.settings import renew_edition


def copy_settings(session: Session, from_pool: int, to_pool: int) -> None:
    """Copy a pool's rules, quotas, questions, agreement and qualified people to a new one.

    Who accepted the agreement has accepted the copy. The caller holds the lock of the edition.
    """
    here, there = ("pool", str(from_pool)), {"scope_key": str(to_pool)}
    own = (RuleValue.scope_kind == here[0]) & (RuleValue.scope_key == here[1])
    _copy(session, RuleValue, own, there)
    quotas = (QuotaRow.scope_kind == here[0]) & (QuotaRow.scope_key == here[1])
    _copy(session, QuotaRow, quotas & QuotaRow.retired_at.is_(None), there)
    asked = (Questionnaire.pool_id == from_pool) & Questionnaire.retired_at.is_(None)
    _copy(session, Questionnaire, asked, {"pool_id": to_pool})
    people = (Qualification.pool_id == from_pool) & Qualification.revoked_at.is_(None)
    _copy(session, Qualification, people, {"pool_id": to_pool})
    agreed = (Agreement.scope_kind == here[0]) & (Agreement.scope_key == here[1])
    _copy(session, Agreement, agreed & Agreement.retired_at.is_(None), there)
    _copy_acceptances(session, here[1], there["scope_key"])
    renew_edition(session)


def _copy(
    session: Session, table: type[Base], where: ColumnElement[bool], new: dict[str, Any]
) -> None:
    columns = [c for c in cast(Table, table.__table__).columns if c.name != "id"]
    found = session.execute(select(*columns).where(where)).mappings().all()
    if found:
        session.execute(insert(table), [{**row, **new} for row in found])


def _copy_acceptances(session: Session, from_key: str, to_key: str) -> None:
    """Have the copy of the agreement accepted by whoever accepted the one it was copied from."""
    live = select(Agreement.id).where(
        Agreement.scope_kind == "pool", Agreement.retired_at.is_(None)
    )
    new = session.scalar(live.where(Agreement.scope_key == to_key))
    if new is None:
        return
    _copy(
        session, Acceptance,
        Acceptance.agreement_id.in_(live.where(Agreement.scope_key == from_key)),
        {"agreement_id": new},
    )  # fmt: skip
