"""Who is qualified for a pool or a class, and the quotas set at a place."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.queries.lists import found_in
from booking.policies.models import Qualification, QuotaRow
from booking.policies.queries.own import Scope


def qualified(kind: str, key: str, q: str, now: datetime) -> Select[Qualification, User]:
    """Return a query for (Qualification, User) valid now at a pool or class, by level and name."""
    here = Qualification.category_code == key
    if kind == "pool":
        here = Qualification.pool_id == int(key)
    return (
        select(Qualification, User)
        .join(User, User.id == Qualification.user_id)
        .where(here, Qualification.revoked_at.is_(None), found_in(q, User.name, User.email))
        .where(
            or_(
                Qualification.valid_until.is_(None),
                Qualification.valid_until > now,
                Qualification.suspended_at.is_not(None),
            )
        )
        .order_by(Qualification.level.desc(), User.name, Qualification.id)
    )


def quotas_at(session: Session, scope: Scope) -> Sequence[QuotaRow]:
    """Return the quotas set at a place that hold, oldest first. One query."""
    query = select(QuotaRow).where(
        QuotaRow.scope_kind == scope.kind, QuotaRow.scope_key == scope.key,
        QuotaRow.retired_at.is_(None),
    )  # fmt: skip
    return session.scalars(query.order_by(QuotaRow.id)).all()
