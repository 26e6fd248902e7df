"""Decider groups as pages show them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import DeciderGroup, DeciderGroupMember


def decider_groups(lab_id: int | None) -> Select[DeciderGroup]:
    """Return a query for the groups a lab looks after, the park's for None, by name."""
    own = DeciderGroup.lab_id.is_(None) if lab_id is None else DeciderGroup.lab_id == lab_id
    query = select(DeciderGroup).where(own, DeciderGroup.retired_at.is_(None))
    return query.order_by(DeciderGroup.name_zh, DeciderGroup.id)


def groups_to_ask(session: Session, lab_id: int | None, kept: int = 0) -> list[DeciderGroup]:
    """Return the groups rules of a lab may name: its own and the park's, and `kept`. One query."""
    own = or_(DeciderGroup.lab_id.is_(None), DeciderGroup.lab_id == (lab_id or 0))
    live = DeciderGroup.retired_at.is_(None) & own
    query = select(DeciderGroup).where(or_(live, DeciderGroup.id == kept))
    return list(session.scalars(query.order_by(DeciderGroup.name_zh, DeciderGroup.id)))


def members_of(session: Session, group_ids: Iterable[int]) -> dict[int, list[Any]]:
    """Return the people of these groups by group: rows of (id, name, email). One query."""
    rows = session.execute(
        select(DeciderGroupMember.group_id, User.id, User.name, User.email)
        .join(User, User.id == DeciderGroupMember.user_id)
        .where(DeciderGroupMember.group_id.in_(sorted(group_ids)))
        .order_by(User.name, User.id)
    )
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.group_id, []).append(row)
    return found
