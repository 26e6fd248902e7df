"""What a person is where: companies, institutions, labs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Row,
    Select,
    bindparam,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from booking.companies.models import LabMember, Membership
from booking.companies.queries.company import belongs
from booking.core.actor import Party
from booking.infra.db import run

# Built once: they are asked in every request of a signed-in person.
_PARTIES = (
    select(Membership.company_id, Membership.institution_id, Membership.roles)
    .where(
        Membership.user_id == bindparam("user_id"),
        belongs(bindparam("now")),
    )
    .order_by(Membership.id)
)
# What may be asked for in one statement with others: (kind, place, company, institution, roles).
STANDING: tuple[Select[*tuple[Any, ...]], ...] = (
    _PARTIES.order_by(None).with_only_columns(
        literal_column("0").label("kind"),
        Membership.id.label("place"),
        Membership.company_id,
        Membership.institution_id,
        Membership.roles,
    ),
    select(literal_column("1"), LabMember.lab_id, null(), null(), LabMember.role).where(
        LabMember.user_id == bindparam("user_id")
    ),
)
_STANDING: CompoundSelect[*tuple[Any, ...]] = union_all(*STANDING).order_by("kind", "place")


def parties_of(session: Session, user_id: int, now: datetime) -> tuple[Party, ...]:
    """Return the companies and institutions a person belongs to now, by id. One query."""
    rows = run(session, _PARTIES, {"user_id": user_id, "now": now}).all()
    return tuple(_party(*row) for row in rows)


def standing_of(
    session: Session, user_id: int, now: datetime
) -> tuple[tuple[Party, ...], dict[int, str]]:
    """Return the parties of `parties_of`, and the labs a person works in: id -> role. One query."""
    return standing_in(run(session, _STANDING, {"user_id": user_id, "now": now}).all())


def standing_in(
    rows: Sequence[Row[*tuple[Any, ...]]],
) -> tuple[tuple[Party, ...], dict[int, str]]:
    """Return the parties and labs that rows of STANDING, in order, and of others tell."""
    parties = [_party(company, inst, roles) for kind, _, company, inst, roles in rows if kind == 0]
    return tuple(parties), {lab: role for kind, lab, _, _, role in rows if kind == 1}


def _party(company_id: int | None, institution_id: int | None, roles: str) -> Party:
    return Party(company_id, institution_id, frozenset(roles.split()))
